using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gantry.Oci.Json;

namespace Gantry.Oci.Images;

/// <summary>
/// A manifest, index or configuration together with the bytes it was read from. The digest is always that of those bytes: a document is
/// never serialised a second time, because no two writers agree on each byte.
/// </summary>
/// <typeparam name="T">The type of the document.</typeparam>
public sealed class ImageDocument<T> where T : class
{
    internal ImageDocument(ReadOnlyMemory<byte> bytes, Digest digest, T value) => (Bytes, Digest, Value) = (bytes, digest, value);

    /// <summary>The bytes, as read.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The digest of <see cref="Bytes"/>.</summary>
    public Digest Digest { get; }

    /// <summary>What the bytes say. Treat it as read-only.</summary>
    public T Value { get; }
}

/// <summary>Reads image documents and writes new ones.</summary>
public static class ImageDocument
{
    /// <summary>The longest manifest, index or configuration that is read, in bytes; registries agree on 4 MiB, docker loads a little more.</summary>
    public const int MaxLength = 8 << 20;

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="GantryException">It is malformed, too long, or could be read as an index as well.</exception>
    public static ImageDocument<ImageManifest> ReadManifest(ReadOnlyMemory<byte> bytes)
    {
        RefuseAmbiguous(bytes, "manifest", "manifests");
        return Read(bytes, OciImageJson.Default.ImageManifest, "image manifest");
    }

    /// <summary>Reads an index.</summary>
    /// <exception cref="GantryException">It is malformed, too long, or could be read as a manifest as well.</exception>
    public static ImageDocument<ImageIndex> ReadIndex(ReadOnlyMemory<byte> bytes)
    {
        RefuseAmbiguous(bytes, "index", "layers", "config", "fsLayers");
        return Read(bytes, OciImageJson.Default.ImageIndex, "image index");
    }

    /// <summary>Reads a configuration.</summary>
    /// <exception cref="GantryException">It is malformed or too long.</exception>
    public static ImageDocument<ImageConfig> ReadConfig(ReadOnlyMemory<byte> bytes) =>
        Read(bytes, OciImageJson.Default.ImageConfig, "image configuration");

    /// <summary>A new manifest, with the bytes it is written in from now on.</summary>
    public static ImageDocument<ImageManifest> Create(ImageManifest manifest) => Create(manifest, OciImageJson.Plain.ImageManifest);

    /// <summary>A new index, with the bytes it is written in from now on.</summary>
    public static ImageDocument<ImageIndex> Create(ImageIndex index) => Create(index, OciImageJson.Plain.ImageIndex);

    /// <summary>A new configuration, with the bytes it is written in from now on.</summary>
    public static ImageDocument<ImageConfig> Create(ImageConfig config) => Create(config, OciImageJson.Plain.ImageConfig);

    private static ImageDocument<T> Create<T>(T value, JsonTypeInfo<T> type) where T : class
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value, type);
        return new ImageDocument<T>(bytes, Digest.Compute(bytes), value);
    }

    private static ImageDocument<T> Read<T>(ReadOnlyMemory<byte> bytes, JsonTypeInfo<T> type, string what) where T : class
    {
        if (bytes.Length > MaxLength)
            throw GantryException.Invalid($"read {what}: {bytes.Length} bytes are more than the {MaxLength} allowed");
        try
        {
            ForeignJson.Verify(bytes.Span);
            var value = JsonSerializer.Deserialize(bytes.Span, type) ?? throw new JsonException("the document is null");
            return new ImageDocument<T>(bytes, Digest.Compute(bytes.Span), value);
        }
        catch (JsonException e)
        {
            throw GantryException.Invalid($"read {what}: {e.Message}", e);
        }
    }

    /// <summary>
    /// A document that is both a manifest and an index means different images to different readers (CVE-2021-41190): refuse it whatever its media type.
    /// </summary>
    private static void RefuseAmbiguous(ReadOnlyMemory<byte> bytes, string what, params ReadOnlySpan<string> foreign)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes.Span);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                    continue;
                foreach (var name in foreign)
                {
                    if (reader.ValueTextEquals(name))
                        throw GantryException.Invalid($"read image {what}: it has \"{name}\", which does not belong there");
                }
            }
        }
        catch (JsonException e)
        {
            throw GantryException.Invalid($"read image {what}: {e.Message}", e);
        }
    }
}
