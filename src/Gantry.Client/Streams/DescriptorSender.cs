using System.Security.Cryptography;
using System.Text;
using Gantry.Api.Model;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Sockets;

namespace Gantry.Client.Streams;

/// <summary>
/// Sends descriptors of files to a daemon on the same machine: it reads them with the rights of who opened them, and no byte of them goes through a socket.
/// The daemon connects to a socket of the client's, which does not work where it is elsewhere, e.g. behind a forwarded socket; nothing is lost then.
/// </summary>
internal sealed class DescriptorSender : IDisposable
{
    // Many small files in one message take less time.
    private const long Smallest = 1 << 18;
    private const int RandomLength = 32;
    private readonly Fd _listener;
    private Fd? _connection;

    /// <exception cref="OsException">No descriptors are left.</exception>
    public DescriptorSender() => _listener = UnixSocket.ListenAbstract(Name);

    /// <summary>The name of the socket.</summary>
    public string Name { get; } = BuildSessionRequest.DescriptorSocketPrefix + RandomNumberGenerator.GetHexString(RandomLength, lowercase: true);

    /// <summary>What nobody but the daemon knows.</summary>
    public string Token { get; } = RandomNumberGenerator.GetHexString(RandomLength, lowercase: true);

    /// <summary>Takes the daemon's connection, which waits; others, who saw the name, get nothing.</summary>
    public void Accept()
    {
        while (_connection is null && UnixSocket.TryAccept(_listener, out _) is { } connection)
        {
            if (KnowsToken(connection))
                _connection = connection;
            else
                connection.Dispose();
        }
    }

    /// <summary>Sends one, without waiting.</summary>
    /// <returns>False: the file is small, or the daemon does not take it now. It gets the content in another way.</returns>
    public bool TrySend(Fd file) => _connection is { } connection && FileStatusReader.Read(file).Size >= Smallest
        && SocketMessages.Send(connection, [0], [file.Number], wait: false).Error == default;

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection?.Dispose();
        _listener.Dispose();
    }

    private bool KnowsToken(Fd connection)
    {
        Span<byte> said = stackalloc byte[RandomLength];
        var received = new List<Fd>();
        var (count, _) = SocketMessages.Receive(connection, said, received);
        received.ForEach(static descriptor => descriptor.Dispose());
        return CryptographicOperations.FixedTimeEquals(said[..count], Encoding.ASCII.GetBytes(Token));
    }
}
