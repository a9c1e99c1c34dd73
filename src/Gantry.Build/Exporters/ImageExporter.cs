using System.Globalization;
using System.Text.Json;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Graph;
using Gantry.Build.Steps;
using Gantry.Images;
using Gantry.Images.Push;
using Gantry.Oci.Images;
using Gantry.Storage.Content;

namespace Gantry.Build.Exporters;

/// <summary>What an image has besides what its Dockerfile says.</summary>
/// <param name="Epoch">The time of all that is made; null: when it was made.</param>
/// <param name="InlineCache">The records of its steps; null: none.</param>
internal sealed record ImageExtras(DateTimeOffset? Epoch, JsonElement? InlineCache);

/// <summary>Makes an image of the store of what a build came to. The same result gives the same image, times included, as those are of the steps.</summary>
/// <param name="images">Where it goes.</param>
/// <param name="content">Where archives of layers are.</param>
/// <param name="workshop">Has the layers.</param>
/// <param name="clock">The time, for the files of steps that failed.</param>
internal sealed class ImageExporter(ImageStore images, ContentStore content, LayerWorkshop workshop, TimeProvider clock)
{
    private readonly ImageWriter _writer = new(images);

    /// <summary>Gives an image or an index to the store; when this returns it is on the disk.</summary>
    public Image Store(Image composed, IReadOnlyList<ImageReference> names)
    {
        workshop.Synchronize(composed.Layers);
        return _writer.Store(composed, names);
    }

    /// <summary>Makes the documents of an image, held by the lease.</summary>
    public async Task<Image> ComposeAsync(
        CompiledImage compiled, LayerResult result, ImageExtras extras, ImageExportOptions options, ContentLease lease, CancellationToken cancellation)
    {
        var config = Describe(compiled, result, extras);
        var layers = result.Layers;
        if (options.Layers is { } form)
            layers = await CompressAsync(layers, form, lease, cancellation);
        return ImageWriter.Compose(lease, config, layers, Annotations(options, AnnotationPlace.Manifest, config.Platform));
    }

    /// <summary>Makes an index of images and what is said of them, held by the lease.</summary>
    public Image Index(IReadOnlyList<Image> composed, IReadOnlyList<Descriptor> statements, ImageExportOptions options, ContentLease lease)
    {
        // The store brings one image's layers to the disk: the others' are brought here.
        foreach (var image in composed)
            workshop.Synchronize(image.Layers);
        var entries = composed.Select(image => Annotations(options, AnnotationPlace.ManifestDescriptor, image.Config.Platform));
        return ImageWriter.Compose(lease, composed, [.. entries], statements, Annotations(options, AnnotationPlace.Index, null));
    }

    /// <summary>Makes an image of the files of a step that failed, without a name: a container of it has what the step had, but for its mounts.</summary>
    public Image Keep(ImageConfig config, ExecOperation step, LayerResult state, ContentLease lease) => Store(
        ImageWriter.Compose(lease, config with
        {
            Created = Text(clock.GetUtcNow()),
            Config = new ImageRunConfig { Env = [.. step.Environment], WorkingDir = step.WorkingDirectory, User = step.User, Cmd = [.. step.Arguments] },
            RootFs = new ImageRootFs { DiffIds = [.. state.Layers.Select(layer => layer.DiffId)] },
        }, state.Layers), []);

    private static Dictionary<string, string>? Annotations(ImageExportOptions options, AnnotationPlace place, Platform? platform)
    {
        var wanted = options.Annotations.Where(annotation => annotation.Place == place && (annotation.Platform is null || annotation.Platform == platform))
            .ToList();
        return wanted.Count == 0 ? null : wanted.GroupBy(annotation => annotation.Key).ToDictionary(group => group.Key, group => group.Last().Value);
    }

    private async Task<IReadOnlyList<ImageLayer>> CompressAsync(
        IReadOnlyList<ImageLayer> layers, LayerForm form, ContentLease lease, CancellationToken cancellation)
    {
        var compressor = new LayerCompressor(content, form);
        var compressed = new List<ImageLayer>(layers.Count);
        foreach (var layer in layers)
            compressed.Add(compressor.Changes(layer.Blob)
                ? layer with { Blob = (await compressor.CompressAsync(layer.Blob, lease, static _ => { }, cancellation)).Blob } : layer);
        return compressed;
    }

    private ImageConfig Describe(CompiledImage compiled, LayerResult result, ImageExtras extras)
    {
        var history = HistoryOf(compiled, result, extras.Epoch);
        return compiled.Config with
        {
            // Without any layer there is no time: a clock's would make another image at each build.
            Created = history.LastOrDefault()?.Created ?? (extras.Epoch is { } epoch ? Text(epoch) : null),
            InlineCache = extras.InlineCache,
            Config = compiled.Config.Config is { } run ? InOrder(run) : null,
            RootFs = new ImageRootFs { DiffIds = [.. result.Layers.Select(layer => layer.DiffId)] },
            History = history,
        };
    }

    /// <summary>Clients name labels in any order: the same image has them in one.</summary>
    private static ImageRunConfig InOrder(ImageRunConfig run) =>
        run with { Labels = InOrder(run.Labels), ExposedPorts = InOrder(run.ExposedPorts), Volumes = InOrder(run.Volumes) };

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
