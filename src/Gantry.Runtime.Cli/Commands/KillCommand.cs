using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Processes;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Cli.CommandLine;

namespace Gantry.Runtime.Cli.Commands;

/// <summary><c>kill</c>: a signal for the container's first process, or for all that are in its cgroup.</summary>
internal static class KillCommand
{
    internal static readonly string[] SignalNames =
    [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    internal static int Run(GlobalOptions global, ReadOnlySpan<string> words)
    {
        var options = CommandOptions.Parse(words, [new("all", false, "a")]);
        options.Require("kill", 1, 2);
        var record = global.State.Load(options.Arguments[0]);
        var signal = Parse(options.Arguments.Count > 1 ? options.Arguments[1] : "SIGTERM");
        if (options.Has("all"))
            return SendToAll(global.FindCgroup(record) ?? throw GantryException.Conflict("container has no cgroup: --all is not possible"), signal);
        var (_, pid) = global.Status(record);
        using var pidFd = pid == 0 ? null : PidFd.TryOpen(pid, out var _);
        // The number may have come to mean another process before the pidfd was opened.
        if (pidFd is null || PidFd.StartTicks(pid) != record.StartTicks || PidFd.SendSignal(pidFd, signal) == Errno.ESRCH)
            throw GantryException.Conflict("container not running");
        return 0;
    }

    /// <summary>Frozen meanwhile, so that none forks a process which gets no signal. One that was paused stays so.</summary>
    private static int SendToAll(Cgroup cgroup, int signal)
    {
        if (signal == ProcessSignal.Kill)
        {
            cgroup.KillAll();
            return 0;
        }
        var paused = cgroup.IsFrozen;
        if (!paused)
            cgroup.Freeze();
        try
        {
            foreach (var process in cgroup.Processes())
                ProcessSignal.TrySend(process, signal);
        }
        finally
        {
            if (!paused)
                cgroup.Thaw();
        }
        return 0;
    }

    /// <summary>A signal by its name, with or without SIG, or its number.</summary>
    /// <exception cref="GantryException">There is no such signal.</exception>
    private static int Parse(string text)
    {
        if (int.TryParse(text, out var number) && number is >= 0 and <= 64)
            return number;
        var name = text.ToUpperInvariant();
        var index = Array.IndexOf(SignalNames, name.StartsWith("SIG", StringComparison.Ordinal) ? name[3..] : name);
        return index >= 0 ? index + 1 : throw GantryException.Invalid($"unknown signal \"{text}\"");
    }
}
