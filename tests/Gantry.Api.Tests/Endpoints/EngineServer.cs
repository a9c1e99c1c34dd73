using System.Formats.Tar;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Gantry.Api.Hosting;
using Gantry.BuildKit;
using Gantry.Engine;
using Gantry.Os.Processes;
using Gantry.Os.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gantry.Api.Tests.Endpoints;

/// <summary>
/// An engine in folders of its own with the API in front of it, and a client. It has one image, `thing:1`, whose only program does not exist.
/// </summary>
public sealed class EngineServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-api-").FullName;
    private Engine.Engine _engine = null!;
    private BuildKitServer _buildKit = null!;
    private ApiServer _server = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _engine = await EngineBuilder.StartAsync(
            new EngineOptions
            {
                Root = Path.Combine(_folder, "root"),
                Run = Path.Combine(_folder, "run"),
                RuntimeBinary = Environment.GetEnvironmentVariable("GANTRY_RUNTIME") ?? Path.Combine(AppContext.BaseDirectory, "gantry-runtime"),
                Logger = NullLogger.Instance,
            },
            CancellationToken.None);
        _buildKit = new BuildKitServer(_engine, NullLoggerFactory.Instance);
        var socketPath = Path.Combine(_folder, "api.sock");
        _server = new ApiServer(
            new ApiServerOptions { Listen = [new ListenAddress.Unix(socketPath)], EngineVersion = "0.1.0", StopGrace = TimeSpan.FromMilliseconds(100) },
            EngineRoutes.For(_engine, _buildKit),
            NullLoggerFactory.Instance);
        await _server.StartAsync(CancellationToken.None);
        _client = new HttpClient(new SocketsHttpHandler { ConnectCallback = (_, _) => ConnectAsync(socketPath) }) { BaseAddress = new Uri("http://engine") };
        await ImportImageAsync();
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _server.StopAsync(CancellationToken.None);
        await _server.DisposeAsync();
        await _buildKit.DisposeAsync();
        _engine.Dispose();
        StopKeeper();
        Directory.Delete(_folder, recursive: true);
    }

    public Task<(int Status, string Body)> GetAsync(string path) => AskAsync(HttpMethod.Get, path, null);

    public Task<(int Status, string Body)> PostAsync(string path, string? json = null) =>
        AskAsync(HttpMethod.Post, path, json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"));

    public Task<(int Status, string Body)> DeleteAsync(string path) => AskAsync(HttpMethod.Delete, path, null);

    /// <summary>Makes a container and returns its ID.</summary>
    public async Task<string> CreateAsync(string name, string more = "")
    {
        var (status, body) = await PostAsync($"/containers/create?name={name}", $$"""{"Image":"thing:1"{{more}}}""");
        Assert.True(status == 201, body);
        return JsonDocument.Parse(body).RootElement.GetProperty("Id").GetString()!;
    }

    private async Task<(int Status, string Body)> AskAsync(HttpMethod method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await _client.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task ImportImageAsync()
    {
        var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, leaveOpen: true))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "etc/"));
        }
        archive.Position = 0;
        var content = new StreamContent(archive);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
        var (status, body) = await AskAsync(HttpMethod.Post, "/images/create?fromSrc=-&repo=thing&tag=1&changes=CMD+%5B%22%2Fno%22%5D&changes=LABEL+a%3Db",
            content);
        Assert.True(status == 200 && body.StartsWith("""{"status":"sha256:""", StringComparison.Ordinal), body);
    }

    /// <summary>The keeper would wait for another daemon for a while.</summary>
    private void StopKeeper()
    {
        foreach (var socket in Directory.GetFiles(_folder, "keeper-*.sock", SearchOption.AllDirectories))
        {
            using var connection = UnixSocket.TryConnect(socket, out _);
            if (connection is null) continue;
            using var keeper = PidFd.TryOpen(UnixSocket.Peer(connection).Pid, out _);
            if (keeper is not null) PidFd.SendSignal(keeper, 9);
        }
    }

    private static async ValueTask<Stream> ConnectAsync(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        return new NetworkStream(socket, ownsSocket: true);
    }
}
