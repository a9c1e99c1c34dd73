using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gantry.Oci.Images;

/// <summary>
/// A validated content digest, <c>sha256:…</c> or <c>sha512:…</c> in lower-case hexadecimal (OCI image-spec, descriptor.md, "Digests").
/// The default value is empty: it names nothing and is never written.
/// </summary>
[JsonConverter(typeof(DigestJsonConverter))]
public readonly record struct Digest : IComparable<Digest>
{
    private const string Sha256Prefix = "sha256:";
    private const string Sha512Prefix = "sha512:";
    private readonly string? _text;

    private Digest(string text) => _text = text;

    /// <summary>True for the default value.</summary>
    public bool IsEmpty => _text is null;

    /// <summary><c>sha256</c> or <c>sha512</c>; empty for the default value.</summary>
    public string Algorithm => _text is null ? "" : _text[..6];

    /// <summary>The hexadecimal digits, without the algorithm.</summary>
    public string Hex => _text is null ? "" : _text[7..];

    /// <summary>The first 12 hexadecimal digits, as docker prints IDs.</summary>
    public string Short => _text is null ? "" : _text.Substring(7, 12);

    /// <summary>Reads a digest.</summary>
    /// <exception cref="GantryException">The text is not one; docker's texts tell why.</exception>
    public static Digest Parse(string text) =>
        TryParse(text, out var digest) ? digest : throw GantryException.Invalid(Explain(text));

    /// <summary>Reads a digest; false when the text is not one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        digest = default;
        if (text is null)
            return false;
        var valid = (text.Length == 7 + 64 && text.StartsWith(Sha256Prefix, StringComparison.Ordinal))
            || (text.Length == 7 + 128 && text.StartsWith(Sha512Prefix, StringComparison.Ordinal));
        if (!valid || text.AsSpan(7).ContainsAnyExcept("0123456789abcdef"))
            return false;
        digest = new Digest(text);
        return true;
    }

    /// <summary>The SHA-256 digest of <paramref name="content"/>.</summary>
    public static Digest Compute(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return FromSha256(hash);
    }

    /// <summary>The digest whose 32 hash bytes are known.</summary>
    /// <exception cref="ArgumentException">There are not 32 bytes.</exception>
    public static Digest FromSha256(ReadOnlySpan<byte> hash) =>
        hash.Length == SHA256.HashSizeInBytes
            ? new Digest(Sha256Prefix + Convert.ToHexStringLower(hash))
            : throw new ArgumentException("a SHA-256 hash has 32 bytes", nameof(hash));

    /// <summary>The SHA-256 digest of 64 hexadecimal digits; false when it is anything else.</summary>
    public static bool TryParseHex(string hex, out Digest digest) => TryParse(Sha256Prefix + hex, out digest);

    /// <summary>An empty hash computation of this digest's algorithm, to verify content against it.</summary>
    /// <exception cref="InvalidOperationException">The digest is empty.</exception>
    public IncrementalHash CreateHash() => Algorithm switch
    {
        "sha256" => IncrementalHash.CreateHash(HashAlgorithmName.SHA256),
        "sha512" => IncrementalHash.CreateHash(HashAlgorithmName.SHA512),
        _ => throw new InvalidOperationException("an empty digest has no algorithm"),
    };

    /// <summary>Whether <paramref name="hash"/>, as computed by <see cref="CreateHash"/>, is this digest's.</summary>
    public bool Matches(ReadOnlySpan<byte> hash) => _text is not null && Convert.ToHexStringLower(hash).AsSpan().SequenceEqual(_text.AsSpan(7));

    /// <inheritdoc/>
    public int CompareTo(Digest other) => string.CompareOrdinal(_text, other._text);

    /// <summary>The text <c>algorithm:hex</c>; empty for the default value.</summary>
    public override string ToString() => _text ?? "";

    /// <summary>Ordinal order of the texts.</summary>
    public static bool operator <(Digest left, Digest right) => left.CompareTo(right) < 0;

    /// <summary>Ordinal order of the texts.</summary>
    public static bool operator >(Digest left, Digest right) => left.CompareTo(right) > 0;

    /// <summary>Ordinal order of the texts.</summary>
    public static bool operator <=(Digest left, Digest right) => left.CompareTo(right) <= 0;

    /// <summary>Ordinal order of the texts.</summary>
    public static bool operator >=(Digest left, Digest right) => left.CompareTo(right) >= 0;

    /// <summary>Why <paramref name="text"/> is no digest, in the words docker's clients know.</summary>
    internal static string Explain(string text)
    {
        var colon = text.IndexOf(':');
        if (colon <= 0 || colon == text.Length - 1)
            return "invalid checksum digest format";
        var length = text[..colon] switch { "sha256" => 64, "sha512" => 128, _ => 0 };
        if (length == 0)
            return "unsupported digest algorithm";
        return text.Length - colon - 1 != length ? "invalid checksum digest length" : "invalid checksum digest format";
    }
}

/// <summary>A <see cref="Digest"/> as a JSON string; an invalid one fails the document.</summary>
public sealed class DigestJsonConverter : JsonConverter<Digest>
{
    /// <inheritdoc/>
    public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return Digest.TryParse(text, out var digest) ? digest : throw new JsonException($"invalid digest \"{text}\"");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
