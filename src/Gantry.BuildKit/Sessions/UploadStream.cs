using Gantry.BuildKit.Grpc;
using Gantry.BuildKit.Messages;

namespace Gantry.BuildKit.Sessions;

/// <summary>What a client sends that is no folder: an archive that came on its standard input.</summary>
/// <param name="session">The client.</param>
/// <param name="path">The path that it gave it.</param>
/// <param name="host">The host that it gave it.</param>
/// <param name="cancellation">Stops it.</param>
internal sealed class UploadStream(ClientSession session, string path, string host, CancellationToken cancellation) : Stream
{
    private readonly GrpcStream _stream = session.Channel.Open(
        "/moby.upload.v1.Upload/Pull", new GrpcMetadata { { "urlpath", path }, { "urlhost", host } }, cancellation);
    private ReadOnlyMemory<byte> _rest;
    private bool _ended;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.IsEmpty && !_ended)
        {
            if (await _stream.ReadAsync() is { } message)
                _rest = BytesMessage.DataOf(message);
            else
                _ended = true;
        }
        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("this upload is asynchronous");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await base.DisposeAsync();
    }
}
