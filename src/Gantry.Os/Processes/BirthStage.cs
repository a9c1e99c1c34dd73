using System.Runtime.InteropServices;

namespace Gantry.Os.Processes;

/// <summary>
/// What goes before a program that gives birth into a pid namespace of others (<see cref="ProcessProgramBuilder.GiveBirth"/>). The first child, in
/// the memory of this process, creates a second one with a copy of it, and ends. The second one unmaps all but the few pages that the program
/// needs, walks the program up to the birth, and ends. The third one becomes the process. All three are children of this process, and
/// the pid namespace sees the third alone: a tracer there finds neither this process's memory nor a copy of it.
/// </summary>
/// <remarks>
/// The first one is there because the C library has registered an area for restartable sequences (rseq(2)), which the kernel writes to: a
/// plain copy would inherit that, and die when it is unmapped; a child that shares memory does not inherit it.
/// </remarks>
internal sealed unsafe partial class BirthStage : IDisposable
{
    /// <summary>Bytes that the stage's operations take at most.</summary>
    internal const int MaximumSize = MaximumOperations * Operation.Size;

    private const int MaximumOperations = 8;
    private const nint PageSize = 4096;
    private const long AddressSpaceEnd = 0x7fff_ffff_f000;
    private const int SIGCHLD = 17, CLONE_VFORK = 0x4000, CLONE_PARENT = 0x8000, CLONE_PARENT_SETTID = 0x100000, MADV_DONTFORK = 10;
    private const int PROT_READ = 1, PROT_WRITE = 2, MAP_SHARED = 1, MAP_ANONYMOUS = 0x20;

    private readonly nint _shared;

    /// <summary>Maps two pages that the children share with this process: the numbers of the later ones, then what they report.</summary>
    /// <exception cref="OsException">No memory.</exception>
    internal BirthStage()
    {
        _shared = mmap(0, 2 * PageSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (_shared == -1)
            throw new OsException("map the pages shared with a child process", Libc.LastError);
    }

    /// <summary>The number of the process that was born; 0: none. On a page that this process does not have itself, so it cannot lie.</summary>
    internal int* Born => (int*)_shared;

    /// <summary>The number of the second child; 0: none.</summary>
    internal int* Second => (int*)_shared + 1;

    /// <summary>How far the children are; the process that was born, or who traces it, can write anything there.</summary>
    internal ChildReport* Report => (ChildReport*)(_shared + PageSize);

    /// <summary>The pages of the child's method, of which an address is known: it is shorter than one page.</summary>
    internal static (nint Start, nuint Length) AroundCode(nint address) => ((address & -PageSize) - PageSize, (nuint)(3 * PageSize));

    /// <summary>Writes the operations.</summary>
    /// <param name="operations">Where to.</param>
    /// <param name="kept">What stays mapped besides the shared pages: whole pages.</param>
    /// <returns>How many there are.</returns>
    internal int Write(Operation* operations, ReadOnlySpan<(nint Start, nuint Length)> kept)
    {
        var count = 0;
        Add(SystemCall.Clone, SIGCHLD | CLONE_PARENT | CLONE_PARENT_SETTID | CLONE_VFORK, 0, (nint)Second);
        operations[0].HandsOver = 1;
        Add(SystemCall.Madvise, _shared, PageSize, MADV_DONTFORK);
        nint end = 0;
        (nint Start, nuint Length)[] pieces = [.. kept, (_shared, (nuint)(2 * PageSize)), (unchecked((nint)AddressSpaceEnd), 0)];
        foreach (var (start, length) in pieces.OrderBy(piece => piece.Start))
        {
            if (start > end)
                Add(SystemCall.Munmap, end, start - end, 0);
            end = Math.Max(end, start + (nint)length);
        }
        return count;

        void Add(SystemCall call, nint first, nint second, nint third)
        {
            var operation = new Operation { Number = (long)call };
            (operation.Arguments[0], operation.Arguments[1], operation.Arguments[2]) = (first, second, third);
            operations[count++] = operation;
        }
    }

    /// <summary>Unmaps the pages.</summary>
    public void Dispose() => munmap(_shared, 2 * PageSize);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint mmap(nint address, nint length, int protection, int flags, int fd, nint offset);

    [LibraryImport(Libc.Name)]
    private static partial int munmap(nint address, nint length);
}
