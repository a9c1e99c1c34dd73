using System.Globalization;
using Gantry.Api.Model;
using Gantry.Cli.Output;
using Gantry.Cli.Templates;

namespace Gantry.Cli.Commands.Containers;

/// <summary>What <c>ps</c> can show of a container.</summary>
internal static class ContainerColumns
{
    public const string DefaultTable = "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}";

    /// <summary>The columns by docker's names.</summary>
    /// <param name="truncate">Whether long cells are cut.</param>
    public static IReadOnlyList<Column<ContainerSummary>> All(bool truncate) =>
    [
        new("ID", "CONTAINER ID", container => truncate ? HumanText.ShortId(container.Id) : container.Id),
        new("Names", "NAMES", container => FormatNames(container, truncate)),
        new("Image", "IMAGE", container => FormatImage(container, truncate)),
        new("Command", "COMMAND", container => GoJson.Write(truncate ? HumanText.Ellipsis(container.Command, 20) : container.Command, escapeHtml: false)),
        new("CreatedAt", "CREATED AT", static container => HumanText.Timestamp(DateTimeOffset.FromUnixTimeSeconds(container.Created))),
        new("RunningFor", "CREATED", static container => HumanText.Ago(DateTimeOffset.FromUnixTimeSeconds(container.Created))),
        new("Platform", "PLATFORM", static _ => null),
        new("Ports", "PORTS", static container => PortText.Format(container.Ports)),
        new("State", "STATE", static container => container.State),
        new("Status", "STATUS", static container => container.Status),
        new("Size", "SIZE", static container => FormatSize(container)),
        new("Labels", "LABELS", static container => string.Join(',', container.Labels.Select(static label => $"{label.Key}={label.Value}"))),
        new("Label", "", static container => new TemplateMethod(arguments => FindLabel(container, arguments))),
        new("Mounts", "MOUNTS", container => FormatMounts(container, truncate)),
        new("LocalVolumes", "LOCAL VOLUMES", static container =>
            container.Mounts.Count(static mount => mount.Driver == "local").ToString(CultureInfo.InvariantCulture)),
        new("Networks", "NETWORKS", static container => string.Join(',', container.NetworkSettings.Networks.Keys)),
    ];

    private static string FormatNames(ContainerSummary container, bool truncate)
    {
        // A link is a further name with a slash inside.
        var names = container.Names.Select(static name => name.TrimStart('/')).Where(name => !truncate || !name.Contains('/', StringComparison.Ordinal));
        return string.Join(',', names);
    }

    private static string FormatImage(ContainerSummary container, bool truncate)
    {
        if (container.Image.Length == 0)
            return "<no image>";
        if (!truncate)
            return container.Image;
        // An image that lost its name is shown by its ID, and one named by digest without that.
        var shortId = HumanText.ShortIdOf(container.Image);
        if (HumanText.ShortIdOf(container.ImageID).SequenceEqual(shortId))
            return shortId.ToString();
        var digest = container.Image.IndexOf('@', StringComparison.Ordinal);
        return digest > 0 && container.Image.LastIndexOf(':', digest) > container.Image.LastIndexOf('/', digest) ? container.Image[..digest] : container.Image;
    }

    private static string FormatSize(ContainerSummary container)
    {
        var written = HumanText.Size(container.SizeRw, 3);
        return container.SizeRootFs > 0 ? $"{written} (virtual {HumanText.Size(container.SizeRootFs, 3)})" : written;
    }

    private static string FindLabel(ContainerSummary container, IReadOnlyList<object?> arguments) =>
        arguments is [string name] ? container.Labels.GetValueOrDefault(name, "")
            : throw new TemplateException("wrong number of args for Label: want 1 got " + arguments.Count);

    private static string FormatMounts(ContainerSummary container, bool truncate) => string.Join(',', container.Mounts.Select(mount =>
    {
        var name = string.IsNullOrEmpty(mount.Name) ? mount.Source : mount.Name;
        return truncate ? HumanText.Ellipsis(name, 15) : name;
    }));
}
