using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Gantry.Api.Hijacking;
using Gantry.Api.Requests;
using Gantry.Oci;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.WebSockets;

/// <summary>
/// A request that has become a WebSocket (RFC 6455), as a raw stream in both directions: each message of the client is input, each piece of output a
/// binary message. Docker's frames, which tell standard output and errors apart, are taken off: here, as with docker, both are one stream.
/// </summary>
internal sealed class WebSocketStream : IDuplexPipe
{
    private const string HandshakeGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, 1.3.
    private const int BufferSize = 16 * 1024;
    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(30);

    private readonly WebSocket _socket;
    private readonly Pipe _input = new();
    private readonly Pipe _output = new();
    private readonly FrameRemover? _frames;

    private WebSocketStream(WebSocket socket, bool framed)
    {
        _socket = socket;
        _frames = framed ? new FrameRemover() : null;
    }

    /// <inheritdoc/>
    public PipeReader Input => _input.Reader;

    /// <inheritdoc/>
    public PipeWriter Output => _output.Writer;

    /// <summary>Answers the handshake and takes the connection. The handler must not return before the stream has ended.</summary>
    /// <param name="call">The request.</param>
    /// <param name="framed">Whether what is written to the output has docker's frames.</param>
    /// <exception cref="GantryException">It is no handshake (InvalidArgument).</exception>
    public static async Task<WebSocketStream> OpenAsync(ApiCall call, bool framed)
    {
        var head = Head(call.Http.Request);
        var connection = call.Http.Features.Get<HijackableConnection>() ?? throw new InvalidOperationException("the listener lets no connection be taken");
        var raw = connection.Take();
        await raw.Output.WriteAsync(Encoding.ASCII.GetBytes(head));
        var options = new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = s_keepAlive };
        return new WebSocketStream(WebSocket.CreateFromStream(new DuplexStream(raw.Input, raw.Output), options), framed);
    }

    /// <summary>Carries messages while <paramref name="work"/> uses the stream, and says goodbye after.</summary>
    public async Task RunAsync(Func<IDuplexPipe, CancellationToken, Task> work)
    {
        using var end = new CancellationTokenSource();
        var receiving = ReceiveAsync(end);
        var sending = SendAsync();
        try
        {
            await work(this, end.Token);
        }
        finally
        {
            await _output.Writer.CompleteAsync();
            await sending;
            await CloseAsync();
            await end.CancelAsync();
            await receiving;
            _socket.Dispose();
        }
    }

    private static string Head(HttpRequest request)
    {
        if (request.Headers.Upgrade is not [var upgrade] || !string.Equals(upgrade, "websocket", StringComparison.OrdinalIgnoreCase)
            || request.Headers.SecWebSocketVersion is not ["13"] || request.Headers.SecWebSocketKey is not [{ Length: 24 } key])
            throw GantryException.Invalid("not a websocket handshake: the request needs Upgrade: websocket, Sec-WebSocket-Version: 13 and Sec-WebSocket-Key");
        return $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {Accept(key)}\r\n\r\n";
    }

    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "The protocol asks for it; nothing is kept secret by it.")]
    private static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + HandshakeGuid)));

    private async Task ReceiveAsync(CancellationTokenSource end)
    {
        try
        {
            while (true)
            {
                var message = await _socket.ReceiveAsync(_input.Writer.GetMemory(BufferSize), end.Token);
                if (message.MessageType is WebSocketMessageType.Close)
                    break;
                _input.Writer.Advance(message.Count);
                await _input.Writer.FlushAsync(end.Token);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            // Gone without a word.
        }
        // A WebSocket has no half-close: a client that closes it wants no more output, either.
        await _input.Writer.CompleteAsync();
        await end.CancelAsync();
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                var read = await _output.Reader.ReadAsync();
                foreach (var segment in read.Buffer)
                {
                    if (_frames is null)
                        await _socket.SendAsync(segment, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
                    else
                        await SendPayloadsAsync(_frames, segment);
                }
                _output.Reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    break;
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException)
        {
            // The client is gone; whoever writes is told by the end of the pipe.
        }
        await _output.Reader.CompleteAsync();
    }

    private async Task SendPayloadsAsync(FrameRemover frames, ReadOnlyMemory<byte> bytes)
    {
        while (frames.TakePayload(ref bytes) is { Length: > 0 } payload)
            await _socket.SendAsync(payload, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
    }

    private async Task CloseAsync()
    {
        try
        {
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
        catch (Exception e) when (e is WebSocketException or IOException)
        {
            // Gone before it was told.
        }
    }
}
