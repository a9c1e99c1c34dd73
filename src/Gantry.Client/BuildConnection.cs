using System.Buffers;
using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Client.Http;

namespace Gantry.Client;

/// <summary>A build by Gantry's own stream, as the client sees it. One thread may read while another writes.</summary>
public sealed class BuildConnection : IDisposable
{
    private const int HeadOfContent = 9;
    private readonly HijackedStream _stream;
    private byte[] _buffer = new byte[1 << 16];
    private byte[] _payload = new byte[1 << 16];
    private int _start;
    private int _end;

    internal BuildConnection(HijackedStream stream) => _stream = stream;

    /// <summary>Sends what is asked for: the first message.</summary>
    public ValueTask SendAsync(BuildSessionRequest request, CancellationToken cancellation = default) =>
        SendAsync(BuildFrame.Request, JsonSerializer.SerializeToUtf8Bytes(request, ApiJson.Wire.BuildSessionRequest), cancellation);

    /// <summary>Sends a message.</summary>
    public async ValueTask SendAsync(BuildFrame kind, ReadOnlyMemory<byte> payload, CancellationToken cancellation = default)
    {
        var message = ArrayPool<byte>.Shared.Rent(BuildFrameHead.Length + payload.Length);
        try
        {
            BuildFrameHead.Write(message, kind, payload.Length);
            payload.CopyTo(message.AsMemory(BuildFrameHead.Length));
            await _stream.WriteAsync(message.AsMemory(0, BuildFrameHead.Length + payload.Length), cancellation).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    /// <summary>Sends a file's content.</summary>
    /// <param name="context">The number of the context.</param>
    /// <param name="number">The number of the file in it.</param>
    /// <param name="content">The content; null: it is empty, or cannot be read any more.</param>
    /// <param name="cancellation">Stops it.</param>
    public async ValueTask SendContentAsync(int context, int number, Stream? content, CancellationToken cancellation = default)
    {
        const int partLength = 1 << 18;
        var message = ArrayPool<byte>.Shared.Rent(BuildFrameHead.Length + HeadOfContent + partLength);
        try
        {
            while (true)
            {
                var room = message.AsMemory(BuildFrameHead.Length + HeadOfContent, partLength);
                var count = content is null ? 0 : await content.ReadAtLeastAsync(room, partLength, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
                var isLast = count < partLength;
                BuildFrameHead.Write(message, BuildFrame.Content, HeadOfContent + count);
                BitConverter.TryWriteBytes(message.AsSpan(BuildFrameHead.Length), context);
                BitConverter.TryWriteBytes(message.AsSpan(BuildFrameHead.Length + 4), number);
                message[BuildFrameHead.Length + 8] = isLast ? (byte)1 : (byte)0;
                await _stream.WriteAsync(message.AsMemory(0, BuildFrameHead.Length + HeadOfContent + count), cancellation).ConfigureAwait(false);
                if (isLast)
                    return;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    /// <summary>The next message; null at the end. The bytes are valid until the next call.</summary>
    /// <exception cref="IOException">It is malformed.</exception>
    public async ValueTask<(BuildFrame Kind, ReadOnlyMemory<byte> Payload)?> ReceiveAsync(CancellationToken cancellation = default)
    {
        if (!await FillAsync(BuildFrameHead.Length, cancellation).ConfigureAwait(false))
            return null;
        var (kind, length) = BuildFrameHead.Read(_buffer.AsSpan(_start));
        _start += BuildFrameHead.Length;
        if (!await FillAsync(length, cancellation).ConfigureAwait(false))
            throw new IOException("the daemon ended within a message");
        if (_payload.Length < length)
            _payload = new byte[length];
        _buffer.AsSpan(_start, length).CopyTo(_payload);
        _start += length;
        return (kind, _payload.AsMemory(0, length));
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private async ValueTask<bool> FillAsync(int length, CancellationToken cancellation)
    {
        while (_end - _start < length)
        {
            if (_buffer.Length - _start < length)
            {
                var larger = _buffer.Length < length ? new byte[Math.Max(length, _buffer.Length * 2)] : _buffer;
                _buffer.AsSpan(_start, _end - _start).CopyTo(larger);
                (_buffer, _end, _start) = (larger, _end - _start, 0);
            }
            var count = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellation).ConfigureAwait(false);
            if (count == 0)
                return false;
            _end += count;
        }
        return true;
    }
}
