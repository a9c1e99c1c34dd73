using Gantry.Os;
using Gantry.Runtime.Cgroups;

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
    public Cgroup? Cgroup { get; init; }

    /// <summary>The network namespace to join in the place of one that the configuration has made; null: as the configuration says.</summary>
    public Fd? NetworkNamespace { get; init; }

    /// <summary>The process's streams.</summary>
    public ProcessStreams Streams { get; init; } = new();

    /// <summary>
    /// The instance of devpts that becomes /dev/pts, in which the streams' terminal was opened (<see cref="Rootfs.ContainerTerminals.Mount"/>);
    /// null: it is mounted as the configuration says.
    /// </summary>
    public Fd? TerminalMount { get; init; }

    /// <summary>The compiled filter of system calls; null: compiled from the configuration.</summary>
    public ReadOnlyMemory<byte>? SeccompFilter { get; init; }

    /// <summary>Where the process waits when its root is furnished, and before it is its root; null: it does not.</summary>
    public Gate? BeforePivot { get; init; }

    /// <summary>Where the process waits before it executes its file; null: it does not.</summary>
    public Gate? BeforeExecute { get; init; }

    /// <summary>
    /// Whether the spawn of a process that waits at a gate lasts until it has executed its file (<see cref="Gantry.Os.Processes.ProcessSpawner.Spawn"/>), as
    /// somebody else opens the gate; else it is over when the process waits (<see cref="Gantry.Os.Processes.ProcessSpawner.SpawnHeld"/>).
    /// </summary>
    public bool SpawnOutlastsGates { get; init; }

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
