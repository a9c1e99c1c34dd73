using System.Globalization;
using System.Text;
using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Templates;
using Gantry.Client;
using Gantry.Compose;
using Gantry.Compose.Running;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose images</c>: lists the images of a project's containers.</summary>
internal sealed class ComposeImagesCommand(FlagSet flags) : ProjectCommand
{
    private readonly ValueFlag<string> _format = flags.String("format", "Format the output. Values: [table | json]", "table");
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Only display IDs");

    public static CommandEntry Entry =>
        new(["compose images"], "[OPTIONS] [SERVICE...]", "List images used by the created containers", ArgumentCount.Any, static flags =>
            new ComposeImagesCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        var (_, name) = session.ProjectOrName(arguments);
        var engine = session.QuietEngine();
        var containers = await engine.ListAsync(name, null, all: true, arguments).ConfigureAwait(false);
        var rows = new List<Used>();
        foreach (var container in containers)
        {
            try
            {
                var body = await engine.Client.InspectImageRawAsync(container.ImageID, null).ConfigureAwait(false);
                rows.Add(new Used(container.Name(), container.Image, JsonSerializer.Deserialize(body, ApiJson.Wire.ImageInspectResponse)!));
            }
            catch (ClientException error) when (error.IsNotFound)
            {
                // The image was removed by force; there is nothing to tell of it.
            }
        }
        if (_quiet.Value)
        {
            foreach (var id in rows.Select(static row => row.Image.Id["sha256:".Length..]).Distinct())
                session.Session.Print(id);
            return 0;
        }
        var format = _format.Value == "table" ? "" : _format.Value;
        if (format is not ("" or "json"))
            throw new ComposeException($"format value \"{_format.Value}\" could not be parsed: parsing failed");
        if (format == "json")
        {
            session.Session.Print($"[{string.Join(',', rows.Select(Json))}]\n");
            return 0;
        }
        Listing.Write(session.Session.Out, format, "{{.ContainerName}}\t{{.Repository}}\t{{.Tag}}\t{{.Platform}}\t{{.ID}}\t{{.Size}}\t{{.Created}}", Columns,
            rows, "formatter.ImageContext");
        return 0;
    }

    private static string Json(Used row)
    {
        var text = new StringBuilder("{\"ID\":");
        GoJson.AppendString(text, row.Image.Id, escapeHtml: true);
        foreach (var (key, column) in ((string, int)[])[("ContainerName", 0), ("Repository", 1), ("Tag", 2), ("Platform", 3)])
        {
            text.Append($",\"{key}\":");
            GoJson.AppendString(text, Columns[column].Value(row)?.ToString() ?? "", escapeHtml: true);
        }
        text.Append(CultureInfo.InvariantCulture, $",\"Size\":{row.Image.Size}");
        if (row.Image.Created is { } created)
            text.Append(CultureInfo.InvariantCulture, $",\"Created\":\"{created.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'}\"");
        return text.Append(CultureInfo.InvariantCulture,
            $",\"LastTagTime\":\"{row.Image.Metadata.LastTagTime.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'}\"}}").ToString();
    }

    private static IReadOnlyList<Column<Used>> Columns { get; } =
    [
        new("ContainerName", "CONTAINER", static row => row.Container),
        new("Repository", "REPOSITORY", static row => ImageReference.TryParse(row.Name, out var reference) ? reference.FamiliarName : row.Name),
        new("Tag", "TAG", static row => ImageReference.TryParse(row.Name, out var reference) ? reference.WithDefaultTag().Tag ?? "<none>" : "<none>"),
        new("Platform", "PLATFORM", static row => $"{row.Image.Os}/{row.Image.Architecture}{(row.Image.Variant is null ? "" : "/" + row.Image.Variant)}"),
        new("ID", "IMAGE ID", static row => HumanText.ShortId(row.Image.Id)),
        new("Size", "SIZE", static row => HumanText.Size(row.Image.Size, 3)),
        new("Created", "CREATED", static row => row.Image.Created is { } created ? HumanText.Ago(created) : "N/A"),
    ];

    private sealed record Used(string Container, string Name, ImageInspectResponse Image);
}
