using System.Globalization;
using System.Text.Json;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Steps;
using Gantry.Images;
using Gantry.Oci.Images;
using Gantry.Storage.Content;

namespace Gantry.Build.Exporters;

/// <summary>What an image has besides what its Dockerfile says.</summary>
/// <param name="Epoch">The time of all that is made; null: when it was made.</param>
/// <param name="InlineCache">The records of its steps; null: none.</param>
internal sealed record ImageExtras(DateTimeOffset? Epoch, JsonElement? InlineCache);

/// <summary>Makes an image of the store of what a build came to. The same result gives the same image, times included, as those are of the steps.</summary>
/// <param name="images">Where it goes.</param>
/// <param name="workshop">Has the layers.</param>
/// <param name="clock">The time, for images without any layer.</param>
internal sealed class ImageExporter(ImageStore images, LayerWorkshop workshop, TimeProvider clock)
{
    private readonly ImageWriter _writer = new(images);

    /// <summary>Writes the image; when this returns it is on the disk.</summary>
    public Image Export(CompiledImage compiled, LayerResult result, IReadOnlyList<ImageReference> names, ImageExtras extras, ContentLease lease)
    {
        var config = Describe(compiled, result, extras);
        workshop.Synchronize(result.Layers);
        return _writer.Write(lease, config, result.Layers, names);
    }

    /// <summary>Writes an index of images that were composed; when this returns all of it is on the disk.</summary>
    public Image Export(IReadOnlyList<Image> composed, IReadOnlyList<ImageReference> names, ContentLease lease)
    {
        foreach (var image in composed)
            workshop.Synchronize(image.Layers);
        return _writer.Write(lease, composed, names);
    }

    /// <summary>Makes the image's documents without giving it to the store.</summary>
    public Image Compose(CompiledImage compiled, LayerResult result, ImageExtras extras, ContentLease lease) =>
        ImageWriter.Compose(lease, Describe(compiled, result, extras), result.Layers);

    private ImageConfig Describe(CompiledImage compiled, LayerResult result, ImageExtras extras)
    {
        var history = HistoryOf(compiled, result, extras.Epoch);
        return compiled.Config with
        {
            Created = history.LastOrDefault()?.Created ?? Text(extras.Epoch ?? clock.GetUtcNow()),
            InlineCache = extras.InlineCache,
            Config = compiled.Config.Config is { } run ? InOrder(run) : null,
            RootFs = new ImageRootFs { DiffIds = [.. result.Layers.Select(layer => layer.DiffId)] },
            History = history,
        };
    }

    /// <summary>Clients name labels in any order: the same image has them in one.</summary>
    private static ImageRunConfig InOrder(ImageRunConfig run) => run with { Labels = InOrder(run.Labels), ExposedPorts = InOrder(run.ExposedPorts), Volumes = InOrder(run.Volumes) };

    private static Dictionary<string, T>? InOrder<T>(Dictionary<string, T>? map) =>
        map?.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(pair => pair.Key, pair => pair.Value);

    /// <summary>Entries with a layer have its time; the others that of the layer before them, or, at the beginning, of the first new one.</summary>
    private static List<ImageHistory> HistoryOf(CompiledImage compiled, LayerResult result, DateTimeOffset? epoch)
    {
        var history = new List<ImageHistory>();
        var layer = 0;
        foreach (var entry in compiled.History)
        {
            var time = entry.EmptyLayer ? null : layer < result.Created.Count ? result.Created[layer] : null;
            if (!entry.EmptyLayer)
                layer++;
            history.Add(entry.Created is null && time is { } made ? entry with { Created = Text(Earlier(made, epoch)) } : entry);
        }
        var firstGap = history.FindIndex(entry => entry.Created is null);
        if (firstGap < 0)
            return history;
        var current = history.Skip(firstGap).FirstOrDefault(entry => entry.Created is not null)?.Created
            ?? history.LastOrDefault(entry => entry.Created is not null)?.Created ?? (epoch is { } given ? Text(given) : null);
        for (var i = firstGap; i < history.Count; i++)
        {
            if (history[i].Created is { } known)
                current = known;
            else
                history[i] = history[i] with { Created = current };
        }
        return history;
    }

    private static DateTimeOffset Earlier(DateTimeOffset time, DateTimeOffset? limit) => limit is { } most ? most : time;

    private static string Text(DateTimeOffset time)
    {
        var text = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);
        return text + "Z";
    }
}
