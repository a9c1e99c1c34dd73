using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Client.Http;

namespace Gantry.Client;

/// <summary>A wait for the end of a container that the daemon has taken on.</summary>
public sealed class ContainerWait : IDisposable
{
    private readonly HttpExchange _exchange;

    internal ContainerWait(HttpExchange exchange) => _exchange = exchange;

    /// <summary>Waits for the end.</summary>
    /// <exception cref="IOException">The connection broke, or the answer is not understood.</exception>
    public async Task<ContainerWaitResponse> ResultAsync(CancellationToken cancellation = default)
    {
        var body = await _exchange.ReadAllAsync(cancellation).ConfigureAwait(false);
        try
        {
            return ResponseJson.Read(body, ResponseJson.ContainerWait);
        }
        catch (JsonException error)
        {
            throw new IOException($"the daemon's answer to a wait is not understood: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _exchange.Dispose();
}
