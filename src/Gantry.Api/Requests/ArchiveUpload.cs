using Gantry.Oci;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Requests;

/// <summary>
/// The archive in a request's body. It may be as long as it likes, and is read no faster than it is unpacked; but a client that sends
/// nothing for too long is not waited for.
/// </summary>
internal sealed class ArchiveUpload(Stream body, TimeSpan pause, Action release) : Stream
{
    private readonly CancellationTokenSource _silence = new();
    private bool _released;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _silence.CancelAfter(pause);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _silence.Token);
        try
        {
            return await body.ReadAsync(buffer, either.Token);
        }
        catch (OperationCanceledException) when (_silence.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw GantryException.Invalid($"the archive did not go on for {pause.TotalSeconds:0} seconds");
        }
        catch (IOException exception) when (exception is not BadHttpRequestException && !cancellationToken.IsCancellationRequested)
        {
            throw GantryException.Invalid($"the archive cannot be read: {exception.Message}", exception);
        }
        finally
        {
            _silence.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("the body of a request is read asynchronously");

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_released)
        {
            _released = true;
            _silence.Dispose();
            release();
        }
        base.Dispose(disposing);
    }
}
