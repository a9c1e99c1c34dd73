using System.Text;
using Gantry.Api.Model;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Sockets;

namespace Gantry.Api.Build;

/// <summary>Takes descriptors of files from a client on the same machine.</summary>
internal sealed class DescriptorReceiver : IDisposable
{
    private readonly Fd _socket;

    private DescriptorReceiver(Fd socket) => _socket = socket;

    /// <summary>Connects to a client; null: it offers nothing, or it is elsewhere.</summary>
    /// <param name="name">The socket on which it waits.</param>
    /// <param name="token">What it wants to hear there.</param>
    /// <exception cref="InvalidDataException">The name is no name of such a socket.</exception>
    public static DescriptorReceiver? TryConnect(string name, string token)
    {
        if (name.Length == 0)
            return null;
        // Nobody has the daemon connect to what is no client.
        const string prefix = BuildSessionRequest.DescriptorSocketPrefix;
        if (name.Length != prefix.Length + 32 || !name.StartsWith(prefix, StringComparison.Ordinal) || !name[prefix.Length..].All(char.IsAsciiHexDigitLower))
            throw new InvalidDataException($"{name} is no socket for descriptors");
        if (UnixSocket.TryConnectAbstract(name) is not { } socket)
            return null;
        if (SocketMessages.Send(socket, Encoding.ASCII.GetBytes(token), [], wait: false).Error == default)
            return new DescriptorReceiver(socket);
        socket.Dispose();
        return null;
    }

    /// <summary>The next file, which was sent already.</summary>
    /// <exception cref="InvalidDataException">There is none, or it is no regular file: who reads from others may wait for ever.</exception>
    public Fd Take()
    {
        var received = new List<Fd>(1);
        var (_, error) = SocketMessages.Receive(_socket, stackalloc byte[1], received);
        if (error == default && received is [var file] && FileStatusReader.Read(file).IsRegular)
            return file;
        received.ForEach(static descriptor => descriptor.Dispose());
        throw new InvalidDataException("the client sent no descriptor of a file");
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
