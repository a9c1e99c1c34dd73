using System.Buffers.Binary;
using System.Globalization;
using System.Net.Http.Headers;
using Gantry.BuildKit.Protobuf;

namespace Gantry.BuildKit.Grpc;

/// <summary>A call under way, with messages in both directions. Several threads may write, while another reads.</summary>
internal sealed class GrpcStream : IAsyncDisposable
{
    private readonly GrpcChannel.StreamContent _content;
    private readonly CancellationTokenSource _stop;
    private readonly Task<HttpResponseMessage> _response;
    private readonly byte[] _head = new byte[FrameReader.HeadLength];
    private readonly SemaphoreSlim _turn = new(1, 1);
    private FrameReader? _reader;

    public GrpcStream(GrpcChannel.StreamContent content, Func<CancellationToken, Task<HttpResponseMessage>> send, CancellationToken cancellation)
    {
        _content = content;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _response = SendAsync(send);
    }

    /// <summary>Sends a message.</summary>
    /// <returns>False: the other side takes no more; what it says of that is read.</returns>
    public async Task<bool> WriteAsync(ReadOnlyMemory<byte> message)
    {
        await _turn.WaitAsync(_stop.Token);
        try
        {
            var stream = await _content.Stream;
            BinaryPrimitives.WriteUInt32BigEndian(_head.AsSpan(1), (uint)message.Length);
            await stream.WriteAsync(_head, _stop.Token);
            await stream.WriteAsync(message, _stop.Token);
            await stream.FlushAsync(_stop.Token);
            return true;
        }
        catch (Exception error) when (error is HttpRequestException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // A call that has its answer, good or bad, before it was whole.
            _stop.Token.ThrowIfCancellationRequested();
            return false;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc cref="WriteAsync(ReadOnlyMemory{byte})"/>
    public Task<bool> WriteAsync(IProtoMessage message) => WriteAsync(ProtoWriter.Encode(message));

    /// <summary>Tells the other side that nothing more is sent.</summary>
    public void CompleteWriting() => _content.Complete();

    /// <summary>The next message, valid until the next call; null: the call has ended well.</summary>
    /// <exception cref="GrpcException">The call failed.</exception>
    public async Task<ReadOnlyMemory<byte>?> ReadAsync()
    {
        try
        {
            var response = await _response;
            _reader ??= new FrameReader(await response.Content.ReadAsStreamAsync(_stop.Token));
            if (await _reader.ReadAsync(_stop.Token) is { } message)
                return message;
            Check(response);
            return null;
        }
        catch (Exception error) when (error is HttpRequestException or IOException || (error is OperationCanceledException && !_stop.IsCancellationRequested))
        {
            throw new GrpcException(GrpcCode.Unavailable, $"the client's session has ended: {error.Message}", cause: error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _content.Complete();
        try
        {
            if (!_response.IsCompleted)
                await _stop.CancelAsync();
            (await _response).Dispose();
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException)
        {
            // It was given up: how it ended is nobody's concern.
        }
        _stop.Dispose();
    }

    private async Task<HttpResponseMessage> SendAsync(Func<CancellationToken, Task<HttpResponseMessage>> send)
    {
        try
        {
            return await send(_stop.Token);
        }
        catch (Exception error)
        {
            _content.Fail(error);
            throw;
        }
    }

    private static void Check(HttpResponseMessage response)
    {
        var code = Value(response.TrailingHeaders, "grpc-status") ?? Value(response.Headers, "grpc-status");
        if (code is null)
            throw new GrpcException(GrpcCode.Internal, $"the client answered HTTP {(int)response.StatusCode} without a status");
        if (!int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            throw new GrpcException(GrpcCode.Internal, $"the client answered the status {code}");
        if (number == 0)
            return;
        var message = Value(response.TrailingHeaders, "grpc-message") ?? Value(response.Headers, "grpc-message") ?? "";
        throw new GrpcException((GrpcCode)number, Uri.UnescapeDataString(message));
    }

    private static string? Value(HttpResponseHeaders headers, string name) => headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
