using System.Threading.Channels;

namespace Gantry.Storage.Compression;

/// <summary>
/// Reads its source ahead of whoever reads it, in the background, so that two costly stages (inflate and write) run at the same time.
/// At most eight buffers of 256 KiB are filled in advance. An error of the source appears where its bytes would have been.
/// </summary>
internal sealed class ReadAheadStream : ReadOnlyStream
{
    private const int BufferCount = 8;
    private const int BufferSize = 1 << 18;
    private readonly Stream _source;
    private readonly Channel<(byte[] Buffer, int Length)> _filled =
        Channel.CreateUnbounded<(byte[] Buffer, int Length)>(new() { SingleReader = true, SingleWriter = true });
    private readonly Channel<byte[]> _free = Channel.CreateUnbounded<byte[]>(new() { SingleReader = true, SingleWriter = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _producer;
    private byte[]? _current;
    private ReadOnlyMemory<byte> _rest;

    internal ReadAheadStream(Stream source)
    {
        _source = source;
        for (var i = 0; i < BufferCount; i++)
            _free.Writer.TryWrite(new byte[BufferSize]);
        _producer = Task.Run(FillAsync);
    }

    public override int Read(Span<byte> buffer)
    {
        // Blocking is right here: the reader is a thread of its own that has nothing else to do.
        if (_rest.IsEmpty && !NextAsync().AsTask().GetAwaiter().GetResult())
            return 0;
        return Take(buffer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        => _rest.IsEmpty && !await NextAsync(cancellationToken) ? 0 : Take(buffer.Span);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            DisposeAsync().AsTask().GetAwaiter().GetResult();
        base.Dispose(disposing);
    }

    public override async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _producer;
        await _source.DisposeAsync();
    }

    private async Task FillAsync()
    {
        Exception? failure = null;
        try
        {
            await foreach (var buffer in _free.Reader.ReadAllAsync(_stop.Token))
            {
                var length = await _source.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, _stop.Token);
                if (length > 0)
                    _filled.Writer.TryWrite((buffer, length));
                if (length < buffer.Length)
                    break;
            }
        }
        catch (Exception error)
        {
            // Not swallowed: the reader gets it from the channel, in its place behind the bytes that were good.
            failure = error;
        }
        _filled.Writer.Complete(failure);
    }

    private async ValueTask<bool> NextAsync(CancellationToken cancellation = default)
    {
        if (_current is not null)
            _free.Writer.TryWrite(_current);
        _current = null;
        if (!await _filled.Reader.WaitToReadAsync(cancellation) || !_filled.Reader.TryRead(out var next))
            return false;
        _current = next.Buffer;
        _rest = next.Buffer.AsMemory(0, next.Length);
        return true;
    }

    private int Take(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _rest.Length);
        _rest.Span[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }
}
