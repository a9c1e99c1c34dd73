using Gantry.Oci.Runtime;
using Gantry.Os;

namespace Gantry.Runtime.Create;

/// <summary>What a container is made of beside its configuration: things that are open already. The caller keeps owning all of them.</summary>
public sealed record ContainerResources
{
    /// <summary>The root filesystem as a detached mount; null: the folder that the configuration names is bound.</summary>
    public Fd? RootMount { get; init; }

    /// <summary>
    /// An existing directory on which the root is attached, in the container's own mount namespace, before it becomes the root. The same
    /// one serves all containers. Null: the root's own folder.
    /// </summary>
    public string? MountPoint { get; init; }

    /// <summary>The folder to which relative paths of the configuration relate; needed where it holds any.</summary>
    public string? Bundle { get; init; }

    /// <summary>By the index of the configuration's mounts, a detached mount of the source; null: the source is opened by its path.</summary>
    public IReadOnlyList<Fd?>? BindSources { get; init; }

    /// <summary>The cgroup to run in; null: that of the process which clones.</summary>
    public CgroupPlacement? Cgroup { get; init; }

    /// <summary>The process's streams.</summary>
    public ProcessStreams Streams { get; init; } = new();

    /// <summary>The compiled filter of system calls; null: compiled from the configuration.</summary>
    public ReadOnlyMemory<byte>? SeccompFilter { get; init; }

    /// <summary>Where the process waits before its namespaces are furnished; null: it does not.</summary>
    public Gate? BeforeRootfs { get; init; }

    /// <summary>Where the process waits before it executes its file; null: it does not.</summary>
    public Gate? BeforeExecute { get; init; }

    /// <summary>Makes the root by moving its mount over <c>/</c>, for hosts whose own root pivot_root(2) cannot leave (an initramfs).</summary>
    public bool NoPivot { get; init; }

    /// <summary>How many descriptors from 3 on the process inherits from the one that clones.</summary>
    public int PreservedDescriptors { get; init; }

    /// <summary>Whether the process stays in the session keyring of the one that clones, instead of getting one of its own.</summary>
    public bool KeepKeyring { get; init; }
}

/// <summary>A process's standard streams. What is null is inherited from the process that clones.</summary>
public sealed record ProcessStreams
{
    /// <summary>Standard input.</summary>
    public Fd? Input { get; init; }

    /// <summary>Standard output.</summary>
    public Fd? Output { get; init; }

    /// <summary>Standard error.</summary>
    public Fd? Error { get; init; }

    /// <summary>The slave side of a terminal: becomes all three, and the controlling terminal.</summary>
    public Fd? Terminal { get; init; }
}

/// <summary>A point at which the child tells that it got there, then waits.</summary>
/// <param name="Arrived">Gets one byte when the child is there: a pipe's end for writing.</param>
/// <param name="Go">The child goes on when it could read one byte from this: a pipe's end, or a FIFO opened for both.</param>
public sealed record Gate(Fd Arrived, Fd Go);

/// <summary>How a process gets into its cgroup, and what of the hierarchies a container sees.</summary>
public sealed record CgroupPlacement
{
    /// <summary>Version 1: the opened <c>tasks</c> files.</summary>
    public IReadOnlyList<Fd> Tasks { get; init; } = [];

    /// <summary>Version 2: the directory to be born in.</summary>
    public Fd? Directory { get; init; }

    /// <summary>The hierarchies for mounts of type <c>cgroup</c>.</summary>
    public IReadOnlyList<CgroupHierarchyView> Hierarchies { get; init; } = [];
}

/// <summary>One hierarchy of cgroups as a container is to see it.</summary>
/// <param name="Name">The folder under <c>/sys/fs/cgroup</c>; empty: version 2, which is mounted there itself.</param>
/// <param name="Options">The controllers as options of a mount, e.g. <c>cpu,cpuacct</c> or <c>none,name=systemd</c>; empty for version 2.</param>
/// <param name="Path">The container's own directory on the host, for containers without a cgroup namespace.</param>
public sealed record CgroupHierarchyView(string Name, string Options, string Path);
