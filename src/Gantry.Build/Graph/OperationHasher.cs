using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Gantry.Oci.Images;

namespace Gantry.Build.Graph;

/// <summary>Makes a digest of what an operation says: each value with its length before it, so that no two operations look the same.</summary>
public sealed class OperationHasher : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Adds a text; null and the empty one differ.</summary>
    public OperationHasher Add(string? text)
    {
        if (text is null)
            return Add(-1L);
        var bytes = Encoding.UTF8.GetBytes(text);
        Add((long)bytes.Length);
        _hash.AppendData(bytes);
        return this;
    }

    /// <summary>Adds bytes.</summary>
    public OperationHasher Add(ReadOnlySpan<byte> bytes)
    {
        Add((long)bytes.Length);
        _hash.AppendData(bytes);
        return this;
    }

    /// <summary>Adds a number.</summary>
    public OperationHasher Add(long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        _hash.AppendData(bytes);
        return this;
    }

    /// <summary>Adds yes or no.</summary>
    public OperationHasher Add(bool value) => Add(value ? 1L : 0L);

    /// <summary>Adds a list of texts.</summary>
    public OperationHasher Add(IReadOnlyList<string> texts)
    {
        Add((long)texts.Count);
        foreach (var text in texts)
            Add(text);
        return this;
    }

    /// <summary>The digest of all that was added.</summary>
    public Digest Finish() => Digest.FromSha256(_hash.GetHashAndReset());

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
