namespace Gantry.Os.Processes;

/// <summary>
/// Everything a cloned child has to do before and including <c>execve</c>, compiled in advance: a list of system calls with their
/// arguments and the data these point to. It is position independent (pointers and descriptors are relocations), so that the daemon
/// can compile it and the keeper, which knows nothing of containers, can run it.
/// </summary>
public sealed class ProcessProgram
{
    /// <summary>Flags for clone3(2): the namespaces to create. <c>CLONE_VM | CLONE_VFORK | CLONE_PIDFD</c> are added by the spawner.</summary>
    public required ulong CloneFlags { get; init; }

    /// <summary>The operations, then their data.</summary>
    public required ReadOnlyMemory<byte> Image { get; init; }

    /// <summary>How many operations the image begins with.</summary>
    public required int OperationCount { get; init; }

    /// <summary>Offsets of 8-byte values in the image that hold an offset into the image and become an address.</summary>
    public required IReadOnlyList<int> PointerRelocations { get; init; }

    /// <summary>Offsets of 8-byte values in the image that become the number of a descriptor, given by its index.</summary>
    public required IReadOnlyList<(int Offset, int Descriptor)> DescriptorRelocations { get; init; }

    /// <summary>Index of the cgroup v2 directory to be born in (CLONE_INTO_CGROUP), if any.</summary>
    public int? CgroupDescriptor { get; init; }

    /// <summary>The operation by which the process is born into a pid namespace of others, if any: see <see cref="ProcessProgramBuilder.GiveBirth"/>.</summary>
    public int? BirthOperation { get; init; }

    /// <summary>For each operation what it does, e.g. <c>mount proc at /proc</c>: names the stage in an error. Not part of the wire form.</summary>
    public required IReadOnlyList<string> Stages { get; init; }
}
