using Gantry.Client.Http;

namespace Gantry.Client;

/// <summary>A question that is answered with one document.</summary>
public sealed class PendingCall<T> : PendingAnswer
{
    private readonly Func<byte[], T> _read;

    internal PendingCall(EngineClient client, HttpRequest request, SentRequest sent, Func<byte[], T> read)
        : base(client, request, sent) => _read = read;

    /// <summary>Reads the answer, once.</summary>
    /// <exception cref="ClientException">The daemon answers with an error.</exception>
    /// <exception cref="IOException">The answer is not what it should be.</exception>
    public async Task<T> ReadAsync(CancellationToken cancellation = default)
    {
        using var exchange = await OpenAsync(cancellation).ConfigureAwait(false);
        return EngineClient.Decode(Request, await exchange.ReadAllAsync(cancellation).ConfigureAwait(false), _read);
    }
}
