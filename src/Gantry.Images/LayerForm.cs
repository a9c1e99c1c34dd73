using System.Globalization;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Oci.Values;

namespace Gantry.Images;

/// <summary>In which form the layers of an image or of a cache are to be: what <c>compression</c> and its companions say.</summary>
/// <param name="Compression">How they are compressed; null: not at all.</param>
/// <param name="Level">How much, in the words of gzip (-2 to 9) or zstd (0 to 22); null: as is usual here.</param>
/// <param name="IsForced">Whether it goes for layers that are compressed otherwise, too, those of the base image among them.</param>
public sealed record LayerForm(LayerCompression? Compression, int? Level = null, bool IsForced = false)
{
    private const string LevelName = "compression-level";
    private const string ForceName = "force-compression";

    /// <summary>Plain layers compressed with gzip.</summary>
    public static LayerForm Gzip { get; } = new(LayerCompression.Gzip);

    /// <summary>Reads <c>compression</c>, <c>compression-level</c> and <c>force-compression</c>.</summary>
    /// <returns>The form; null: none of them is there.</returns>
    /// <exception cref="GantryException">One is malformed.</exception>
    public static LayerForm? Parse(IReadOnlyDictionary<string, string> attributes)
    {
        var kind = attributes.GetValueOrDefault("compression", "");
        if (kind.Length == 0 && !attributes.ContainsKey(LevelName) && !attributes.ContainsKey(ForceName))
            return null;
        LayerCompression? compression = kind switch
        {
            "" or "gzip" => LayerCompression.Gzip,
            "zstd" => LayerCompression.Zstd,
            "uncompressed" => null,
            _ => throw GantryException.Invalid($"unsupported layer compression type: {kind}: uncompressed, gzip or zstd"),
        };
        return new LayerForm(compression, LevelOf(attributes, compression), IsForcedBy(attributes));
    }

    /// <summary>Whether a layer has another form, and is to be given this one.</summary>
    internal bool Changes(Descriptor blob)
    {
        if (IsPlain(blob))
            return Compression is not null;
        // Of others, such as foreign layers, not even the content may be here.
        LayerCompression? current = blob.MediaType switch
        {
            MediaTypes.DockerLayerGzip or MediaTypes.OciLayerGzip => LayerCompression.Gzip,
            MediaTypes.OciLayerZstd => LayerCompression.Zstd,
            _ => null,
        };
        return IsForced && current is not null && current != Compression;
    }

    /// <summary>Whether a layer is not compressed.</summary>
    internal static bool IsPlain(Descriptor blob) => blob.MediaType is MediaTypes.DockerLayer or MediaTypes.OciLayer;

    private static bool IsForcedBy(IReadOnlyDictionary<string, string> attributes) =>
        attributes.GetValueOrDefault(ForceName) is { } text && (text.Length == 0
            || (GoBoolean.Parse(text) ?? throw GantryException.Invalid($"non-bool value {text} specified for {ForceName}")));

    private static int? LevelOf(IReadOnlyDictionary<string, string> attributes, LayerCompression? compression)
    {
        if (attributes.GetValueOrDefault(LevelName) is not { } text)
            return null;
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var level))
            throw GantryException.Invalid($"non-integer value {text} specified for {LevelName}");
        return compression switch
        {
            // -1: what zlib takes for usual, -2: Huffman codes alone, as of Go's gzip.
            LayerCompression.Gzip when level is < -2 or > 9 => throw GantryException.Invalid($"gzip: invalid compression level: {level}: -2 to 9"),
            LayerCompression.Zstd when level > 22 => throw GantryException.Invalid($"zstd: invalid compression level: {level}: 0 to 22"),
            // BuildKit's zstd takes whatever is below 0 for its usual level.
            LayerCompression.Zstd when level < 0 => null,
            null => throw GantryException.Invalid($"{LevelName}={level} with layers that are not compressed"),
            _ => level,
        };
    }
}
