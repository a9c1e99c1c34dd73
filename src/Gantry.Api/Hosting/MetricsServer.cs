using System.Net;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gantry.Api.Hosting;

/// <summary>`/metrics` for Prometheus, on an address of its own (`--metrics-addr`).</summary>
public sealed class MetricsServer : IAsyncDisposable
{
    private readonly KestrelServer _kestrel;
    private readonly Func<string> _write;

    /// <summary>Prepares the server; nothing is opened yet.</summary>
    /// <param name="address">Where to listen.</param>
    /// <param name="write">Writes the figures, each time they are asked for.</param>
    /// <param name="loggers">Where Kestrel's own messages go.</param>
    public MetricsServer(IPEndPoint address, Func<string> write, ILoggerFactory loggers)
    {
        _write = write;
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Listen(address, static listen => listen.Protocols = HttpProtocols.Http1);
        _kestrel = new KestrelServer(Options.Create(options), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers), loggers);
    }

    /// <summary>Begins to answer.</summary>
    /// <exception cref="IOException">The address cannot be bound.</exception>
    public Task StartAsync(CancellationToken cancellation) => _kestrel.StartAsync(new Application(_write), cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _kestrel.StopAsync(now.Token);
        _kestrel.Dispose();
    }

    private sealed class Application(Func<string> write) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }

        public async Task ProcessRequestAsync(HttpContext context)
        {
            var isMetrics = context.Request.Path == "/metrics" && HttpMethods.IsGet(context.Request.Method);
            context.Response.StatusCode = isMetrics ? StatusCodes.Status200OK : StatusCodes.Status404NotFound;
            context.Response.ContentType = isMetrics ? "text/plain; version=0.0.4; charset=utf-8" : "text/plain; charset=utf-8";
            var body = Encoding.UTF8.GetBytes(isMetrics ? write() : "404 page not found\n");
            context.Response.ContentLength = body.Length;
            await context.Response.BodyWriter.WriteAsync(body);
        }
    }
}
