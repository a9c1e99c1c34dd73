using System.Net.Sockets;
using System.Text;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Build.Solver;

/// <summary>
/// A step's own socket of an SSH agent, with the owner and the permissions that its mount asks for; each connection is forwarded. The agent itself talks to its
/// own user and to root alone.
/// </summary>
internal sealed class AgentRelay : IDisposable
{
    private readonly string _agent;
    private readonly string _folder;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _end = new();

    /// <param name="folder">The folder of the step's own socket; removed with this.</param>
    /// <param name="agent">The path of the agent's socket.</param>
    /// <param name="mode">Permission bits.</param>
    /// <param name="user">Owner.</param>
    /// <param name="group">Group.</param>
    /// <exception cref="OsException">The kernel refused.</exception>
    public AgentRelay(string folder, string agent, uint mode, uint user, uint group)
    {
        (_folder, _agent) = (folder, agent);
        try
        {
            _listener.Bind(new UnixDomainSocketEndPoint(Path));
            var bytes = Encoding.UTF8.GetBytes(Path);
            Check(FileMetadata.TrySetOwner(null, bytes, user, group), "set the owner of");
            Check(FileMetadata.TrySetPermissions(null, bytes, mode), "set the permissions of");
            _listener.Listen();
        }
        catch
        {
            Dispose();
            throw;
        }
        _ = AcceptAsync();
    }

    /// <summary>Where it is.</summary>
    public string Path => System.IO.Path.Combine(_folder, "agent.sock");

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ForwardAsync(await _listener.AcceptAsync(_end.Token));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The step has ended.
        }
    }

    private async Task ForwardAsync(Socket step)
    {
        try
        {
            using var agent = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            using (step)
            {
                await agent.ConnectAsync(new UnixDomainSocketEndPoint(_agent), _end.Token);
                await Task.WhenAll(CopyAsync(step, agent), CopyAsync(agent, step));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            // The step or the agent has closed it: the other one sees the end.
            step.Dispose();
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[1 << 14];
        while (await from.ReceiveAsync(buffer, _end.Token) is var count and > 0)
        {
            for (var sent = 0; sent < count;)
                sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _end.Token);
        }
        to.Shutdown(SocketShutdown.Send);
    }

    private void Check(Errno error, string verb)
    {
        if (error != default)
            throw new OsException($"{verb} the agent's socket {Path}", error);
    }
}
