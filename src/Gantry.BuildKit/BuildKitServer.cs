using System.IO.Pipelines;
using Gantry.BuildKit.Control;
using Gantry.BuildKit.Gateway;
using Gantry.BuildKit.Grpc;
using Gantry.BuildKit.Messages;
using Gantry.BuildKit.Sessions;
using Gantry.Engine.Information;
using Gantry.Oci.Images;
using Microsoft.Extensions.Logging;

namespace Gantry.BuildKit;

/// <summary>
/// BuildKit's API for its own clients, such as <c>docker buildx</c>, over the engine's builder. Connections come from the Engine API, whose requests give
/// them up: those on which clients call (<see cref="ServeCallsAsync"/>), and those on which they are called (<see cref="ServeSessionAsync"/>). What it
/// needs is made at the first of them.
/// </summary>
public sealed class BuildKitServer : IAsyncDisposable
{
    private readonly SessionRegistry _sessions = new();
    private readonly Lazy<Task<GrpcServer>> _server;

    /// <param name="engine">The engine, whose builder is used.</param>
    /// <param name="loggers">Where unexpected failures are logged.</param>
    public BuildKitServer(Engine.Engine engine, ILoggerFactory loggers) => _server = new Lazy<Task<GrpcServer>>(() => StartAsync(engine, loggers));

    /// <summary>Answers calls on a connection, to its end.</summary>
    /// <param name="connection">The connection, on which HTTP/2 begins.</param>
    public async Task ServeCallsAsync(IDuplexPipe connection) => await (await _server.Value).ServeAsync(connection);

    /// <summary>Keeps a client's session, to its end.</summary>
    /// <param name="head">What the client said of itself.</param>
    /// <param name="connection">The connection, on which the client waits for HTTP/2.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task ServeSessionAsync(SessionHead head, IDuplexPipe connection, CancellationToken cancellation)
    {
        await using var stream = new PipeStream(connection);
        await _sessions.ServeAsync(head, stream, stream.Ended, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
            await (await _server.Value).DisposeAsync();
    }

    private async Task<GrpcServer> StartAsync(Engine.Engine engine, ILoggerFactory loggers)
    {
        var clock = TimeProvider.System;
        var jobs = new JobRegistry();
        var frontend = new DockerfileFrontend(engine.Builds, jobs, clock);
        var worker = new WorkerMessage
        {
            Id = "gantry",
            // The second says that images for several platforms, archives and pushes are made here, not by the client.
            Labels = new Dictionary<string, string>
            {
                ["org.mobyproject.buildkit.worker.executor"] = "gantry", ["org.mobyproject.buildkit.worker.snapshotter"] = "gantry",
            },
            Platforms = [Platform.Host],
            Version = new VersionMessage("github.com/moby/buildkit", "v0.25.0+gantry-" + SystemInformation.EngineVersion),
        };
        var control = new ControlService(engine.Builds, _sessions, jobs, frontend, new JobExporter(engine.Registries, engine.Builds), worker, clock);
        var gateway = new GatewayService(jobs, frontend, worker);
        var methods = control.Methods().Concat(gateway.Methods()).ToDictionary();
        methods["/grpc.health.v1.Health/Check"] = static async call =>
        {
            await call.ReadOneAsync();
            await call.WriteAsync(new Protobuf.ProtoWriter().Number(1, 1).Written);
        };
        var server = new GrpcServer(methods, loggers);
        await server.StartAsync(CancellationToken.None);
        return server;
    }
}
