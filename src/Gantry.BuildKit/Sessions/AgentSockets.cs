using System.Net.Sockets;
using Gantry.Build.Solver;
using Gantry.BuildKit.Grpc;
using Gantry.BuildKit.Messages;

namespace Gantry.BuildKit.Sessions;

/// <summary>The sockets of a build at which its steps find the client's SSH agents; each connection is forwarded to the client.</summary>
/// <param name="session">The client.</param>
/// <param name="folders">Where the sockets are.</param>
internal sealed class AgentSockets(ClientSession session, AgentFolders folders) : IDisposable
{
    private readonly Dictionary<string, Task<string?>> _paths = [];
    private readonly List<Socket> _listeners = [];
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private string? _folder;

    /// <summary>The path of an agent's socket; null: the client does not have it.</summary>
    public Task<string?> FindAsync(string id, CancellationToken cancellation)
    {
        lock (_gate)
            return _paths.TryGetValue(id, out var path) ? path : _paths[id] = ListenAsync(id, cancellation);
    }

    public void Dispose()
    {
        _end.Cancel();
        lock (_gate)
        {
            _listeners.ForEach(listener => listener.Dispose());
            if (_folder is not null)
                Directory.Delete(_folder, recursive: true);
        }
        _end.Dispose();
    }

    private async Task<string?> ListenAsync(string id, CancellationToken cancellation)
    {
        if (!await session.HasAgentAsync(id, cancellation))
            return null;
        lock (_gate)
        {
            // Whoever the socket is mounted for may use it, whatever user the step has.
            _folder ??= folders.Create();
            var path = Path.Combine(_folder, $"{_listeners.Count}.sock");
            var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            _listeners.Add(listener);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
            const UnixFileMode everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite
                | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
            File.SetUnixFileMode(path, everybody);
            _ = AcceptAsync(listener, id, _end.Token);
            return path;
        }
    }

    private async Task AcceptAsync(Socket listener, string id, CancellationToken cancellation)
    {
        try
        {
            while (true)
                _ = ForwardAsync(await listener.AcceptAsync(cancellation), id, cancellation);
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The build has ended.
        }
    }

    private async Task ForwardAsync(Socket socket, string id, CancellationToken cancellation)
    {
        try
        {
            await using var step = new NetworkStream(socket, ownsSocket: true);
            await using var agent = session.Channel.Open("/moby.sshforward.v1.SSH/ForwardAgent", new GrpcMetadata { { "buildkit.ssh.id", id } }, cancellation);
            var sending = SendAsync(step, agent, cancellation);
            while (await agent.ReadAsync() is { } message)
                await step.WriteAsync(BytesMessage.DataOf(message), cancellation);
            socket.Shutdown(SocketShutdown.Send);
            await sending;
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or GrpcException or SocketException)
        {
            // The step or the client has closed it: the other one sees the end.
        }
    }

    private static async Task SendAsync(NetworkStream step, GrpcStream agent, CancellationToken cancellation)
    {
        var buffer = new byte[1 << 14];
        int count;
        while ((count = await step.ReadAsync(buffer, cancellation)) > 0 && await agent.WriteAsync(new BytesMessage(buffer.AsMemory(0, count))))
        {
        }
        agent.CompleteWriting();
    }
}
