using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Processes;
using Gantry.Os.Sockets;
using Gantry.Runtime.Keeper.Client;
using Gantry.Runtime.Keeper.Protocol;

namespace Gantry.Runtime.Keeper;

/// <summary>
/// The daemon's hold on its processes, through the keeper: a small program that is their parent and outlives the daemon. Should the keeper
/// die, another one is started and gets everything this object holds copies of. All methods may be called from any thread.
/// </summary>
public sealed partial class ProcessKeeper : IDisposable
{
    private readonly KeeperLauncher _launcher;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, KeptProcess> _processes = [];
    private readonly List<KeeperConnection> _others = [];
    private readonly List<string> _unknownKeepers = [];
    private TaskCompletionSource<KeeperConnection> _primary = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _keeperHasDied, _disposed;

    private ProcessKeeper(KeeperOptions options) => _launcher = new KeeperLauncher(options);

    /// <summary>
    /// Raised when a process has ended and its output is in the log and with the attached clients (or those were slow for two seconds). On
    /// the thread that receives from the keeper: handlers must be quick. It may come before the task of its spawn goes on.
    /// </summary>
    public event Action<ProcessExit>? Exited;

    /// <summary>Raised when a keeper died (it says which process) and another has taken over, or could not. For the daemon's log.</summary>
    public event Action<int, Exception?>? KeeperDied;

    /// <summary>The processes that run, and those that ended and were not forgotten.</summary>
    public IReadOnlyList<KeptProcess> Processes
    {
        get
        {
            lock (_lock)
                return [.. _processes.Values];
        }
    }

    /// <summary>Sockets of keepers that speak another version of the protocol. They go on with their processes; this daemon cannot reach those.</summary>
    public IReadOnlyList<string> UnknownKeepers => _unknownKeepers;

    /// <summary>
    /// Connects to the keeper of a run folder, or starts it, and learns what it holds. This process becomes a child subreaper
    /// (prctl(2)), so that it inherits the processes of a keeper that dies, and their exit codes stay knowable.
    /// </summary>
    /// <exception cref="GantryException">The keeper does not start (Unavailable).</exception>
    public static async Task<ProcessKeeper> StartAsync(KeeperOptions options, CancellationToken cancellation)
    {
        PidFd.BecomeSubreaper();
        var keeper = new ProcessKeeper(options);
        try
        {
            // 1. The keeper for new processes. 2. Those of earlier versions of the program, as long as they hold something.
            await keeper.BeginAsync(cancellation);
            await keeper.ConnectOthersAsync();
            return keeper;
        }
        catch
        {
            keeper.Dispose();
            throw;
        }
    }

    /// <summary>A process by its ID; null: it is not held.</summary>
    public KeptProcess? Find(string id)
    {
        lock (_lock)
            return _processes.GetValueOrDefault(id);
    }

    /// <summary>Closes the connections. The processes run on, and keepers wait for the next daemon.</summary>
    public void Dispose()
    {
        List<KeeperConnection> connections;
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            connections = [.. _others];
        }
        if (_primary.Task.IsCompletedSuccessfully)
            connections.Add(_primary.Task.Result);
        _primary.TrySetException(new ObjectDisposedException(nameof(ProcessKeeper)));
        // Nobody may be waiting for it.
        _ = _primary.Task.Exception;
        foreach (var connection in connections)
            connection.Dispose();
        foreach (var process in Processes)
            process.Descriptors.Dispose();
    }

    private async Task BeginAsync(CancellationToken cancellation)
    {
        const int attempts = 5;
        for (var attempt = 1; ; attempt++)
        {
            var primary = await ConnectPrimaryAsync(cancellation);
            try
            {
                await HandOverAsync(primary);
                return;
            }
            catch (GantryException) when (primary.IsClosed && attempt < attempts)
            {
                // It died just now: another is started.
            }
        }
    }

    private async Task<KeeperConnection> ConnectPrimaryAsync(CancellationToken cancellation)
    {
        const int attempts = 5;
        for (var attempt = 1; ; attempt++)
        {
            var connection = new KeeperConnection(await _launcher.ConnectAsync(cancellation), _launcher.SocketPath, Received, Lost);
            try
            {
                if (await connection.GreetAsync())
                    return connection;
                connection.Dispose();
                throw new GantryException(ErrorKind.Unavailable, $"the keeper at {connection.Path} speaks another version of the protocol than its name says");
            }
            catch (GantryException) when (attempt < attempts)
            {
                // It was about to leave, having nothing to hold: the next one stays.
            }
        }
    }

    private async Task ConnectOthersAsync()
    {
        foreach (var path in _launcher.OtherSockets)
        {
            if (UnixSocket.TryConnect(path, out var error) is not { } socket)
            {
                // Nobody listens there any more.
                if (error == Errno.ECONNREFUSED)
                    File.Delete(path);
                continue;
            }
            var connection = new KeeperConnection(socket, path, Received, Lost);
            if (await connection.GreetAsync())
            {
                lock (_lock)
                    _others.Add(connection);
                await ListAsync(connection);
                LeaveIfUnused(connection);
            }
            else
            {
                connection.Dispose();
                _unknownKeepers.Add(path);
            }
        }
    }

    /// <summary>Learns what a keeper holds. What this object knows already stays, with what has changed.</summary>
    private async Task ListAsync(KeeperConnection connection)
    {
        var ended = new List<ProcessExit>();
        await connection.SendAsync(connection.New(MessageType.List), MessageType.Done, _ => true, frame =>
        {
            var reader = new MessageReader(frame.Payload);
            var record = ProcessRecord.Read(ref reader);
            var (descriptors, _) = KeptDescriptors.Read(ref reader, frame.Descriptors);
            lock (_lock)
            {
                if (!_processes.TryGetValue(record.Id, out var known))
                {
                    _processes[record.Id] = new KeptProcess(record, descriptors, connection);
                    return;
                }
                known.Connection = connection;
                if (descriptors.Stdin is null)
                    known.Descriptors.CloseStdin();
                if (record.Exit is not null)
                    ended.Add(record.Exit);
            }
            descriptors.Dispose();
        });
        foreach (var exit in ended)
            TakeExit(exit);
    }

    /// <summary>An old keeper that holds nothing any more goes when its last daemon does.</summary>
    private void LeaveIfUnused(KeeperConnection connection)
    {
        lock (_lock)
        {
            if (!_others.Contains(connection) || _processes.Values.Any(process => process.Connection == connection))
                return;
            _others.Remove(connection);
        }
        connection.Dispose();
    }

    /// <summary>Takes an event. On a connection's thread.</summary>
    private void Received(Frame frame)
    {
        var reader = new MessageReader(frame.Payload);
        switch (frame.Header.Type)
        {
            case MessageType.Exited:
                TakeExit(ProcessExitCodec.Read(ref reader));
                break;
            case MessageType.StdinClosed when Find(reader.Text()) is { } process:
                process.Descriptors.CloseStdin();
                break;
        }
    }

    private void TakeExit(ProcessExit exit)
    {
        if (Find(exit.Id) is not { } process || !process.SetExit(exit))
            return;
        // Ours, if its keeper has died: the kernel keeps it as long as its parent has not asked.
        if (process.Descriptors.PidFd is { } pidFd)
            PidFd.Reap(pidFd);
        ReapOrphans();
        Exited?.Invoke(exit);
    }

    /// <summary>
    /// Reaps what a keeper that died left to this process and nobody asks for: itself, and orphans of processes that share the host's pid
    /// namespace. Only then: children of other parts of this program are none of our business.
    /// </summary>
    private void ReapOrphans()
    {
        while (_keeperHasDied && PidFd.FindZombieChild() is { } pid && !Processes.Any(p => p.Exit is null && p.Pid == pid))
            PidFd.Reap(pid);
    }
}
