using Gantry.Oci.Images;

namespace Gantry.Images;

/// <summary>One layer of an image.</summary>
/// <param name="Blob">The layer's archive in the content store.</param>
/// <param name="DiffId">The digest of the uncompressed archive.</param>
/// <param name="ChainId">The identity of this layer on top of those below (OCI image-spec, config.md, "Layer ChainID"); the key of its snapshot.</param>
/// <param name="Size">The sum of the sizes of its files in bytes, or the archive's length while that is not known.</param>
public sealed record ImageLayer(Descriptor Blob, Digest DiffId, Digest ChainId, long Size);

/// <summary>An image of the store, for one platform. It does not change: after a tag or removal the store has another object.</summary>
public sealed record Image
{
    /// <summary>The digest of the configuration: docker's image ID.</summary>
    public required Digest Id { get; init; }

    /// <summary>The manifest that the layers come from.</summary>
    public required Descriptor Manifest { get; init; }

    /// <summary>What the image's names refer to: the manifest, or an index that holds it for this platform.</summary>
    public required Descriptor Target { get; init; }

    /// <summary>What the configuration says. Treat it as read-only; <see cref="ImageStore.ReadConfig"/> has its bytes.</summary>
    public required ImageConfig Config { get; init; }

    /// <summary>The layers, the lowest first.</summary>
    public required IReadOnlyList<ImageLayer> Layers { get; init; }

    /// <summary>The names with a tag, in familiar form, sorted.</summary>
    public IReadOnlyList<string> RepoTags { get; init; } = [];

    /// <summary>The names with a digest, in familiar form, sorted.</summary>
    public IReadOnlyList<string> RepoDigests { get; init; } = [];

    /// <summary>When one of the names was last set; null when there is none.</summary>
    public DateTimeOffset? TaggedAt { get; init; }

    /// <summary>The sum of the sizes of all layers' files, in bytes.</summary>
    public long Size => Layers.Sum(layer => layer.Size);

    /// <summary>When the image was made.</summary>
    public DateTimeOffset? Created => Config.CreatedAt;

    /// <summary>The key of the topmost layer's snapshot; null for an image without layers.</summary>
    public string? TopSnapshot => Layers.Count == 0 ? null : Layers[^1].ChainId.ToString();

    /// <summary>The labels, or none.</summary>
    public IReadOnlyDictionary<string, string> Labels => Config.Config?.Labels ?? EmptyLabels;

    private static readonly Dictionary<string, string> EmptyLabels = [];
}

/// <summary>A container that was made from an image.</summary>
/// <param name="ContainerId">The container's ID.</param>
/// <param name="Running">Whether it runs (or is paused): then nothing removes the image.</param>
public readonly record struct ImageUser(string ContainerId, bool Running);

/// <summary>Who uses an image; the engine answers, running containers first.</summary>
/// <param name="image">The image's ID.</param>
public delegate IEnumerable<ImageUser> ImageUsers(Digest image);

/// <summary>Something happened to an image, for <c>docker events</c>.</summary>
/// <param name="Action"><c>tag</c>, <c>untag</c>, <c>delete</c>, <c>load</c>, <c>import</c>, <c>save</c> or <c>prune</c>.</param>
/// <param name="Id">The image's ID as text; empty for <c>prune</c>.</param>
/// <param name="Attributes">The name under which it happened as <c>name</c>, and the image's labels; <c>reclaimed</c> for <c>prune</c>.</param>
public sealed record ImageEvent(string Action, string Id, IReadOnlyDictionary<string, string> Attributes)
{
    /// <summary>An event of one image, with docker's attributes.</summary>
    public static ImageEvent Of(string action, Image image, string name) =>
        new(action, image.Id.ToString(), new Dictionary<string, string>(image.Labels) { ["name"] = name });
}
