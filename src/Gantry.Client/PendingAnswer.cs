using Gantry.Client.Http;

namespace Gantry.Client;

/// <summary>
/// A question to the daemon that was sent, and whose answer is read when it is wanted: meanwhile the daemon works on it, and on others, without a thread for
/// each
/// here. Disposed of unread, it gives up its connection.
/// </summary>
public abstract class PendingAnswer : IDisposable
{
    private readonly EngineClient _client;
    private SentRequest? _sent;

    private protected PendingAnswer(EngineClient client, HttpRequest request, SentRequest sent) => (_client, Request, _sent) = (client, request, sent);

    private protected HttpRequest Request { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sent?.Connection.Dispose();
        _sent = null;
        GC.SuppressFinalize(this);
    }

    /// <summary>Waits for the head of the answer, once.</summary>
    private protected ValueTask<HttpExchange> OpenAsync(CancellationToken cancellation)
    {
        var sent = _sent ?? throw new InvalidOperationException($"the answer to {Request.Method} {Request.Target} was read before");
        _sent = null;
        return _client.SendAsync(Request, sent, cancellation);
    }
}

/// <summary>A request on its way.</summary>
/// <param name="Connection">Where its answer comes.</param>
/// <param name="Version">The version of the API that it named.</param>
internal sealed record SentRequest(HttpConnection Connection, string Version);
