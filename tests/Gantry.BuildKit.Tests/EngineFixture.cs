using Gantry.BuildKit.Grpc;
using Gantry.BuildKit.Sessions;
using Gantry.BuildKit.Tests.Grpc;
using Gantry.BuildKit.Tests.Sessions;
using Gantry.Engine;
using Gantry.Os.Processes;
using Gantry.Os.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gantry.BuildKit.Tests;

/// <summary>An engine in folders of its own with BuildKit's API in front of it.</summary>
public sealed class EngineFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-buildkit-").FullName;
    private Engine.Engine _engine = null!;
    private BuildKitServer _server = null!;

    /// <summary>The static busybox that <c>eng/busybox-image</c> leaves in the repository's <c>out/images</c>.</summary>
    internal static byte[] Busybox()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var busybox = Path.Combine(folder.FullName, "out/images/busybox");
            if (File.Exists(busybox))
                return File.ReadAllBytes(busybox);
        }
        throw new FileNotFoundException("No static busybox in out/images: run eng/busybox-image out/images/busybox.tar, or the tests by eng/test.");
    }

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
        _server = new BuildKitServer(_engine, NullLoggerFactory.Instance);
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _engine.Dispose();
        StopKeeper();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A keeper without containers outlives its engine for a moment.</summary>
    private void StopKeeper()
    {
        foreach (var socket in Directory.GetFiles(_folder, "keeper-*.sock", SearchOption.AllDirectories))
        {
            using var connection = UnixSocket.TryConnect(socket, out _);
            if (connection is null)
                continue;
            using var keeper = PidFd.TryOpen(UnixSocket.Peer(connection).Pid, out _);
            if (keeper is not null)
                PidFd.SendSignal(keeper, 9);
        }
    }

    /// <summary>The image of a name; null: there is none.</summary>
    internal Images.Image? FindImage(string name) => _engine.Images.Find(name);

    /// <summary>Connects a client with its session.</summary>
    internal async Task<ConnectedClient> ConnectAsync()
    {
        var client = await FakeClient.StartAsync();
        var calls = new PipePair();
        var id = Guid.NewGuid().ToString("N");
        var stop = new CancellationTokenSource();
        var serving = Task.WhenAll(
            _server.ServeCallsAsync(calls.One), _server.ServeSessionAsync(new SessionHead(id, "shared", []), client.DaemonEnd, stop.Token));
        return new ConnectedClient(id, client, new GrpcChannel(new PipeStream(calls.Other)), calls, serving, stop);
    }
}

/// <summary>A client of BuildKit's API.</summary>
internal sealed record ConnectedClient(
    string Session, FakeClient Client, GrpcChannel Channel, PipePair Calls, Task Serving, CancellationTokenSource Stop) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await Stop.CancelAsync();
        Channel.Dispose();
        await Calls.Other.Output.CompleteAsync();
        await Calls.One.Output.CompleteAsync();
        await Client.DisposeAsync();
        await Serving;
        Stop.Dispose();
    }
}
