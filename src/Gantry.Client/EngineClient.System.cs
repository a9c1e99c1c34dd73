using Gantry.Client.Http;

namespace Gantry.Client;

public sealed partial class EngineClient
{
    /// <summary>Asks whether the daemon lives, and settles the version of the API. The path has no version, so every daemon answers it.</summary>
    public async Task PingAsync(CancellationToken cancellation = default)
    {
        var connection = TakeIdle() ?? await _connector.ConnectAsync(cancellation).ConfigureAwait(false);
        var request = new HttpRequest("HEAD", "/_ping") { Headers = Headers };
        try
        {
            await connection.WriteRequestAsync(request, cancellation).ConfigureAwait(false);
            var head = await connection.ReadHeadAsync(cancellation).ConfigureAwait(false);
            if (!_versionFixed && Version.TryParse(head["Api-Version"], out var newest) && newest < Version.Parse(ApiVersion))
                ApiVersion = newest.ToString();
            _versionAccepted = true;
            using var exchange = new HttpExchange(connection, head, connection.OpenBody(request, head), Release);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
