using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gantry.BuildKit.Grpc;

/// <summary>
/// Serves gRPC on connections that come from elsewhere: those that a request of the Engine API gave up (<c>Upgrade: h2c</c>). Kestrel speaks HTTP/2 on
/// them, as if it had accepted them. Life cycle: construct, <see cref="StartAsync"/>, <see cref="ServeAsync"/> for each connection, dispose.
/// </summary>
internal sealed class GrpcServer : IAsyncDisposable
{
    private readonly Listener _listener = new();
    private readonly KestrelServer _kestrel;
    private readonly GrpcApplication _application;
    private long _last;

    public GrpcServer(IReadOnlyDictionary<string, GrpcMethod> methods, ILoggerFactory loggers)
    {
        _application = new GrpcApplication(methods, loggers.CreateLogger("Gantry.BuildKit"));
        var options = new KestrelServerOptions { ApplicationServices = NoServices.Instance, AddServerHeader = false };
        var limits = options.Limits;
        // A build may say nothing for hours, and a context is as long as it is.
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.MaxRequestBodySize = null;
        // What clients send with a call may be a list of patterns.
        limits.MaxRequestHeaderCount = 10_000;
        limits.MaxRequestHeadersTotalSize = 1 << 20;
        // "Infinite" overflows in Kestrel's sum, and the next of its ticks, one each second, would end a connection that has no call just then.
        limits.KeepAliveTimeout = TimeSpan.FromDays(365);
        limits.Http2.InitialStreamWindowSize = 1 << 20;
        options.Listen(new PlaceInMemory(), listen => listen.Protocols = HttpProtocols.Http2);
        _kestrel = new KestrelServer(Options.Create(options), new ListenerFactory(_listener), loggers);
    }

    public Task StartAsync(CancellationToken cancellation) => _kestrel.StartAsync(_application, cancellation);

    /// <summary>Serves a connection to its end.</summary>
    /// <param name="pipe">The connection, after its upgrade.</param>
    public async Task ServeAsync(IDuplexPipe pipe)
    {
        var connection = new GivenConnection($"gRPC{Interlocked.Increment(ref _last)}", pipe);
        await _listener.GiveAsync(connection);
        await connection.Ended;
    }

    public async ValueTask DisposeAsync()
    {
        // Calls that wait for nothing more must not delay the daemon's end.
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        try
        {
            await _kestrel.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
            // So it was meant.
        }
        _kestrel.Dispose();
    }

    private sealed class PlaceInMemory : EndPoint
    {
        public override string ToString() => "memory";
    }

    private sealed class Listener : IConnectionListener
    {
        private readonly Channel<ConnectionContext> _waiting = Channel.CreateUnbounded<ConnectionContext>();

        public EndPoint EndPoint { get; } = new PlaceInMemory();

        public ValueTask GiveAsync(ConnectionContext connection) => _waiting.Writer.WriteAsync(connection);

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await _waiting.Reader.WaitToReadAsync(cancellationToken) && _waiting.Reader.TryRead(out var connection) ? connection : null;

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _waiting.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }

    private sealed class ListenerFactory(Listener listener) : IConnectionListenerFactory
    {
        public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<IConnectionListener>(listener);
    }

    /// <summary>Kestrel asks for services only where it must make something that is not used here.</summary>
    private sealed class NoServices : IServiceProvider
    {
        public static readonly NoServices Instance = new();

        public object? GetService(Type serviceType) => null;
    }
}
