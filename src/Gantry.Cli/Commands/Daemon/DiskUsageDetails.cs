using System.Text;
using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Cli.Commands.Containers;
using Gantry.Cli.Commands.Images;
using Gantry.Cli.Commands.Volumes;
using Gantry.Cli.Output;
using Gantry.Cli.Session;
using Gantry.Cli.Templates;

namespace Gantry.Cli.Commands.Daemon;

/// <summary>What <c>system df --verbose</c> shows: a table for each kind of object, or one document with all of them.</summary>
internal static class DiskUsageDetails
{
    private const string ImageTable =
        "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}\t{{.LastUsed}}";

    private const string ContainerTable =
        "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}";

    public static void Write(CommandSession session, SystemDiskUsageResponse usage, string format)
    {
        // Sizes of roots are not part of what docker shows here.
        var images = (usage.Images ?? []).SelectMany(static image => ImageRow.Of(image, digests: false)).ToArray();
        var containers = (usage.Containers ?? []).Select(static container => container with { SizeRootFs = 0 }).ToArray();
        var volumes = usage.Volumes ?? [];
        if (format is "" or "table")
            WriteTables(session, images, containers, volumes, usage.BuildCache ?? []);
        else
            WriteDocument(session, format, images, containers, volumes, usage.BuildCache ?? []);
    }

    private static void WriteTables(
        CommandSession session, ImageRow[] images, ContainerSummary[] containers, IReadOnlyList<VolumeResource> volumes, IReadOnlyList<BuildCacheRecord> cache)
    {
        session.Print("Images space usage:\n");
        Listing.Write(session.Out, "", ImageTable, ImageColumns.OfUsage, images, "formatter.imageContext");
        session.Print("\nContainers space usage:\n");
        Listing.Write(session.Out, "", ContainerTable, ContainerColumns.All(truncate: true), containers, "formatter.containerContext");
        session.Print("\nLocal Volumes space usage:\n");
        Listing.Write(session.Out, "", "{{.Name}}\t{{.Links}}\t{{.Size}}", VolumeListCommand.Columns, volumes, "formatter.volumeContext");
        session.Print($"\nBuild cache usage: {HumanText.Size(cache.Sum(static one => one.Size))}\n");
        Listing.Write(
            session.Out, "", "{{.ID}}\t{{.CacheType}}\t{{.Size}}\t{{.CreatedSince}}\t{{.LastUsedSince}}\t{{.UsageCount}}\t{{.Shared}}",
            BuildCacheColumns.All, cache,
            "formatter.buildCacheContext");
    }

    private static void WriteDocument(
        CommandSession session, string format, ImageRow[] images, ContainerSummary[] containers, IReadOnlyList<VolumeResource> volumes,
        IReadOnlyList<BuildCacheRecord> cache)
    {
        var document = $$"""
            {"Images":{{Rows(ImageColumns.OfUsage, images)}},"Containers":{{Rows(ContainerColumns.All(truncate: false), containers)}},
            "Volumes":{{Rows(VolumeListCommand.Columns, volumes)}},"BuildCache":{{Rows(BuildCacheColumns.All, cache)}} }
            """;
        using var json = JsonDocument.Parse(document);
        var text = new StringBuilder();
        try
        {
            Listing.ParseTemplate(format == "json" ? "{{json .}}" : format).Execute(JsonTemplateMap.Wrap(json.RootElement), text);
        }
        catch (TemplateException error)
        {
            throw new CommandException($"failed to execute template: {error.Message}");
        }
        session.Print(text.ToString());
    }

    // Columns that take an argument (a label's name) are no part of a document.
    private static string Rows<T>(IReadOnlyList<Column<T>> columns, IEnumerable<T> items)
        where T : class
    {
        Column<T>[] plain = [.. columns.Where(static column => column.Title.Length > 0)];
        return "[" + string.Join(',', items.Select(item => GoJson.Write(new Row<T>(plain, item, ""), escapeHtml: false))) + "]";
    }
}
