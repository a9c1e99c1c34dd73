namespace Gantry.Oci.Runtime;

/// <summary>The process of a container, or one that is executed in it (config.md, "Process").</summary>
public sealed record ProcessSpec
{
    /// <summary>Whether it gets a terminal of its own.</summary>
    public bool Terminal { get; init; }

    /// <summary>The terminal's size in characters.</summary>
    public ConsoleSize? ConsoleSize { get; init; }

    /// <summary>Who it runs as.</summary>
    public ProcessUser? User { get; init; }

    /// <summary>The argument vector; the first one is looked up in the PATH of <see cref="Env"/>.</summary>
    public IReadOnlyList<string>? Args { get; init; }

    /// <summary>The environment, <c>NAME=value</c>.</summary>
    public IReadOnlyList<string>? Env { get; init; }

    /// <summary>The working directory, an absolute path in the container.</summary>
    public string Cwd { get; init; } = "";

    /// <summary>The five sets of capabilities; null: none at all.</summary>
    public CapabilitySets? Capabilities { get; init; }

    /// <summary>Limits of setrlimit(2).</summary>
    public IReadOnlyList<ResourceLimit>? Rlimits { get; init; }

    /// <summary>Whether execve(2) may grant no further privileges (PR_SET_NO_NEW_PRIVS).</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>The name of an AppArmor profile.</summary>
    public string? ApparmorProfile { get; init; }

    /// <summary>An SELinux label.</summary>
    public string? SelinuxLabel { get; init; }

    /// <summary>The value of <c>/proc/PID/oom_score_adj</c>, -1000 to 1000; null: inherited.</summary>
    public int? OomScoreAdj { get; init; }

    /// <summary>The priority of its input and output (ioprio_set(2)).</summary>
    public IoPrioritySpec? IoPriority { get; init; }

    /// <summary>How it is scheduled (sched_setattr(2)).</summary>
    public SchedulerSpec? Scheduler { get; init; }

    /// <summary>The processors on which a process executed in a container runs.</summary>
    public CpuAffinitySpec? ExecCPUAffinity { get; init; }
}

/// <summary>The size of a terminal.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public sealed record ConsoleSize(uint Height, uint Width);

/// <summary>Who a process runs as.</summary>
public sealed record ProcessUser
{
    /// <summary>The user ID.</summary>
    public uint Uid { get; init; }

    /// <summary>The group ID.</summary>
    public uint Gid { get; init; }

    /// <summary>The file mode creation mask; null: 0022.</summary>
    public uint? Umask { get; init; }

    /// <summary>Supplementary groups.</summary>
    public IReadOnlyList<uint>? AdditionalGids { get; init; }

    /// <summary>A user's name; meaningful on Windows alone.</summary>
    public string? Username { get; init; }
}

/// <summary>The five sets of capabilities(7), as names such as <c>CAP_CHOWN</c>.</summary>
public sealed record CapabilitySets
{
    /// <summary>The bounding set.</summary>
    public IReadOnlyList<string>? Bounding { get; init; }

    /// <summary>The permitted set.</summary>
    public IReadOnlyList<string>? Permitted { get; init; }

    /// <summary>The effective set.</summary>
    public IReadOnlyList<string>? Effective { get; init; }

    /// <summary>The inheritable set.</summary>
    public IReadOnlyList<string>? Inheritable { get; init; }

    /// <summary>The ambient set.</summary>
    public IReadOnlyList<string>? Ambient { get; init; }
}

/// <summary>One limit of setrlimit(2).</summary>
/// <param name="Type">Its name, e.g. <c>RLIMIT_NOFILE</c>.</param>
/// <param name="Soft">The limit in force; the greatest number is RLIM_INFINITY.</param>
/// <param name="Hard">The ceiling of the soft limit.</param>
public sealed record ResourceLimit(string Type, ulong Soft, ulong Hard);

/// <summary>A priority of input and output (ioprio_set(2)).</summary>
/// <param name="Class"><c>IOPRIO_CLASS_RT</c>, <c>IOPRIO_CLASS_BE</c> or <c>IOPRIO_CLASS_IDLE</c>.</param>
/// <param name="Priority">0 (highest) to 7.</param>
public sealed record IoPrioritySpec(string Class, int Priority);

/// <summary>How a process is scheduled (sched_setattr(2)).</summary>
public sealed record SchedulerSpec
{
    /// <summary>E.g. <c>SCHED_BATCH</c>.</summary>
    public string Policy { get; init; } = "";

    /// <summary>The nice value, for SCHED_OTHER and SCHED_BATCH.</summary>
    public int Nice { get; init; }

    /// <summary>The static priority, for SCHED_FIFO and SCHED_RR.</summary>
    public int Priority { get; init; }

    /// <summary>E.g. <c>SCHED_FLAG_RESET_ON_FORK</c>.</summary>
    public IReadOnlyList<string>? Flags { get; init; }

    /// <summary>Nanoseconds of run time in a period, for SCHED_DEADLINE.</summary>
    public ulong Runtime { get; init; }

    /// <summary>Nanoseconds from the start of a period to its deadline.</summary>
    public ulong Deadline { get; init; }

    /// <summary>Nanoseconds of a period.</summary>
    public ulong Period { get; init; }
}

/// <summary>The processors on which an executed process runs, as lists such as <c>0-3,7</c>.</summary>
public sealed record CpuAffinitySpec
{
    /// <summary>Until it has joined the container's cgroup.</summary>
    public string? Initial { get; init; }

    /// <summary>After that.</summary>
    public string? Final { get; init; }
}
