using System.Globalization;
using System.Text;
using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Processes;
using Gantry.Runtime.Cli.CommandLine;
using Gantry.Runtime.Cli.Lifecycle;
using Gantry.Runtime.Exec;
using Gantry.Runtime.Rootfs;
using Gantry.Runtime.State;

namespace Gantry.Runtime.Cli.Commands;

/// <summary><c>exec</c>: a process in a running container.</summary>
internal static class ExecCommand
{
    private static readonly OptionDefinition[] Options =
    [
        new("console-socket"), new("pidfd-socket"), new("cwd"), new("env", Short: "e"), new("tty", false, "t"), new("user", Short: "u"),
        new("additional-gids", Short: "g"), new("process", Short: "p"), new("detach", false, "d"), new("pid-file"), new("process-label"),
        new("apparmor"), new("no-new-privs", false), new("cap", Short: "c"), new("preserve-fds"), new("cgroup"), new("ignore-paused", false),
    ];

    private static readonly string[] Unsupported = ["pidfd-socket", "process-label", "apparmor", "cgroup"];

    internal static int Run(GlobalOptions global, ReadOnlySpan<string> words)
    {
        // 1. What is asked for.
        var options = CommandOptions.Parse(words, Options);
        options.Require("exec", options.Value("process") is null ? 2 : 1, int.MaxValue);
        if (Unsupported.FirstOrDefault(options.Has) is { } unsupported)
            throw GantryException.NotImplemented($"--{unsupported} is not supported");

        // 2. In which container.
        var record = global.State.Load(options.Arguments[0]);
        var (status, pid) = global.Status(record);
        if (pid == 0)
            throw GantryException.Conflict("cannot exec in a stopped container");
        if (status == "paused" && !options.Has("ignore-paused"))
            throw GantryException.Conflict("cannot exec in a paused container (use --ignore-paused to override)");
        var spec = global.State.LoadSpec(record.Id);
        var process = ReadProcess(options, spec);

        // 3. The process.
        using var init = PidFd.TryOpen(pid, out var error) ?? throw new OsException($"open process {pid}", error);
        using var root = FileOpener.Open($"/proc/{pid}/root", OpenFlags.Path | OpenFlags.Directory);
        using var terminal = ProcessTerminal.Make(process, () => ContainerTerminals.Open(root), options.Value("console-socket"), options.Has("detach"));
        using var launch = ExecProgram.Compile(spec, process, new ExecResources
        {
            Init = init,
            Root = root,
            Cgroup = global.FindCgroup(record),
            Streams = terminal.Streams,
            PreservedDescriptors = options.Number("preserve-fds", 0),
        });
        var result = new ProcessSpawner().Spawn(launch.Program, launch.DescriptorNumbers);
        if (result.FailedOperation >= 0)
            throw result.ToException(launch.Program);
        using var pidFd = result.PidFd!;
        terminal.Streams.Terminal?.Dispose();
        if (options.Value("pid-file") is { } pidFile)
            AtomicFile.Write(Path.GetFullPath(pidFile), Encoding.ASCII.GetBytes(result.Pid.ToString(CultureInfo.InvariantCulture)), sync: false);
        return options.Has("detach") ? 0 : new ForegroundProcess(pidFd, terminal.Master).Wait();
    }

    /// <summary>The process of the file, or the container's own with other arguments and what the options change.</summary>
    private static ProcessSpec ReadProcess(CommandOptions options, RuntimeSpec spec)
    {
        if (options.Value("process") is { } path)
            return StateFolder.ReadProcess(path, File.ReadAllBytes(path));
        var own = spec.Process ?? throw GantryException.Invalid("process is missing in the configuration");
        return own with
        {
            Args = [.. options.Arguments.Skip(1)],
            Cwd = options.Value("cwd") ?? own.Cwd,
            Env = [.. own.Env ?? [], .. options.Values("env")],
            Terminal = options.Has("tty"),
            ConsoleSize = null,
            NoNewPrivileges = own.NoNewPrivileges || options.Has("no-new-privs"),
            User = ReadUser(options, own.User ?? new ProcessUser()),
            Capabilities = AddCapabilities(own.Capabilities, options.Values("cap")),
        };
    }

    private static ProcessUser ReadUser(CommandOptions options, ProcessUser own)
    {
        if (options.Value("user") is { } text)
        {
            var parts = text.Split(':');
            own = new ProcessUser { Umask = own.Umask, Uid = ReadId(parts[0]), Gid = parts.Length > 1 ? ReadId(parts[1]) : own.Gid };
        }
        return options.Values("additional-gids") is { Count: > 0 } groups ? own with { AdditionalGids = [.. groups.Select(ReadId)] } : own;
    }

    private static uint ReadId(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        ? id
        : throw GantryException.Invalid($"\"{text}\" is not a number: users and groups are given by their IDs");

    private static CapabilitySets? AddCapabilities(CapabilitySets? own, IReadOnlyList<string> added)
    {
        if (added.Count == 0)
            return own;
        own ??= new CapabilitySets();
        return own with
        {
            Bounding = [.. own.Bounding ?? [], .. added],
            Effective = [.. own.Effective ?? [], .. added],
            Permitted = [.. own.Permitted ?? [], .. added],
        };
    }
}
