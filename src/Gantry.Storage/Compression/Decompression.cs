using System.IO.Compression;

namespace Gantry.Storage.Compression;

/// <summary>How content is compressed.</summary>
public enum CompressionKind
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>gzip (RFC 1952).</summary>
    Gzip,

    /// <summary>Zstandard (RFC 8878).</summary>
    Zstd,

    /// <summary>bzip2. Not in images.</summary>
    Bzip2,

    /// <summary>xz. Not in images.</summary>
    Xz,
}

/// <summary>Finds out by its first bytes how content is compressed, as docker does: names and media types are not to be relied on.</summary>
public static class Decompression
{
    /// <summary>How many bytes <see cref="Detect"/> wants to see.</summary>
    public const int MagicLength = 6;

    // Without this switch the framework takes a gzip stream that is cut short for a whole one. It is read when the first one is opened.
    static Decompression() => AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);

    /// <summary>What the first (at least 6) bytes of some content say.</summary>
    public static CompressionKind Detect(ReadOnlySpan<byte> start)
    {
        if (start is [0x1f, 0x8b, ..])
            return CompressionKind.Gzip;
        // RFC 8878: a frame's magic number, or one of the 16 of skippable frames that may precede it.
        var zstd = start is [0x28, 0xb5, 0x2f, 0xfd, ..] or [>= 0x50 and <= 0x5f, 0x2a, 0x4d, 0x18, ..];
        return zstd ? CompressionKind.Zstd
            : start.StartsWith("BZh"u8) ? CompressionKind.Bzip2
            : start is [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] ? CompressionKind.Xz
            : CompressionKind.None;
    }

    /// <summary>A stream of the uncompressed content of <paramref name="source"/>, which it owns.</summary>
    /// <exception cref="Oci.GantryException">The content is compressed with zstd, bzip2 or xz, and what decompresses that is not installed.</exception>
    public static async Task<(Stream Content, CompressionKind Kind)> OpenAsync(Stream source, CancellationToken cancellation = default)
    {
        try
        {
            var start = new byte[MagicLength];
            var length = await source.ReadAtLeastAsync(start, MagicLength, throwOnEndOfStream: false, cancellation);
            var kind = Detect(start.AsSpan(0, length));
            return (Decompress(new PrefixedStream(start.AsMemory(0, length), source), kind), kind);
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    private static Stream Decompress(Stream content, CompressionKind kind) => kind switch
    {
        CompressionKind.Gzip => new GZipStream(content, CompressionMode.Decompress),
        CompressionKind.Zstd => new ZstdStream(content),
        CompressionKind.Bzip2 => new ProgramDecompressionStream(content, "bzip2"),
        CompressionKind.Xz => new ProgramDecompressionStream(content, "xz"),
        _ => content,
    };
}
