using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Gantry.Api.Hijacking;

/// <summary>
/// Connection middleware that lets a request handler take the raw connection. ASP.NET's upgrade feature cannot serve docker's attach:
/// it refuses requests with a body (exec/start has one), and Kestrel ends a connection whose client has closed its sending side,
/// which is how a client says "end of standard input". So Kestrel gets stand-ins for the pipes and for the closed token.
/// </summary>
internal static class HijackMiddleware
{
    /// <summary>Runs a connection with the feature that lets it be taken.</summary>
    public static async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var inner = connection.Transport;
        using var hijackable = new HijackableConnection(inner, connection.ConnectionClosed);
        connection.Transport = hijackable;
        connection.ConnectionClosed = hijackable.Closed;
        connection.Features.Set(hijackable);
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = inner;
        }
    }
}

/// <summary>The pipes of a connection as Kestrel sees them, until a handler takes the real ones.</summary>
internal sealed class HijackableConnection : IDuplexPipe, IDisposable
{
    private readonly SwitchablePipeReader _input;
    private readonly SwitchablePipeWriter _output;
    private readonly CancellationTokenSource _closed = new();
    private readonly CancellationTokenRegistration _registration;
    private volatile bool _taken;

    public HijackableConnection(IDuplexPipe inner, CancellationToken closed)
    {
        _input = new(inner.Input);
        _output = new(inner.Output);
        _registration = closed.UnsafeRegister(static self => ((HijackableConnection)self!).OnClosed(), this);
    }

    public PipeReader Input => _input;

    public PipeWriter Output => _output;

    /// <summary>Cancelled when the client closes its sending side, unless the connection was taken before.</summary>
    public CancellationToken Closed => _closed.Token;

    /// <summary>Takes the connection: Kestrel from now on reads an end and writes into nothing.</summary>
    public RawConnection Take()
    {
        _taken = true;
        return new(_input.Detach(), _output.Detach());
    }

    public void Dispose()
    {
        _registration.Dispose();
        _closed.Dispose();
    }

    private void OnClosed()
    {
        if (!_taken) _closed.Cancel();
    }
}

/// <summary>A connection without HTTP.</summary>
/// <param name="Input">What the client sends; its end is the end of standard input.</param>
/// <param name="Output">What the client receives.</param>
internal readonly record struct RawConnection(PipeReader Input, PipeWriter Output);
