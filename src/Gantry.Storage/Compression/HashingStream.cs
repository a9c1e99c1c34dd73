using System.Security.Cryptography;
using Gantry.Oci.Images;

namespace Gantry.Storage.Compression;

/// <summary>Hashes and counts what is read through it.</summary>
internal sealed class HashingStream(Stream source) : ReadOnlyStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Bytes read so far.</summary>
    internal long Count { get; private set; }

    /// <summary>The digest of what was read; to be asked for once, at the end.</summary>
    internal Digest Finish() => Digest.FromSha256(_hash.GetHashAndReset());

    public override int Read(Span<byte> buffer)
    {
        var count = source.Read(buffer);
        Take(buffer[..count]);
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await source.ReadAsync(buffer, cancellationToken);
        Take(buffer.Span[..count]);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            source.Dispose();
        }
        base.Dispose(disposing);
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        Count += bytes.Length;
    }
}
