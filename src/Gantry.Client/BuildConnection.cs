using System.Buffers;
using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Client.Http;
using Gantry.Client.Streams;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Client;

/// <summary>A build by Gantry's own stream, as the client sees it. One thread may read while another writes.</summary>
public sealed class BuildConnection : IDisposable
{
    private const int HeadOfContent = 9;
    private const int MostOfSmall = 1 << 14;
    private readonly HijackedStream _stream;
    private DescriptorSender? _descriptors;
    private readonly byte[] _outgoing = new byte[1 << 18];
    private int _queued;
    private byte[] _buffer = new byte[1 << 16];
    private byte[] _payload = new byte[1 << 16];
    private int _start;
    private int _end;

    internal BuildConnection(HijackedStream stream) => _stream = stream;

    /// <summary>Whether the daemon has stopped reading: what it said before can still be received.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Sends what is asked for: the first message.</summary>
    public ValueTask SendAsync(BuildSessionRequest request, CancellationToken cancellation = default)
    {
        if (_stream.IsUnixSocket)
        {
            _descriptors = new DescriptorSender();
            request = request with { DescriptorSocket = _descriptors.Name, DescriptorToken = _descriptors.Token };
        }
        return SendAsync(BuildFrame.Request, JsonSerializer.SerializeToUtf8Bytes(request, ApiJson.Wire.BuildSessionRequest), cancellation);
    }

    /// <summary>Sends a message.</summary>
    public async ValueTask SendAsync(BuildFrame kind, ReadOnlyMemory<byte> payload, CancellationToken cancellation = default)
    {
        if (_queued > 0)
            await FlushAsync(cancellation).ConfigureAwait(false);
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

    /// <summary>Sends a file: its descriptor, where it is large and the daemon on the same machine, else its content.</summary>
    /// <param name="context">The number of the context.</param>
    /// <param name="number">The number of the file in it.</param>
    /// <param name="file">The file, at its beginning.</param>
    /// <param name="cancellation">Stops it.</param>
    public async ValueTask SendFileAsync(int context, int number, Fd file, CancellationToken cancellation = default)
    {
        if (_descriptors?.TrySend(file) is true)
        {
            var payload = new byte[8];
            BitConverter.TryWriteBytes(payload, context);
            BitConverter.TryWriteBytes(payload.AsSpan(4), number);
            await SendAsync(BuildFrame.ContentFile, payload, cancellation).ConfigureAwait(false);
            return;
        }
        using var content = new DescriptorStream(file.Number);
        await SendContentAsync(context, number, content, cancellation).ConfigureAwait(false);
    }

    /// <summary>Sends a file's content; the end of it only with the next message, or <see cref="FlushAsync"/>.</summary>
    /// <param name="context">The number of the context.</param>
    /// <param name="number">The number of the file in it.</param>
    /// <param name="content">The content.</param>
    /// <param name="cancellation">Stops it.</param>
    public async ValueTask SendContentAsync(int context, int number, Stream content, CancellationToken cancellation = default)
    {
        const int heads = BuildFrameHead.Length + HeadOfContent;
        bool isLast;
        do
        {
            // What is left of the buffer is worth another small file, but no part of a large one.
            if (_outgoing.Length - _queued < MostOfSmall + heads)
                await FlushAsync(cancellation).ConfigureAwait(false);
            var room = _outgoing.AsMemory(_queued + heads);
            var count = await content.ReadAtLeastAsync(room, room.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
            isLast = count < room.Length;
            var head = _outgoing.AsSpan(_queued, heads);
            BuildFrameHead.Write(head, BuildFrame.Content, HeadOfContent + count);
            BitConverter.TryWriteBytes(head[BuildFrameHead.Length..], context);
            BitConverter.TryWriteBytes(head[(BuildFrameHead.Length + 4)..], number);
            head[^1] = isLast ? (byte)1 : (byte)0;
            _queued += heads + count;
        }
        while (!isLast);
    }

    /// <summary>Sends what waits.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellation = default)
    {
        var count = _queued;
        _queued = 0;
        try
        {
            await _stream.WriteAsync(_outgoing.AsMemory(0, count), cancellation).ConfigureAwait(false);
        }
        catch (IOException)
        {
            IsRefused = true;
            throw;
        }
    }

    /// <summary>The next message; null at the end. The bytes are valid until the next call.</summary>
    /// <exception cref="IOException">It is malformed.</exception>
    public async ValueTask<(BuildFrame Kind, ReadOnlyMemory<byte> Payload)?> ReceiveAsync(CancellationToken cancellation = default)
    {
        while (await ReceiveNextAsync(cancellation).ConfigureAwait(false) is { } message)
        {
            if (message.Kind != BuildFrame.TakesDescriptors)
                return message;
            _descriptors?.Accept();
        }
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _descriptors?.Dispose();
        _stream.Dispose();
    }

    private async ValueTask<(BuildFrame Kind, ReadOnlyMemory<byte> Payload)?> ReceiveNextAsync(CancellationToken cancellation)
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
