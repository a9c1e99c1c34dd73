using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gantry.Client.Connections;
using Gantry.Client.Http;

namespace Gantry.Client;

/// <summary>
/// A client of the Engine API. Requests may run beside each other, each on a connection of its own; connections are kept for the next
/// request. Every call throws <see cref="ClientException"/> when the daemon answers with an error,
/// <see cref="EngineUnreachableException"/> when nobody answers, and <see cref="IOException"/> when the connection breaks.
/// </summary>
public sealed partial class EngineClient : IDisposable
{
    /// <summary>The version of the API that this client speaks: the one whose documents its users know.</summary>
    public const string DefaultApiVersion = "1.51";

    private const string TooNew = "Maximum supported API version is ";

    private readonly EngineConnector _connector;
    private readonly Stack<HttpConnection> _idle = new();
    private readonly bool _versionFixed;
    private bool _versionAccepted;
    private bool _disposed;

    /// <summary>A client of the daemon behind <paramref name="connector"/>; it connects on the first request.</summary>
    /// <param name="connector">Opens the connections.</param>
    /// <param name="apiVersion">
    /// The version to speak whatever the daemon says (<c>DOCKER_API_VERSION</c>), or null: <see cref="DefaultApiVersion"/>, and the daemon's
    /// newest when that is older. No request asks beforehand: an older daemon's refusal names its version, and the request is repeated.
    /// </param>
    public EngineClient(EngineConnector connector, string? apiVersion = null)
    {
        _connector = connector;
        _versionFixed = !string.IsNullOrEmpty(apiVersion);
        ApiVersion = _versionFixed ? apiVersion! : DefaultApiVersion;
    }

    /// <summary>Where the daemon listens.</summary>
    public EngineAddress Address => _connector.Address;

    /// <summary>The version of the API that requests name in their path.</summary>
    public string ApiVersion { get; private set; }

    /// <summary>Further header fields for every request.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Answers a request that would change something (its method and target) instead of the daemon: for runs in which nothing is to happen.</summary>
    public Func<string, string, byte[]>? Pretender { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_idle)
        {
            _disposed = true;
            while (_idle.TryPop(out var connection))
                connection.Dispose();
        }
    }

    /// <summary>Sends a request (its target without the version) and reads the response's head.</summary>
    internal ValueTask<HttpExchange> SendAsync(HttpRequest request, CancellationToken cancellation) => SendAsync(request, null, cancellation);

    /// <summary>Sends a request, unless that was done already, and reads the response's head.</summary>
    internal async ValueTask<HttpExchange> SendAsync(HttpRequest request, SentRequest? sent, CancellationToken cancellation)
    {
        // A streamed body cannot be repeated, so its version must be settled before.
        if (request.BodyStream is not null && !_versionAccepted && !_versionFixed)
            await PingAsync(cancellation).ConfigureAwait(false);
        while (true)
        {
            var version = sent?.Version ?? ApiVersion;
            var exchange = await ExchangeAsync(request, version, sent?.Connection, cancellation).ConfigureAwait(false);
            if (exchange.Head.Status < 400)
            {
                _versionAccepted = true;
                return exchange;
            }
            using (exchange)
            {
                var error = await ReadErrorAsync(exchange, cancellation).ConfigureAwait(false);
                if (!TryLowerVersion(error, version))
                    throw error;
            }
            sent = null;
        }
    }

    /// <summary>Sends a request that changes nothing; its document is read when it is wanted.</summary>
    internal async ValueTask<PendingCall<T>> BeginAsync<T>(HttpRequest request, Func<byte[], T> read, CancellationToken cancellation) =>
        new(this, request, await BeginAsync(request, cancellation).ConfigureAwait(false), read);

    /// <summary>Sends a request that changes nothing; the elements of its array are read when they are wanted.</summary>
    internal async ValueTask<PendingList<T>> BeginListAsync<T>(HttpRequest request, Func<JsonTypeInfo<T>> type, CancellationToken cancellation) =>
        new(this, request, await BeginAsync(request, cancellation).ConfigureAwait(false), type);

    private async ValueTask<SentRequest> BeginAsync(HttpRequest request, CancellationToken cancellation)
    {
        var version = ApiVersion;
        while (true)
        {
            var connection = TakeIdle() ?? await _connector.ConnectAsync(cancellation).ConfigureAwait(false);
            try
            {
                await WriteAsync(connection, Versioned(request, version), cancellation).ConfigureAwait(false);
                return new SentRequest(connection, version);
            }
            catch (IOException) when (connection.Reused)
            {
                connection.Dispose();
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }
    }

    /// <summary>Sends a request whose response has no body worth reading.</summary>
    internal async Task CallAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (Pretended(request) is not null)
            return;
        using var exchange = await SendAsync(request, cancellation).ConfigureAwait(false);
        await exchange.ReadAllAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Sends a request and reads the whole response as it is.</summary>
    internal async Task<byte[]> CallRawAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (Pretended(request) is { } answer)
            return answer;
        using var exchange = await SendAsync(request, cancellation).ConfigureAwait(false);
        return await exchange.ReadAllAsync(cancellation).ConfigureAwait(false);
    }

    private byte[]? Pretended(HttpRequest request) => request.Method is "GET" or "HEAD" ? null : Pretender?.Invoke(request.Method, request.Target);

    /// <summary>Sends a request and reads its response as a document.</summary>
    /// <exception cref="IOException">The response is no such document.</exception>
    internal Task<T> CallAsync<T>(HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        DecodeAsync(request, Reader(type), cancellation);

    private static Func<byte[], T> Reader<T>(JsonTypeInfo<T> type) => body => JsonSerializer.Deserialize(body, type) ?? throw new JsonException("it is null");

    /// <summary>As the other; what is in the document is looked up by <paramref name="reader"/>.</summary>
    /// <exception cref="IOException">The response is no such document.</exception>
    internal Task<T> CallAsync<T>(HttpRequest request, Func<JsonElement, T> reader, CancellationToken cancellation) =>
        DecodeAsync(request, body => ResponseJson.Read(body, reader), cancellation);

    private async Task<T> DecodeAsync<T>(HttpRequest request, Func<byte[], T> read, CancellationToken cancellation) =>
        Decode(request, await CallRawAsync(request, cancellation).ConfigureAwait(false), read);

    /// <summary>Reads the response to a request.</summary>
    /// <exception cref="IOException">It is not what it should be.</exception>
    internal static T Decode<T>(HttpRequest request, byte[] body, Func<byte[], T> read)
    {
        try
        {
            return read(body);
        }
        catch (JsonException error)
        {
            throw NotUnderstood(request, error);
        }
    }

    /// <summary>The error of a response that is not what it should be.</summary>
    internal static IOException NotUnderstood(HttpRequest request, JsonException error) =>
        new($"{request.Method} {request.Target}: the daemon's answer is not understood: {error.Message}", error);

    /// <summary>Sends a request that turns its connection into a raw stream.</summary>
    internal async Task<HijackedStream> HijackAsync(HttpRequest request, CancellationToken cancellation)
    {
        var exchange = await SendAsync(request with { Upgrade = true }, cancellation).ConfigureAwait(false);
        // Daemons answer 101, or 200 with a raw body where a proxy dropped the upgrade.
        return exchange.Head.Status is 101 or 200
            ? exchange.Connection.Hijack()
            : throw new IOException($"unable to upgrade to tcp, received {exchange.Head.Status}");
    }

    private HttpRequest Versioned(HttpRequest request, string version) =>
        request with { Target = $"/v{version}{request.Target}", Headers = [.. Headers, .. request.Headers] };

    private async ValueTask<HttpExchange> ExchangeAsync(HttpRequest request, string version, HttpConnection? sent, CancellationToken cancellation)
    {
        while (true)
        {
            var connection = sent ?? TakeIdle() ?? await _connector.ConnectAsync(cancellation).ConfigureAwait(false);
            try
            {
                if (sent is null)
                    await WriteAsync(connection, Versioned(request, version), cancellation).ConfigureAwait(false);
                var head = await connection.ReadHeadAsync(cancellation).ConfigureAwait(false);
                return new HttpExchange(connection, head, connection.OpenBody(request, head), Release);
            }
            catch (IOException) when (connection.Reused && request.Method is "GET" or "HEAD")
            {
                // The daemon may close a kept connection at any time; what changes nothing is asked again.
                connection.Dispose();
                sent = null;
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }
    }

    private static async ValueTask WriteAsync(HttpConnection connection, HttpRequest request, CancellationToken cancellation)
    {
        try
        {
            await connection.WriteRequestAsync(request, cancellation).ConfigureAwait(false);
        }
        catch (IOException) when (request.BodyStream is not null)
        {
            // A daemon that refuses a long body answers and closes before it has read all of it: the answer says more than this error.
        }
    }

    private bool TryLowerVersion(ClientException error, string refused)
    {
        if (_versionFixed || error.Status != 400)
            return false;
        var at = error.Message.IndexOf(TooNew, StringComparison.Ordinal);
        if (at < 0)
            return false;
        var supported = error.Message[(at + TooNew.Length)..].Trim().TrimEnd('.');
        if (supported == refused || !Version.TryParse(supported, out _))
            return false;
        ApiVersion = supported;
        return true;
    }

    private static async ValueTask<ClientException> ReadErrorAsync(HttpExchange exchange, CancellationToken cancellation)
    {
        var body = await exchange.ReadAllAsync(cancellation).ConfigureAwait(false);
        var text = Encoding.UTF8.GetString(body).Trim();
        if (exchange.Head["Content-Type"]?.StartsWith("application/json", StringComparison.Ordinal) == true)
        {
            try
            {
                using var document = JsonDocument.Parse(body);
                if (document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("message", out var message)
                    && message.ValueKind == JsonValueKind.String)
                    text = message.GetString()!.Trim();
            }
            catch (JsonException)
            {
                // Not the error document it claims to be: its text is shown as it is.
            }
        }
        return new ClientException(exchange.Head.Status, text.Length > 0 ? text : $"the daemon answered {exchange.Head.Status} {exchange.Head.Reason}".Trim());
    }

    private HttpConnection? TakeIdle()
    {
        lock (_idle)
            return _idle.TryPop(out var connection) ? connection : null;
    }

    private void Release(HttpConnection connection)
    {
        connection.Reused = true;
        lock (_idle)
        {
            if (!_disposed)
            {
                _idle.Push(connection);
                return;
            }
        }
        connection.Dispose();
    }
}
