using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Runtime.Cli.Keeper.Control;
using Gantry.Runtime.Cli.Keeper.Loop;
using Gantry.Runtime.Cli.NetHelper.Forwarding;
using Gantry.Runtime.Cli.NetHelper.Names;

namespace Gantry.Runtime.Cli.NetHelper;

/// <summary>The net helper: what it was told to do. Requests are in the other part.</summary>
internal sealed partial class NetHelperServer : IControlService, IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly NameService _names;
    private readonly Dictionary<string, HeldSockets> _held = [];
    private readonly ControlServer _server;

    private NetHelperServer(string socketPath, TimeSpan grace, FileLock fileLock)
    {
        _names = new NameService(_loop);
        _server = new ControlServer(_loop, this, socketPath, grace, fileLock);
        _server.LeaveWhenIdle();
    }

    /// <inheritdoc/>
    public bool HasWork => _names.Count > 0 || _held.Count > 0;

    /// <summary>Makes the socket.</summary>
    /// <param name="socketPath">Its path; beside it lies a lock file.</param>
    /// <param name="grace">How long it stays with nothing to do and no daemon connected.</param>
    /// <returns>The helper; null when another one serves that socket.</returns>
    /// <exception cref="OsException">The socket cannot be made.</exception>
    public static NetHelperServer? TryStart(string socketPath, TimeSpan grace) =>
        FileLock.TryAcquire(socketPath + ".lock") is { } fileLock ? new NetHelperServer(socketPath, grace, fileLock) : null;

    /// <summary>Serves until nothing is left to do, and no daemon there to ask for more.</summary>
    public void Run() => _loop.Run();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var held in _held.Values)
            held.Dispose();
        _names.Dispose();
        _server.Dispose();
        _loop.Dispose();
    }
}
