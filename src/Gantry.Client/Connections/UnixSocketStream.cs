using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Sockets;

namespace Gantry.Client.Connections;

/// <summary>
/// A unix socket in blocking calls of the kernel alone. .NET's own socket asks first which protocols there are and starts a thread for its
/// event loop, which takes longer than a request.
/// </summary>
internal sealed class UnixSocketStream(Fd socket) : ConnectionStream
{
    /// <summary>Connects.</summary>
    /// <exception cref="OsException">Nobody listens there (ENOENT, ECONNREFUSED), or this user may not connect (EACCES).</exception>
    public static UnixSocketStream Connect(string path) =>
        new(UnixSocket.TryConnect(path, out var error) ?? throw new OsException("connect", error));

    public override bool IsUnixSocket => true;

    public override int Read(Span<byte> buffer) => FileData.Read(socket, buffer);

    public override void Write(ReadOnlySpan<byte> buffer) => FileData.Write(socket, buffer);

    public override void CloseWrite() => UnixSocket.ShutdownWriting(socket);

    public override void Abort() => UnixSocket.Shutdown(socket);

    protected override void Dispose(bool disposing)
    {
        if (disposing && !socket.IsClosed)
        {
            // Closing alone would leave a read of another thread blocked.
            UnixSocket.Shutdown(socket);
            socket.Dispose();
        }
        base.Dispose(disposing);
    }
}
