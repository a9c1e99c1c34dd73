using Gantry.Build.Contexts;
using Gantry.Images;

namespace Gantry.Build.Steps;

/// <summary>What a node came to.</summary>
public abstract record StepResult;

/// <summary>Files in layers: each is an archive in the content store and an unpacked snapshot.</summary>
/// <param name="Layers">The layers, the lowest first; none: no files.</param>
/// <param name="Created">When each was made; null for those of a base image, whose history says it.</param>
public sealed record LayerResult(IReadOnlyList<ImageLayer> Layers, IReadOnlyList<DateTimeOffset?> Created) : StepResult
{
    /// <summary>No files.</summary>
    public static LayerResult Empty { get; } = new([], []);

    /// <summary>What the mounts of a process have become that are results, in their order.</summary>
    public IReadOnlyList<LayerResult> Mounts { get; init; } = [];

    /// <summary>All layers, those of mounts included.</summary>
    public IEnumerable<ImageLayer> AllLayers => Layers.Concat(Mounts.SelectMany(mount => mount.Layers));

    /// <summary>The layers of an image.</summary>
    public static LayerResult Of(Image image) => new(image.Layers, new DateTimeOffset?[image.Layers.Count]);

    /// <summary>The key of the topmost snapshot; null: there is none.</summary>
    public string? TopSnapshot => Layers.Count == 0 ? null : Layers[^1].ChainId.ToString();

    /// <summary>What the files are, as a text.</summary>
    public string Identity => TopSnapshot ?? "scratch";
}

/// <summary>Files of a context.</summary>
/// <param name="Files">The files.</param>
public sealed record FilesResult(FileSet Files) : StepResult;
