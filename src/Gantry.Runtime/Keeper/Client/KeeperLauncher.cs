using System.Collections;
using System.Globalization;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Processes;
using Gantry.Os.Sockets;
using Gantry.Runtime.Keeper.Protocol;

namespace Gantry.Runtime.Keeper.Client;

/// <summary>
/// Finds keepers, or another program of the engine's, and starts them. A socket's name carries the version of the protocol and the identity of the
/// program behind it: after an upgrade the daemon starts the new program for new processes, and goes on with the old one for those it holds.
/// </summary>
/// <param name="options">Where.</param>
/// <param name="command">The program's command, after which its files are called.</param>
/// <param name="version">The version of its protocol.</param>
internal sealed class KeeperLauncher(KeeperOptions options, string command = "keeper", int version = KeeperProtocol.Version)
{
    private const int StartMilliseconds = 20_000;

    /// <summary>The socket of the keeper for new processes.</summary>
    public string SocketPath { get; } = Path.Combine(options.RunFolder, $"{command}-{version}-{Identity(options.RuntimeBinary, command)}.sock");

    /// <summary>The sockets of other keepers, which hold what was started before an upgrade.</summary>
    public IEnumerable<string> OtherSockets =>
        Directory.EnumerateFiles(options.RunFolder, $"{command}-*.sock").Where(path => path != SocketPath);

    /// <summary>Connects to the keeper for new processes; starts it when there is none.</summary>
    /// <exception cref="GantryException">It does not start (Unavailable).</exception>
    public async Task<Fd> ConnectAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(options.RunFolder);
        Fd? pidFd = null;
        try
        {
            for (var waited = 0; ; waited++)
            {
                if (UnixSocket.TryConnect(SocketPath, out var error) is { } socket)
                    return socket;
                if (error != Errno.ENOENT && error != Errno.ECONNREFUSED && error != Errno.EAGAIN)
                    throw new OsException($"connect to {SocketPath}", error);
                // One that leaves at this very moment, or found another at work, ends with 0: then the next one is started.
                if (pidFd is null || ProcessExitStatus.TryWait(pidFd) is { Code: 0 })
                {
                    pidFd?.Dispose();
                    pidFd = Start();
                }
                else if (waited > StartMilliseconds || HasFailed(pidFd))
                {
                    throw new GantryException(ErrorKind.Unavailable, $"the {command} {options.RuntimeBinary} does not start: {LastLine()}");
                }
                await Task.Delay(1, cancellation);
            }
        }
        finally
        {
            pidFd?.Dispose();
        }
    }

    private string LogPath => Path.Combine(options.RunFolder, command + ".log");

    private static string Identity(string binary, string command)
    {
        if (!File.Exists(binary))
            throw GantryException.NotFound($"the {command}'s program {binary} does not exist");
        var status = new FileInfo(File.ResolveLinkTarget(binary, returnFinalTarget: true)?.FullName ?? binary);
        var text = string.Create(CultureInfo.InvariantCulture, $"{status.FullName} {status.Length} {status.LastWriteTimeUtc.Ticks}");
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)))[..8];
    }

    /// <summary>Starts a keeper: in a session of its own, with nothing inherited but its log.</summary>
    private Fd Start()
    {
        const int appendCreate = 0x1 | 0x40 | 0x400; // O_WRONLY | O_CREAT | O_APPEND
        const int atWorkingDirectory = -100;
        var program = new ProcessProgramBuilder();
        program.Call("start a session", SystemCall.Setsid);
        program.Call("change to /", SystemCall.Chdir, program.Text("/"));
        program.Call("open /dev/null", SystemCall.Openat, atWorkingDirectory, program.Text("/dev/null"), 2, 0).Into(new ProgramSlot(0));
        program.Call("set standard input", SystemCall.Dup3, new ProgramSlot(0), 0, 0);
        program.Call($"open {LogPath}", SystemCall.Openat, atWorkingDirectory, program.Text(LogPath), appendCreate, 0x180).Into(new ProgramSlot(0));
        program.Call("set standard output", SystemCall.Dup3, new ProgramSlot(0), 1, 0);
        program.Call("set standard error", SystemCall.Dup3, new ProgramSlot(0), 2, 0);
        program.Call("close other descriptors", SystemCall.CloseRange, 3, (long)uint.MaxValue, 0);
        string[] arguments = [options.RuntimeBinary, command, "--socket", SocketPath, "--grace",
            ((int)options.Grace.TotalSeconds).ToString(CultureInfo.InvariantCulture)];
        program.Call($"exec {options.RuntimeBinary}", SystemCall.Execve,
            program.Text(options.RuntimeBinary), program.Vector(arguments), program.Vector(Environments()));
        var built = program.Build();
        var result = new ProcessSpawner().Spawn(built, []);
        return result.PidFd ?? throw result.ToException(built);
    }

    /// <summary>
    /// The keeper's environment: the daemon's own settings of .NET (where its runtime is, if it is not compiled natively, and what somebody set
    /// for both), a small young generation unless that is among them, and one arena of malloc for all threads, as the keeper allocates next to
    /// nothing and should not keep megabytes for it.
    /// </summary>
    private static string[] Environments()
    {
        const string prefix = "DOTNET_", youngGeneration = "DOTNET_GCgen0size=";
        var settings = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => $"{entry.Key}={entry.Value}")
            .Where(entry => entry.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        return
        [
            "PATH=" + (Environment.GetEnvironmentVariable("PATH") ?? "/usr/sbin:/usr/bin:/sbin:/bin"),
            "MALLOC_ARENA_MAX=1",
            .. settings.Exists(entry => entry.StartsWith(youngGeneration, StringComparison.Ordinal)) ? Array.Empty<string>() : [youngGeneration + "40000"],
            .. settings,
        ];
    }

    private static bool HasFailed(Fd pidFd) => PidFd.SendSignal(pidFd, 0) == Errno.ESRCH;

    private string LastLine() => File.Exists(LogPath) ? File.ReadLines(LogPath).LastOrDefault() ?? "it says nothing" : "it says nothing";
}
