using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Gantry.Api.Hijacking;
using Gantry.Api.Policies;
using Gantry.Api.Routing;
using Gantry.Oci;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gantry.Api.Hosting;

/// <summary>
/// The Engine API on unix sockets and TCP. Life cycle: construct, <see cref="StartAsync"/> (listens when it returns),
/// <see cref="StopAsync"/> (no new connections, what streams is given a moment, sockets are removed), dispose.
/// </summary>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly ApiServerOptions _options;
    private readonly RouteTable _routes;
    private readonly ILogger _log;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly KestrelServer _kestrel;
    private readonly ConnectionLimiter _connections;
    private readonly List<ListenOptions> _listening = [];
    private bool _started;

    /// <summary>Prepares a server; nothing is opened yet.</summary>
    /// <param name="options">Where and how to listen.</param>
    /// <param name="routes">What is served.</param>
    /// <param name="loggers">Where unexpected failures are logged; Kestrel's own messages go there too.</param>
    /// <exception cref="GantryException">The group of the socket does not exist, or systemd handed over no socket for `fd://`.</exception>
    public ApiServer(ApiServerOptions options, RouteTable routes, ILoggerFactory loggers)
    {
        _options = options;
        _routes = routes;
        _log = loggers.CreateLogger("Gantry.Api");
        _tls = options.Tls?.Load();
        _connections = new ConnectionLimiter(options.Limits.Connections, options.Limits.ConnectionsOfClient);
        foreach (var address in options.Listen) address.Policy?.CheckKnown(routes.Verbs);
        var group = SocketGroup.Find(options.SocketGroup);
        var groups = options.Listen.OfType<ListenAddress.Unix>().Where(unix => unix.Group is not null)
            .ToDictionary(unix => unix.Path, unix => SocketGroup.Find(unix.Group));
        var sockets = new SocketTransportOptions
        {
            CreateBoundListenSocket = endPoint => ListenSockets.Bind(endPoint, groups.TryGetValue(endPoint.ToString() ?? "", out var own) ? own : group),
        };
        _kestrel = new KestrelServer(Options.Create(Configure()), new SocketTransportFactory(Options.Create(sockets), loggers), loggers);
    }

    /// <summary>Where the server listens, ports chosen by the kernel filled in; empty before the start.</summary>
    public IReadOnlyList<string> Addresses => _started ? [.. _listening.Select(Describe)] : [];

    /// <summary>Opens the sockets and begins to answer.</summary>
    /// <exception cref="GantryException">Another daemon answers on a socket (409).</exception>
    /// <exception cref="IOException">An address cannot be bound.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var application = new ApiApplication(_routes, $"Gantry/{_options.EngineVersion} (linux)", _options.Limits, _options.FindSubject, _log);
        await _kestrel.StartAsync(application, cancellation);
        _started = true;
        foreach (var address in Addresses) ApiLog.Listening(_log, address);
    }

    /// <summary>Accepts no more, waits up to <see cref="ApiServerOptions.StopGrace"/> for open requests and streams, then cuts them.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        using var grace = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        grace.CancelAfter(_options.StopGrace);
        await _kestrel.StopAsync(grace.Token);
        foreach (var path in _options.Listen.OfType<ListenAddress.Unix>().Select(unix => unix.Path)) File.Delete(path);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _kestrel.Dispose();
        return ValueTask.CompletedTask;
    }

    private KestrelServerOptions Configure()
    {
        var kestrel = new KestrelServerOptions { ApplicationServices = NoServices.Instance, AddServerHeader = false, AllowSynchronousIO = false };
        var limits = kestrel.Limits;
        // A client that watches events or holds a terminal may be silent for days, and archives are as long as they are: bodies are
        // bounded where they are read, JsonBody and ArchiveUpload.
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.MaxRequestBodySize = null;
        limits.MaxRequestBufferSize = _options.Limits.RequestBuffer;
        limits.MaxRequestHeadersTotalSize = _options.Limits.Headers;
        limits.MaxRequestLineSize = _options.Limits.Headers;
        limits.RequestHeadersTimeout = _options.Limits.HeaderTime;
        limits.KeepAliveTimeout = _options.Limits.IdleTime;
        foreach (var address in _options.Listen) Listen(kestrel, address);
        return kestrel;
    }

    private void Listen(KestrelServerOptions kestrel, ListenAddress address)
    {
        void Use(ListenOptions listen) => UseHijacking(listen, address.Policy);
        switch (address)
        {
            case ListenAddress.Unix unix:
                kestrel.ListenUnixSocket(unix.Path, Use);
                break;
            case ListenAddress.Tcp tcp:
                kestrel.Listen(tcp.EndPoint, listen =>
                {
                    if (_tls is not null) listen.Use(next => connection => TlsMiddleware.RunAsync(connection, _tls, next));
                    Use(listen);
                });
                break;
            case ListenAddress.Systemd:
                foreach (var descriptor in ListenSockets.FromSystemd()) kestrel.ListenHandle(descriptor, Use);
                break;
        }
    }

    private void UseHijacking(ListenOptions listen, SocketPolicy? policy)
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection => _connections.RunAsync(connection, next));
        listen.Use(next => connection => HijackMiddleware.RunAsync(connection, next));
        if (policy is not null)
        {
            listen.Use(next => connection =>
            {
                connection.Features.Set(policy);
                return next(connection);
            });
        }
        _listening.Add(listen);
    }

    private static string Describe(ListenOptions listen) => listen.EndPoint switch
    {
        UnixDomainSocketEndPoint unix => $"unix://{unix}",
        IPEndPoint tcp => $"tcp://{tcp}",
        _ => "fd://",
    };

    /// <summary>Kestrel asks for services only where it must make something (certificates, metrics) that is not used here.</summary>
    private sealed class NoServices : IServiceProvider
    {
        public static readonly NoServices Instance = new();

        public object? GetService(Type serviceType) => null;
    }
}
