using Gantry.Storage.Compression;
using Gantry.Storage.Content;

namespace Gantry.Images.Pull;

/// <summary>
/// A blob on its way from a registry into the store: whoever reads <see cref="Content"/> gets the bytes as they come, and each is written and
/// hashed as it comes by. Reading may stop early; <see cref="CompleteAsync"/> takes the rest.
/// </summary>
internal sealed class ArrivingBlob : IDisposable
{
    private const int PieceSize = 1 << 18;
    private readonly Stream _source;
    private readonly BlobWriter _writer;

    /// <summary>Begins to take a blob in.</summary>
    /// <param name="source">Where the bytes come from. Owned.</param>
    /// <param name="writer">Where they are kept. Owned.</param>
    /// <param name="report">Is told how many there are, by whoever reads.</param>
    internal ArrivingBlob(Stream source, BlobWriter writer, Action<long> report)
    {
        (_source, _writer) = (source, writer);
        Content = new CopyingStream(source, writer, report);
    }

    /// <summary>The bytes as they come. Disposing it ends nothing.</summary>
    internal Stream Content { get; }

    /// <summary>Takes what has not been read, verifies the whole and makes it a blob of the store.</summary>
    /// <exception cref="Oci.GantryException">Digest or size is not the promised one, or the transfer failed.</exception>
    internal async Task CompleteAsync(CancellationToken cancellation)
    {
        var buffer = new byte[PieceSize];
        while (await Content.ReadAsync(buffer, cancellation) > 0)
        {
        }
        _writer.Commit();
    }

    /// <summary>The content is not what it should be: the next try is to begin anew.</summary>
    internal void Discard() => _writer.Discard();

    public void Dispose()
    {
        _source.Dispose();
        _writer.Dispose();
    }

    private sealed class CopyingStream(Stream source, BlobWriter writer, Action<long> report) : ReadOnlyStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await source.ReadAsync(buffer, cancellationToken);
            writer.Write(buffer.Span[..count]);
            report(writer.Length);
            return count;
        }

        public override int Read(Span<byte> buffer)
        {
            var count = source.Read(buffer);
            writer.Write(buffer[..count]);
            report(writer.Length);
            return count;
        }
    }
}
