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

    /// <summary>How plain layers are compressed; null: not at all.</summary>
    public LayerCompression? Compression { get; init; }

    /// <summary>Whether the image is pushed without a tag: its name is that of a repository alone.</summary>
    public bool PushesByDigest { get; init; }

    /// <summary>Annotations.</summary>
    public IReadOnlyList<ImageAnnotation> Annotations { get; init; } = [];

    /// <summary>Reads the attributes of an output.</summary>
    /// <exception cref="GantryException">One is malformed, or asks for what is not done.</exception>
    public static ImageExportOptions Parse(IReadOnlyDictionary<string, string> attributes)
    {
        if (attributes.ContainsKey("compression-level") || IsTrue(attributes, "force-compression"))
            throw GantryException.NotImplemented("compression-level and force-compression are not implemented: layers that are compressed stay as they are");
        if (IsTrue(attributes, "oci-artifact"))
            throw GantryException.NotImplemented("oci-artifact is not implemented in this version of Gantry: attestations are manifests of the index");
        return new ImageExportOptions
        {
            Compression = attributes.GetValueOrDefault("compression", "") switch
            {
                "" or "uncompressed" => null,
                "gzip" => LayerCompression.Gzip,
                "zstd" => LayerCompression.Zstd,
                var kind => throw GantryException.Invalid($"unsupported layer compression type: {kind}: uncompressed, gzip or zstd"),
            },
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
