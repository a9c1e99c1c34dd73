using System.Net.Sockets;
using System.Security.Authentication;
using Gantry.Client.Http;
using Gantry.Os;

namespace Gantry.Client.Connections;

/// <summary>Opens connections to one daemon.</summary>
/// <param name="address">Where the daemon listens.</param>
/// <param name="tls">TLS for TCP addresses, or null for none.</param>
/// <param name="blocking">
/// Whether calls on the connections block their thread (see <see cref="ConnectionStream"/>), as suits the command line.
/// </param>
/// <param name="revive">Called when nobody answers: true when it brought a daemon up, so that connecting is worth another try.</param>
public sealed class EngineConnector(EngineAddress address, TlsOptions? tls, bool blocking, Func<CancellationToken, ValueTask<bool>>? revive = null)
{
    /// <summary>Where the daemon listens.</summary>
    public EngineAddress Address { get; } = address;

    /// <summary>Opens a connection.</summary>
    /// <exception cref="EngineUnreachableException">Nobody answers there.</exception>
    public async ValueTask<HttpConnection> ConnectAsync(CancellationToken cancellation)
    {
        try
        {
            return await TryConnectAsync(cancellation).ConfigureAwait(false);
        }
        catch (EngineUnreachableException error) when (revive is not null && !error.PermissionDenied)
        {
            if (!await revive(cancellation).ConfigureAwait(false))
                throw;
            return await TryConnectAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Opens a connection for bytes of the caller's own; without TLS.</summary>
    /// <exception cref="EngineUnreachableException">Nobody answers there.</exception>
    public async ValueTask<ConnectionStream> OpenStreamAsync(CancellationToken cancellation)
    {
        try
        {
            return Address.IsSsh ? SshStream.Connect(Address) : new SocketStream(await OpenSocketAsync(cancellation).ConfigureAwait(false), blocking);
        }
        catch (SocketException error)
        {
            throw new EngineUnreachableException(Address, error, error.SocketErrorCode == SocketError.AccessDenied);
        }
    }

    private async ValueTask<HttpConnection> TryConnectAsync(CancellationToken cancellation)
    {
        ConnectionStream? socket = null;
        try
        {
            if (Address.IsSsh)
            {
                socket = SshStream.Connect(Address);
                return new HttpConnection(socket, socket, Address.Host);
            }
            socket = blocking && Address.SocketPath is { } path
                ? UnixSocketStream.Connect(path)
                : new SocketStream(await OpenSocketAsync(cancellation).ConfigureAwait(false), blocking);
            Stream stream = socket;
            if (tls is not null && Address.SocketPath is null)
                stream = await tls.SecureAsync(socket, Address.Host, cancellation).ConfigureAwait(false);
            return new HttpConnection(stream, socket, Address.SocketPath is null ? $"{Address.Host}:{Address.Port}" : "gantry");
        }
        catch (Exception error) when (error is SocketException or AuthenticationException or IOException)
        {
            socket?.Dispose();
            throw new EngineUnreachableException(Address, error, error is SocketException { SocketErrorCode: SocketError.AccessDenied }
                || error is OsException { Errno: var errno } && errno == Errno.EACCES);
        }
    }

    private async ValueTask<Socket> OpenSocketAsync(CancellationToken cancellation)
    {
        var unix = Address.SocketPath is not null;
        var socket = unix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (unix)
                socket.Connect(new UnixDomainSocketEndPoint(Address.SocketPath!));
            else if (blocking)
                socket.Connect(Address.Host, Address.Port);
            else
                await socket.ConnectAsync(Address.Host, Address.Port, cancellation).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
