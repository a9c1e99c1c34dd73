using System.Buffers.Binary;
using Gantry.Api.Model;

namespace Gantry.Api.Build;

/// <summary>An output of a build, sent to the client in messages.</summary>
/// <param name="stream">The build's stream.</param>
/// <param name="number">The number of the output in the request.</param>
/// <param name="cancellation">The client is gone.</param>
internal sealed class FrameOutput(BuildStream stream, int number, CancellationToken cancellation) : Stream
{
    private const int NumberLength = 4;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        // A message without bytes means the end.
        if (!buffer.IsEmpty)
            SendAsync(buffer.ToArray()).GetAwaiter().GetResult();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        buffer.IsEmpty ? default : new(SendAsync(buffer));

    /// <summary>Tells that it is whole.</summary>
    public Task FinishAsync() => SendAsync(ReadOnlyMemory<byte>.Empty);

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        var message = new byte[NumberLength + bytes.Length];
        BinaryPrimitives.WriteInt32LittleEndian(message, number);
        bytes.CopyTo(message.AsMemory(NumberLength));
        return stream.WriteAsync(BuildFrame.Output, message, cancellation);
    }
}
