using Gantry.Cli;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Processes;
using Gantry.Os.Sockets;

namespace Gantry;

/// <summary>
/// Starts <c>gantry daemon</c> for a command that found nobody at the default socket. Several commands at once start one daemon: a lock
/// orders them, and those that waited find it running.
/// </summary>
internal sealed class DaemonStarter : IDaemonStarter
{
    private const int StartMilliseconds = 20_000;

    /// <inheritdoc/>
    public async ValueTask<bool> StartAsync(string socketPath, CancellationToken cancellation)
    {
        // 1. Only root can run the engine, and only this very program is known to have it.
        if (UnixSocket.EffectiveUser != 0 || Environment.ProcessPath is not { } program || Path.GetFileName(program) == "dotnet")
            return false;
        var folder = Path.GetDirectoryName(socketPath)!;
        Directory.CreateDirectory(folder);

        // 2. One starter at a time.
        using var turn = FileLock.Acquire(Path.Combine(folder, "start.lock"));
        if (IsAnswering(socketPath))
            return true;

        // 3. Start it, and wait until it answers or has failed.
        var log = Path.Combine(folder, "daemon.log");
        using var daemon = Start(program, log);
        for (var waited = 0; waited < StartMilliseconds; waited += 5)
        {
            if (IsAnswering(socketPath))
                return true;
            if (ProcessExitStatus.TryWait(daemon) is { } exit)
                throw new GantryException(ErrorKind.Unavailable, $"the daemon ended with code {exit.Code} instead of answering on {socketPath}: see {log}");
            await Task.Delay(5, cancellation);
        }
        throw new GantryException(ErrorKind.Unavailable,
            $"the daemon was started, but does not answer on {socketPath} after {StartMilliseconds / 1000} s: see {log}");
    }

    private static bool IsAnswering(string socketPath)
    {
        using var socket = UnixSocket.TryConnect(socketPath, out _);
        return socket is not null;
    }

    /// <summary>In a session of its own, with nothing inherited: whoever reads this command's output must not wait for the daemon's end.</summary>
    private static Fd Start(string program, string log)
    {
        const int appendCreate = 0x1 | 0x40 | 0x400; // O_WRONLY | O_CREAT | O_APPEND
        const int atWorkingDirectory = -100;
        var slot = new ProgramSlot(0);
        var builder = new ProcessProgramBuilder();
        builder.Call("start a session", SystemCall.Setsid);
        builder.Call("change to /", SystemCall.Chdir, builder.Text("/"));
        builder.Call("open /dev/null", SystemCall.Openat, atWorkingDirectory, builder.Text("/dev/null"), 2, 0).Into(slot);
        builder.Call("set standard input", SystemCall.Dup3, slot, 0, 0);
        builder.Call($"open {log}", SystemCall.Openat, atWorkingDirectory, builder.Text(log), appendCreate, 0x180).Into(slot);
        builder.Call("set standard output", SystemCall.Dup3, slot, 1, 0);
        builder.Call("set standard error", SystemCall.Dup3, slot, 2, 0);
        builder.Call("close other descriptors", SystemCall.CloseRange, 3, (long)uint.MaxValue, 0);
        builder.Call($"exec {program}", SystemCall.Execve, builder.Text(program), builder.Vector(["gantry", "daemon"]), builder.Vector(Variables()));
        var built = builder.Build();
        var result = new ProcessSpawner().Spawn(built, []);
        return result.PidFd ?? throw result.ToException(built);
    }

    // The user's variables may name a terminal, a proxy of his shell or another daemon: none of them is the engine's.
    private static string[] Variables() =>
    [
        "PATH=" + (Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } path ? path : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        .. Environment.GetEnvironmentVariable("DOTNET_ROOT") is { } root ? [$"DOTNET_ROOT={root}"] : Array.Empty<string>(),
    ];
}
