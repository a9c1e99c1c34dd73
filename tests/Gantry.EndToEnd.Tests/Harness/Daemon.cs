using System.Net.Sockets;

namespace Gantry.EndToEnd.Tests.Harness;

/// <summary>A gantry daemon with folders and a socket of its own. When it is disposed of, it has to end and to leave nothing behind.</summary>
internal sealed class Daemon : IDisposable
{
    private readonly IReadOnlyDictionary<string, string>? _environment;
    private readonly IReadOnlyList<string> _flags;
    private readonly string _before;
    private Command _process;

    /// <param name="environment">Variables of the daemon and of what it starts.</param>
    /// <param name="flags">Its flags.</param>
    /// <param name="before">Shell commands of the process that becomes the daemon.</param>
    public Daemon(IReadOnlyDictionary<string, string>? environment = null, IReadOnlyList<string>? flags = null, string before = "")
    {
        _before = before;
        _environment = environment;
        _flags = flags ?? [];
        Directory.CreateDirectory(Path.Combine(TestEnvironment.Root, "out", "test-results"));
        Folder = Directory.CreateTempSubdirectory("gantry-e2e-").FullName;
        Directory.CreateDirectory(Run);
        File.WriteAllText(Log, "");
        _process = Launch();
    }

    /// <summary>Everything of this engine lies below it.</summary>
    public string Folder { get; }

    public string Root => Path.Combine(Folder, "root");

    public string Run => Path.Combine(Folder, "run");

    public string Host => "unix://" + Socket;

    public int Pid => _process.Pid;

    /// <summary>The process that holds the containers.</summary>
    public int KeeperPid => KeeperPids.Single();

    /// <summary>
    /// The processes that hold containers: more than one for a moment, when one replaces the other. Not their children, which have the same
    /// command line until they execute their file: to kill one would be to kill a container.
    /// </summary>
    public IReadOnlyList<int> KeeperPids
    {
        get
        {
            var pids = MachineState.ProcessesThatMention(Folder).Where(process =>
                process.CommandLine.Contains("gantry-runtime", StringComparison.Ordinal) && process.CommandLine.Contains("keeper", StringComparison.Ordinal))
                .Select(process => process.Pid).ToList();
            return [.. pids.Where(pid => MachineState.ParentOf(pid) is { } parent && !pids.Contains(parent))];
        }
    }

    private string Socket => Path.Combine(Run, "gantry.sock");

    private string Log => Path.Combine(Folder, "daemon.log");

    // Who starts an engine may have left anything open: here the host's root, for the tests that try to get there through it.
    private string[] CommandLine =>
        ["sh", "-c", _before + "exec \"$0\" \"$@\" 9</ >>" + Log + " 2>&1", TestEnvironment.Gantry, "daemon", "--root", Root, "--run", Run, "-H", Host,
            .. _flags];

    /// <summary>SIGKILL, as the kernel does it when memory runs out.</summary>
    public void Kill()
    {
        _process.Signal("KILL");
        _process.Wait();
    }

    /// <summary>SIGKILL for the daemon and the process that holds its containers, at once.</summary>
    public void KillWithKeeper()
    {
        Command.Run(["sh", "-c", $"kill -KILL {Pid} {string.Join(' ', KeeperPids)}"]);
        _process.Wait();
    }

    /// <summary>What the daemon has logged.</summary>
    public string ReadLog() => File.ReadAllText(Log);

    /// <summary>SIGTERM: an orderly end, which leaves the containers running.</summary>
    public void Stop()
    {
        _process.Signal("TERM");
        Assert.True(_process.Wait().ExitCode == 0, "the daemon did not end with 0:\n" + File.ReadAllText(Log));
    }

    /// <summary>Starts the daemon again with the same folders.</summary>
    public void Restart()
    {
        // One that does not start is told of by what it says, and not by the lack of a process.
        var ended = _process;
        _process = Launch();
        ended.Dispose();
    }

    /// <summary>Starts a second daemon with the same folders, while the first one runs; nothing is waited for.</summary>
    public Command LaunchAnother() => Command.Start(CommandLine, _environment);

    /// <summary>An orderly end of the daemon; another one, already launched, is the daemon from now on.</summary>
    public void StopFor(Command next)
    {
        Stop();
        _process.Dispose();
        _process = next;
    }

    public void Dispose()
    {
        try
        {
            RemoveContainers();
            if (!_process.HasExited) Stop();
            MachineState.AssertNothingLeft(Folder);
            MachineState.AssertNoEngineCgroup(Root);
        }
        catch (Exception e)
        {
            // The test runner tells only that a fixture failed: eng/test shows this file.
            File.AppendAllText(Path.Combine(TestEnvironment.Root, "out", "test-results", "cleanup.log"),
                $"{e.Message}\n--- log of the daemon\n{File.ReadAllText(Log)}\n");
            throw;
        }
        finally
        {
            // What a failed test left is ended by its number, so that the next one starts on a clean machine.
            foreach (var process in MachineState.ProcessesThatMention(Folder)) Command.Run(["sh", "-c", $"kill -KILL {process.Pid}"]);
            Command.Run(["sh", "-c", $"umount -l $(awk '$5 ~ \"^{Folder}\" {{print $5}}' /proc/self/mountinfo) 2>/dev/null; rm -rf {Folder}"]);
            _process.Dispose();
        }
    }

    private void RemoveContainers()
    {
        if (_process.HasExited) Restart();
        var client = new Client(TestEnvironment.DockerClient, Host);
        var ids = client.Run("ps", "-aq", "--no-trunc").Lines;
        if (ids.Length > 0) client.Run(["rm", "-f", .. ids]).Succeeded();
        MachineState.AssertContainersGone(ids, Root, Run);
    }

    private Command Launch()
    {
        var process = Command.Start(CommandLine, _environment);
        Eventually.True(() => process.HasExited || Answers(), () => "the daemon does not listen:\n" + File.ReadAllText(Log));
        Assert.False(process.HasExited, process.HasExited ? "the daemon ended:\n" + File.ReadAllText(Log) : "");
        return process;
    }

    private bool Answers()
    {
        if (!File.Exists(Socket)) return false;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(Socket));
            return true;
        }
        catch (SocketException)
        {
            return false; // The socket of a daemon that was killed.
        }
    }
}
