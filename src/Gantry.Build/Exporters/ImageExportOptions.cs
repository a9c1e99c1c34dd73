using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Oci.Values;

namespace Gantry.Build.Exporters;

/// <summary>Where an annotation goes.</summary>
public enum AnnotationPlace
{
    /// <summary>The manifest of an image.</summary>
    Manifest,

    /// <summary>The index.</summary>
    Index,

    /// <summary>The entry of the index that names an image.</summary>
    ManifestDescriptor,

    /// <summary>The entry of a layout's index that names an index.</summary>
    IndexDescriptor,
}

/// <summary>An annotation of an image.</summary>
/// <param name="Place">Where it goes.</param>
/// <param name="Platform">Of which image of several; null: of all.</param>
/// <param name="Key">Its name.</param>
/// <param name="Value">Its value.</param>
public sealed record ImageAnnotation(AnnotationPlace Place, Platform? Platform, string Key, string Value);

/// <summary>
/// In which form an image is exported: what outputs of type <c>image</c>, <c>registry</c>, <c>oci</c> and <c>docker</c> say besides where to.
/// </summary>
public sealed record ImageExportOptions
{
    private const string AnnotationPrefix = "annotation";

    /// <summary>As it is.</summary>
    public static ImageExportOptions Plain { get; } = new();

    /// <summary>In which form the layers are; null: nothing is said of it, they are as they are.</summary>
    public LayerForm? Layers { get; init; }

    /// <summary>Whether attestations are artifacts that refer to their image; otherwise images for no platform.</summary>
    public bool AttestsByArtifacts { get; init; }

    /// <summary>How a push compresses layers that are plain yet; null: not at all, as their form was told.</summary>
    public LayerCompression? PushCompression => Layers is null ? LayerCompression.Gzip : null;

    /// <summary>Whether the image is pushed without a tag: its name is that of a repository alone.</summary>
    public bool PushesByDigest { get; init; }

    /// <summary>Annotations.</summary>
    public IReadOnlyList<ImageAnnotation> Annotations { get; init; } = [];

    /// <summary>Reads the attributes of an output.</summary>
    /// <exception cref="GantryException">One is malformed, or asks for what is not done.</exception>
    public static ImageExportOptions Parse(IReadOnlyDictionary<string, string> attributes)
    {
        return new ImageExportOptions
        {
            Layers = LayerForm.Parse(attributes),
            AttestsByArtifacts = IsTrue(attributes, "oci-artifact"),
            PushesByDigest = IsTrue(attributes, "push-by-digest"),
            Annotations = [.. attributes.Where(attribute => IsAnnotation(attribute.Key)).Select(attribute => Annotation(attribute.Key, attribute.Value))
                .OrderBy(annotation => annotation.Key, StringComparer.Ordinal)],
        };
    }

    private static bool IsAnnotation(string key) =>
        key.StartsWith(AnnotationPrefix + ".", StringComparison.Ordinal) || key.StartsWith(AnnotationPrefix + "-", StringComparison.Ordinal)
            || key.StartsWith(AnnotationPrefix + "[", StringComparison.Ordinal);

    /// <summary><c>annotation[-PLACE][[PLATFORM]].KEY</c>.</summary>
    private static ImageAnnotation Annotation(string text, string value)
    {
        var rest = text[AnnotationPrefix.Length..];
        var place = AnnotationPlace.Manifest;
        if (rest.StartsWith('-'))
        {
            var end = rest.IndexOfAny(['.', '[']);
            place = (end < 0 ? rest : rest[1..end]) switch
            {
                "manifest" => AnnotationPlace.Manifest,
                "index" => AnnotationPlace.Index,
                "manifest-descriptor" => AnnotationPlace.ManifestDescriptor,
                "index-descriptor" => AnnotationPlace.IndexDescriptor,
                var other => throw GantryException.Invalid($"unknown annotation type {other}: manifest, index, manifest-descriptor or index-descriptor"),
            };
            rest = rest[end..];
        }
        Platform? platform = null;
        if (rest.StartsWith('[') && rest.IndexOf(']', StringComparison.Ordinal) is var close and > 0)
        {
            platform = Platform.Parse(rest[1..close]);
            rest = rest[(close + 1)..];
        }
        return rest.Length > 1 && rest[0] == '.' ? new ImageAnnotation(place, platform, rest[1..], value)
            : throw GantryException.Invalid($"invalid annotation {text}={value}");
    }

    private static bool IsTrue(IReadOnlyDictionary<string, string> attributes, string name) => GoBoolean.Parse(attributes.GetValueOrDefault(name)) is true;
}
