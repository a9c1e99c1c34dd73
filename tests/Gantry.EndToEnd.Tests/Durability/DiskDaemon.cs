using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Durability;

/// <summary>A daemon whose root and run folders lie where a test wants them. Ends with all it started.</summary>
internal sealed class DiskDaemon : IDisposable
{
    private readonly string _folder;
    private readonly string _root;
    private readonly string _log;
    private readonly Command _process;

    /// <param name="folder">A folder that all of its paths lie in.</param>
    /// <param name="root">Its <c>--root</c>.</param>
    /// <param name="run">Its <c>--run</c>.</param>
    /// <param name="before">Shell commands to run first, in a mount namespace of its own; none: it has none of its own.</param>
    public DiskDaemon(string folder, string root, string run, string before = "")
    {
        (_folder, _root) = (folder, root);
        _log = Path.Combine(folder, "daemon.log");
        var socket = Path.Combine(folder, "gantry.sock");
        Host = "unix://" + socket;
        File.Delete(socket);
        var daemon = $"exec {TestEnvironment.Gantry} daemon --root {root} --run {run} -H {Host} >>{_log} 2>&1";
        _process = before.Length == 0
            ? Command.Start(["sh", "-c", daemon])
            : Command.Start(["unshare", "--mount", "--propagation", "private", "sh", "-c", $"{before} && {daemon}"]);
    }

    public string Host { get; }

    public int Pid => _process.Pid;

    public bool HasExited => _process.HasExited;

    public string Log => File.Exists(_log) ? File.ReadAllText(_log) : "";

    public Client Gantry => new(TestEnvironment.Gantry, Host);

    /// <summary>Waits until it answers.</summary>
    public DiskDaemon Ready()
    {
        Eventually.True(
            () => HasExited || (File.Exists(Host["unix://".Length..]) && Gantry.Run("version").ExitCode == 0),
            () => "the daemon does not answer:\n" + Log);
        Assert.False(HasExited, "the daemon ended:\n" + Log);
        return this;
    }

    /// <summary>SIGTERM; it has to end well.</summary>
    public void Stop()
    {
        _process.Signal("TERM");
        Assert.True(_process.Wait().ExitCode == 0, "the daemon did not end with 0:\n" + Log);
    }

    public void Dispose()
    {
        // Again, since what is ended may just have started something.
        while (MachineState.ProcessesThatMention(_folder) is { Count: > 0 } left)
        {
            foreach (var process in left)
                Command.Run(["sh", "-c", $"kill -KILL {process.Pid}"]);
            Thread.Sleep(20);
        }

        _process.Dispose();
        // Containers outlive whoever held them.
        Command.Run(["sh", "-c",
            $"for d in $(find /sys/fs/cgroup -depth -type d -path '*/{MachineState.EngineCgroup(_root)}*'); do kill -KILL $(cat $d/cgroup.procs); rmdir $d; done 2>/dev/null"]);
    }
}
