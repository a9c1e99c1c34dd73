using System.Buffers;
using System.Globalization;
using System.Net.Security;
using System.Text;
using Gantry.Client.Connections;

namespace Gantry.Client.Http;

/// <summary>
/// One HTTP/1.1 connection (RFC 9112) that carries one exchange at a time and can be turned into a raw two-way stream.
/// .NET's own HttpClient is not used: it offers no raw stream that can be closed in one direction, and its start costs more than a
/// whole command.
/// </summary>
public sealed class HttpConnection : IDisposable
{
    private const int HeadLimit = 64 * 1024;
    private const int BodyBufferSize = 128 * 1024;

    private readonly Stream _transport;
    private readonly ConnectionStream _socket;
    private readonly string _host;
    private byte[] _buffer = new byte[8 * 1024];
    private int _start;
    private int _end;

    /// <summary>Speaks HTTP over a connected transport.</summary>
    /// <param name="transport">What bytes go through: the socket, or TLS over it. Owned.</param>
    /// <param name="socket">The socket below, for closing one direction.</param>
    /// <param name="host">The value of the <c>Host</c> field.</param>
    public HttpConnection(Stream transport, ConnectionStream socket, string host)
    {
        _transport = transport;
        _socket = socket;
        _host = host;
    }

    /// <summary>Whether an exchange was completed on this connection before: only then may the server have closed it meanwhile.</summary>
    public bool Reused { get; internal set; }

    /// <inheritdoc cref="ConnectionStream.IsUnixSocket"/>
    public bool IsUnixSocket => _socket.IsUnixSocket;

    /// <summary>Sends a request and its body.</summary>
    public async ValueTask WriteRequestAsync(HttpRequest request, CancellationToken cancellation)
    {
        var head = FormatHead(request);
        if (request.Body is { } body && body.Length + head.Length <= 64 * 1024)
        {
            // One segment for head and body: one system call, and one wake-up of the daemon.
            var both = new byte[head.Length + body.Length];
            head.CopyTo(both, 0);
            body.CopyTo(both.AsMemory(head.Length));
            await _transport.WriteAsync(both, cancellation).ConfigureAwait(false);
            return;
        }
        await _transport.WriteAsync(head, cancellation).ConfigureAwait(false);
        if (request.Body is { } large)
            await _transport.WriteAsync(large, cancellation).ConfigureAwait(false);
        else if (request.BodyStream is { } stream)
            await WriteChunksAsync(stream, cancellation).ConfigureAwait(false);
    }

    /// <summary>Reads the head of the next response; its body follows by <see cref="OpenBody"/> or <see cref="Hijack"/>.</summary>
    /// <exception cref="EndOfStreamException">The server closed the connection without answering.</exception>
    public async ValueTask<ResponseHead> ReadHeadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var head = TryTakeHead();
            if (head is null)
            {
                await FillAsync(cancellation).ConfigureAwait(false);
                continue;
            }
            // Interim responses (100, 103) precede the real one; 101 is final.
            if (head.Status is >= 200 or 101)
                return head;
        }
    }

    /// <summary>The body that belongs to a head (RFC 9112 section 6.3).</summary>
    public BodyStream OpenBody(HttpRequest request, ResponseHead head)
    {
        if (request.Method == "HEAD" || head.Status is 204 or 304)
            return new LengthBodyStream(this, 0);
        if (head.HasToken("Transfer-Encoding", "chunked"))
            return new ChunkedBodyStream(this);
        if (head["Content-Length"] is { } length)
        {
            return long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                ? new LengthBodyStream(this, size)
                : throw new IOException($"malformed Content-Length \"{length}\"");
        }
        return new UntilCloseBodyStream(this);
    }

    /// <summary>Whether the connection can carry another exchange after the response with this head was read to its end.</summary>
    public static bool CanContinue(ResponseHead head) => !head.Http10 && !head.HasToken("Connection", "close");

    /// <summary>Takes the connection over as a raw stream, after the head of an upgrade was read.</summary>
    public HijackedStream Hijack() => new(this);

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();

    /// <summary>Whether bytes were received that nobody has read.</summary>
    internal bool HasBytes => _start < _end;

    /// <summary>Whether that many lines were received that nobody has read.</summary>
    internal bool HasLines(int count)
    {
        var bytes = _buffer.AsSpan(_start, _end - _start);
        for (; count > 0; count--)
        {
            var end = bytes.IndexOf((byte)'\n');
            if (end < 0)
                return false;
            bytes = bytes[(end + 1)..];
        }
        return true;
    }

    /// <summary>Reads body bytes: first those that were received. Few are received together with what follows them.</summary>
    internal async ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken cancellation)
    {
        if (_start == _end)
        {
            if (target.Length >= _buffer.Length)
                return await _transport.ReadAsync(target, cancellation).ConfigureAwait(false);
            _start = 0;
            _end = await _transport.ReadAsync(_buffer, cancellation).ConfigureAwait(false);
        }
        var count = Math.Min(target.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(target.Span);
        _start += count;
        if (_end == _buffer.Length && _start == _end && _buffer.Length < BodyBufferSize)
            _buffer = GC.AllocateUninitializedArray<byte>(BodyBufferSize);
        return count;
    }

    /// <summary>Reads a line without its end, as chunk sizes come.</summary>
    internal async ValueTask<string> ReadLineAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var end = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (end >= 0)
            {
                var line = Encoding.Latin1.GetString(_buffer, _start, end);
                _start += end + 1;
                return line.TrimEnd('\r');
            }
            await FillAsync(cancellation).ConfigureAwait(false);
        }
    }

    internal ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation) => _transport.WriteAsync(data, cancellation);

    /// <summary>Tells the other side that no more bytes follow, and keeps reading possible.</summary>
    internal async ValueTask CloseWriteAsync()
    {
        if (_transport is SslStream secure)
            await secure.ShutdownAsync().ConfigureAwait(false);
        else
            _socket.CloseWrite();
    }

    /// <summary>Ends both directions; a read that another thread is blocked in returns the end of the stream.</summary>
    internal void Abort() => _socket.Abort();

    private ResponseHead? TryTakeHead()
    {
        var bytes = _buffer.AsSpan(_start, _end - _start);
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return null;
        _start += end + 4;
        return ResponseHead.Parse(bytes[..end]);
    }

    private async ValueTask FillAsync(CancellationToken cancellation)
    {
        if (_start == _end)
            _start = _end = 0;
        else if (_end == _buffer.Length)
            MakeRoom();
        var read = await _transport.ReadAsync(_buffer.AsMemory(_end), cancellation).ConfigureAwait(false);
        if (read == 0)
            throw new EndOfStreamException("the daemon closed the connection before it had answered");
        _end += read;
    }

    private void MakeRoom()
    {
        var length = _end - _start;
        if (_start == 0)
        {
            if (length >= HeadLimit)
                throw new IOException($"the response head is longer than {HeadLimit} bytes");
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
        else
        {
            _buffer.AsSpan(_start, length).CopyTo(_buffer);
        }
        _start = 0;
        _end = length;
    }

    private byte[] FormatHead(HttpRequest request)
    {
        var head = new StringBuilder(256);
        head.Append(request.Method).Append(' ').Append(request.Target).Append(" HTTP/1.1\r\nHost: ").Append(_host);
        head.Append("\r\nUser-Agent: Gantry-Client\r\n");
        if (request.Upgrade)
            head.Append("Connection: Upgrade\r\nUpgrade: tcp\r\n");
        foreach (var (name, value) in request.Headers)
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        if (request.Body is not null || request.BodyStream is not null)
            head.Append("Content-Type: ").Append(request.ContentType).Append("\r\n");
        if (request.BodyStream is not null)
            head.Append("Transfer-Encoding: chunked\r\n");
        else if (request.Body is { } body)
            head.Append("Content-Length: ").Append(CultureInfo.InvariantCulture, $"{body.Length}\r\n");
        else if (request.Method is "POST" or "PUT")
            head.Append("Content-Length: 0\r\n");
        return Encoding.Latin1.GetBytes(head.Append("\r\n").ToString());
    }

    private async ValueTask WriteChunksAsync(Stream source, CancellationToken cancellation)
    {
        const int size = 64 * 1024;
        const int room = 8;
        var buffer = ArrayPool<byte>.Shared.Rent(size + room + 2);
        try
        {
            int read;
            while ((read = await source.ReadAsync(buffer.AsMemory(room, size), cancellation).ConfigureAwait(false)) > 0)
            {
                var line = Encoding.ASCII.GetBytes(read.ToString("x", CultureInfo.InvariantCulture) + "\r\n");
                line.CopyTo(buffer, room - line.Length);
                "\r\n"u8.CopyTo(buffer.AsSpan(room + read));
                await _transport.WriteAsync(buffer.AsMemory(room - line.Length, line.Length + read + 2), cancellation).ConfigureAwait(false);
            }
            await _transport.WriteAsync("0\r\n\r\n"u8.ToArray(), cancellation).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
