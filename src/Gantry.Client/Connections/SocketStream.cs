using System.Net.Sockets;

namespace Gantry.Client.Connections;

/// <summary>A .NET socket: TCP, and unix sockets of programs that talk to daemons beside other work.</summary>
/// <param name="socket">The connected socket. Owned.</param>
/// <param name="blocking">Whether asynchronous calls block (see <see cref="ConnectionStream"/>).</param>
internal sealed class SocketStream(Socket socket, bool blocking) : ConnectionStream
{
    public override int Read(Span<byte> buffer)
    {
        try
        {
            return socket.Receive(buffer);
        }
        catch (SocketException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            while (buffer.Length > 0)
                buffer = buffer[socket.Send(buffer)..];
        }
        catch (SocketException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (blocking)
            return Read(buffer.Span);
        try
        {
            return await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (blocking)
        {
            Write(buffer.Span);
            return;
        }
        try
        {
            while (buffer.Length > 0)
                buffer = buffer[await socket.SendAsync(buffer, cancellationToken).ConfigureAwait(false)..];
        }
        catch (SocketException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    public override void CloseWrite()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    public override void Abort()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // Not connected any more, which is what was wanted.
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            socket.Dispose();
        base.Dispose(disposing);
    }
}
