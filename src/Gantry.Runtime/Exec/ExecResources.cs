using Gantry.Os;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Create;

namespace Gantry.Runtime.Exec;

/// <summary>What a process executed in a running container is made of beside its configuration. The caller keeps owning all of them.</summary>
public sealed record ExecResources
{
    /// <summary>The pidfd of the container's first process, whose namespaces are joined.</summary>
    public required Fd Init { get; init; }

    /// <summary>The container's root directory, e.g. <c>/proc/PID/root</c> opened; null: HOME is not looked up, and is <c>/</c>.</summary>
    public Fd? Root { get; init; }

    /// <summary>The container's cgroup; null: that of the process which clones.</summary>
    public Cgroup? Cgroup { get; init; }

    /// <summary>The process's streams.</summary>
    public ProcessStreams Streams { get; init; } = new();

    /// <summary>The compiled filter of system calls; null: compiled from the container's configuration.</summary>
    public ReadOnlyMemory<byte>? SeccompFilter { get; init; }

    /// <summary>What is executed, in the container; null: what the first argument names.</summary>
    public string? File { get; init; }

    /// <summary>How many descriptors from 3 on the process inherits from the one that clones.</summary>
    public int PreservedDescriptors { get; init; }
}
