using System.Globalization;
using Gantry.BuildKit.Grpc;
using Gantry.BuildKit.Messages;

namespace Gantry.BuildKit.Sessions;

/// <summary>A file of the client that an output is written to.</summary>
/// <param name="session">The client.</param>
/// <param name="number">The number of the output in the request.</param>
/// <param name="cancellation">Stops it.</param>
internal sealed class SessionOutput(ClientSession session, int number, CancellationToken cancellation) : Stream
{
    private const int PartLength = 1 << 16;
    private readonly GrpcStream _stream = session.Channel.Open("/moby.filesync.v1.FileSend/DiffCopy", Metadata(number), cancellation);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>The values by which a client knows which output is meant.</summary>
    public static GrpcMetadata Metadata(int number) => new() { { "buildkit-attachable-exporter-id", number.ToString(CultureInfo.InvariantCulture) } };

    /// <summary>Waits until the client has written everything.</summary>
    public async Task FinishAsync()
    {
        _stream.CompleteWriting();
        while (await _stream.ReadAsync() is not null)
        {
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (; !buffer.IsEmpty; buffer = buffer[Math.Min(buffer.Length, PartLength)..])
        {
            if (await _stream.WriteAsync(new BytesMessage(buffer[..Math.Min(buffer.Length, PartLength)])))
                continue;
            await FinishAsync();
            throw new IOException("the client takes no more of the output");
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("this output is asynchronous");

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await base.DisposeAsync();
    }
}
