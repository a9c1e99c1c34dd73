using Gantry.Client.Http;

namespace Gantry.Client;

/// <summary>
/// A question to the daemon that was sent, and whose answer is read when it is wanted: several can be under way at once, and the daemon works on them, without
/// a thread for each. Disposed of unread, it gives up its connection.
/// </summary>
public sealed class PendingCall<T> : IDisposable
{
    private readonly EngineClient _client;
    private readonly HttpRequest _request;
    private readonly Func<byte[], T> _read;
    private SentRequest? _sent;

    internal PendingCall(EngineClient client, HttpRequest request, SentRequest sent, Func<byte[], T> read) =>
        (_client, _request, _sent, _read) = (client, request, sent, read);

    /// <summary>Reads the answer, once.</summary>
    /// <exception cref="ClientException">The daemon answers with an error.</exception>
    public async Task<T> ReadAsync(CancellationToken cancellation = default)
    {
        var sent = _sent ?? throw new InvalidOperationException($"the answer to {_request.Method} {_request.Target} was read before");
        _sent = null;
        using var exchange = await _client.SendAsync(_request, sent, cancellation).ConfigureAwait(false);
        return EngineClient.Decode(_request, await exchange.ReadAllAsync(cancellation).ConfigureAwait(false), _read);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sent?.Connection.Dispose();
        _sent = null;
    }
}

/// <summary>A request on its way.</summary>
/// <param name="Connection">Where its answer comes.</param>
/// <param name="Version">The version of the API that it named.</param>
internal sealed record SentRequest(HttpConnection Connection, string Version);
