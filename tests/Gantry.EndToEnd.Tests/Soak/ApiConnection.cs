using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Gantry.EndToEnd.Tests.Soak;

/// <summary>A client of the API for crowds: no process for each request, and each request again until a daemon has answered it.</summary>
internal sealed class ApiConnection : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3), s_pause = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient _http;

    public ApiConnection(string host)
    {
        var path = host["unix://".Length..];
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        })
        { BaseAddress = new Uri("http://engine/v1.51/"), Timeout = s_patience };
    }

    /// <summary>Sends a request, again while no daemon answers; the answer's status and body.</summary>
    public async Task<(HttpStatusCode Status, string Body)> SendAsync(HttpMethod method, string path, string? body = null)
    {
        var deadline = DateTime.UtcNow + s_patience;
        while (true)
        {
            try
            {
                using var request = new HttpRequestMessage(method, path);
                if (body is not null)
                    request.Content = new StringContent(body, Encoding.UTF8, "application/json");
                using var answer = await _http.SendAsync(request);
                var text = await answer.Content.ReadAsStringAsync();
                // What a keeper's death has interrupted, or a daemon's start: asked for again.
                if (answer.StatusCode != HttpStatusCode.ServiceUnavailable || DateTime.UtcNow > deadline)
                    return (answer.StatusCode, text);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && DateTime.UtcNow < deadline)
            {
                // The daemon was killed: another comes.
            }
            await Task.Delay(s_pause);
        }
    }

    /// <summary>The body as JSON.</summary>
    public async Task<JsonNode> ReadAsync(string path) => JsonNode.Parse((await SendAsync(HttpMethod.Get, path)).Body)!;

    public void Dispose() => _http.Dispose();
}
