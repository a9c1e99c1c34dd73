using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Gantry.Os;
using Gantry.Os.Processes;
using Gantry.Os.Sockets;
using Gantry.Runtime.Create;
using Gantry.Runtime.Keeper;

namespace Gantry.Runtime.Cli.Tests.Keeper;

/// <summary>A run folder, and keepers of the built program in it; at the end all processes and keepers are stopped and the folder is gone.</summary>
public sealed class KeeperFixture : IAsyncDisposable
{
    private readonly List<ProcessKeeper> _daemons = [];
    private readonly List<int> _pids = [];

    public string Folder { get; } = Directory.CreateTempSubdirectory("keeper-test-").FullName;

    public string LogPath => Path.Combine(Folder, "container.log");

    public KeeperOptions Options => new()
    {
        RuntimeBinary = Environment.GetEnvironmentVariable("GANTRY_RUNTIME") ?? Path.Combine(AppContext.BaseDirectory, "gantry-runtime"),
        RunFolder = Folder,
        Grace = TimeSpan.FromSeconds(1),
    };

    /// <summary>A daemon's view of the keeper. Several of them are several daemons.</summary>
    public async Task<ProcessKeeper> StartDaemonAsync()
    {
        var keeper = await ProcessKeeper.StartAsync(Options, CancellationToken.None);
        _daemons.Add(keeper);
        return keeper;
    }

    public int KeeperPid
    {
        get
        {
            var socket = Directory.GetFiles(Folder, "keeper-*.sock").Single();
            using var connection = UnixSocket.TryConnect(socket, out _);
            return UnixSocket.Peer(connection!).Pid;
        }
    }

    /// <summary>kill -9 of the keeper; returns when it is dead.</summary>
    public void KillKeeper()
    {
        using var pidFd = PidFd.TryOpen(KeeperPid, out _)!;
        PidFd.SendSignal(pidFd, 9);
    }

    public async Task<KeptProcess> RunAsync(ProcessKeeper keeper, string id, string script, SpawnRequest? like = null)
    {
        var state = Directory.CreateDirectory(Path.Combine(Folder, "state-" + id)).FullName;
        like ??= new SpawnRequest { Id = id, Compile = null!, Log = new LogRequest { Path = LogPath } };
        var process = await keeper.SpawnAsync(like with { Id = id, Compile = streams => Shell(streams, script), StateFolder = state }, CancellationToken.None);
        _pids.Add(process.Pid);
        return process;
    }

    /// <summary>A shell that runs a script, with nothing but its streams.</summary>
    public static ContainerLaunch Shell(ProcessStreams streams, string script) => Program(streams, "/bin/sh", "sh", "-c", script);

    public static ContainerLaunch Program(ProcessStreams streams, string file, params string[] arguments)
    {
        var builder = new ProcessProgramBuilder();
        var descriptors = new List<Fd>();
        ProgramDescriptor Use(Fd fd)
        {
            descriptors.Add(fd);
            return new ProgramDescriptor(descriptors.Count - 1);
        }
        builder.Call("start a session", SystemCall.Setsid);
        if (streams.Terminal is { } terminal)
        {
            var slave = Use(terminal);
            builder.Call("take the terminal", SystemCall.Ioctl, slave, 0x540E, 0);
            for (var i = 0; i < 3; i++)
                builder.Call("set a standard stream", SystemCall.Dup3, slave, i, 0);
        }
        else
        {
            builder.Call("set standard input", SystemCall.Dup3, Use(streams.Input!), 0, 0);
            builder.Call("set standard output", SystemCall.Dup3, Use(streams.Output!), 1, 0);
            builder.Call("set standard error", SystemCall.Dup3, Use(streams.Error!), 2, 0);
        }
        builder.Call($"exec {file}", SystemCall.Execve, builder.Text(file), builder.Vector(arguments), builder.Vector(["PATH=/usr/bin:/bin"]));
        return new ContainerLaunch(builder.Build(), descriptors, []);
    }

    /// <summary>A client: its own socket, and what the keeper gets.</summary>
    public static (Socket Client, AttachEnd End) Client(bool stdin = false, bool stdout = true, bool stderr = true)
    {
        var (ours, theirs) = UnixSocket.CreatePair();
        return (new Socket(new SafeSocketHandle(ours.Release(), ownsHandle: true)), new AttachEnd(theirs, stdin, stdout, stderr));
    }

    public static async Task<byte[]> ReadToEndAsync(Socket client)
    {
        var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (await client.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(60)) is var count and > 0)
            all.Write(buffer, 0, count);
        return all.ToArray();
    }

    /// <summary>Takes docker's framing apart.</summary>
    public static (string Output, string Errors) Demultiplex(ReadOnlySpan<byte> frames)
    {
        var texts = new[] { new StringBuilder(), new StringBuilder() };
        while (!frames.IsEmpty)
        {
            var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(frames[4..]);
            texts[frames[0] - 1].Append(Encoding.UTF8.GetString(frames.Slice(8, length)));
            frames = frames[(8 + length)..];
        }
        return (texts[0].ToString(), texts[1].ToString());
    }

    public static Task<ProcessExit> EndOf(KeptProcess process) => process.Ended.WaitAsync(TimeSpan.FromSeconds(60));

    public static async Task EventuallyAsync(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), "it did not happen");
            await Task.Delay(5);
        }
    }

    /// <summary>The texts of a log, joined; a line that is not whole fails.</summary>
    public static string LogText(string path) => string.Concat(LogLines(path).Select(line => line.Text));

    public static IEnumerable<(string Text, string Stream)> LogLines(string path) => File.ReadAllText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement)
        .Select(line => (line.GetProperty("log").GetString()!, line.GetProperty("stream").GetString()!));

    public async ValueTask DisposeAsync()
    {
        foreach (var daemon in _daemons)
            daemon.Dispose();
        foreach (var pid in _pids)
        {
            using var pidFd = PidFd.TryOpen(pid, out _);
            if (pidFd is not null && PidFd.StartTicks(pid) is not null)
                PidFd.SendSignal(pidFd, 9);
        }
        foreach (var socket in Directory.GetFiles(Folder, "keeper-*.sock"))
        {
            using var connection = UnixSocket.TryConnect(socket, out _);
            if (connection is null)
                continue;
            using var keeper = PidFd.TryOpen(UnixSocket.Peer(connection).Pid, out _);
            if (keeper is not null)
            {
                PidFd.SendSignal(keeper, 9);
                await EventuallyAsync(() => PidFd.SendSignal(keeper, 0) == Errno.ESRCH || Reaped(keeper));
            }
        }
        Directory.Delete(Folder, recursive: true);
    }

    private static bool Reaped(Fd pidFd)
    {
        PidFd.Reap(pidFd);
        return PidFd.SendSignal(pidFd, 0) == Errno.ESRCH;
    }
}
