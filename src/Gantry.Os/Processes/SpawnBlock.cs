using System.Runtime.InteropServices;

namespace Gantry.Os.Processes;

/// <summary>
/// The memory of one spawn: a guard page, the child's stack, then context, slots, and the operations: those of the stage before a birth, if
/// there is one, then the relocated image of the program. It has to outlive the child's last operation, as the child runs in it.
/// </summary>
internal sealed unsafe partial class SpawnBlock : IDisposable
{
    private const int PageSize = 4096;
    private const int StackSize = 32 * 1024;
    private const int EntrySize = 16;
    private const int DefaultActionSize = 32;
    private const int PROT_NONE = 0;
    private const int PROT_READ = 1;
    private const int PROT_WRITE = 2;
    private const int MAP_PRIVATE = 0x02;
    private const int MAP_ANONYMOUS = 0x20;

    private readonly nint _start;
    private readonly nuint _length;

    /// <summary>Maps the memory and puts the program into it, with its references made absolute.</summary>
    /// <exception cref="OsException">No memory.</exception>
    /// <exception cref="ArgumentException">The program refers to a descriptor that was not given.</exception>
    internal SpawnBlock(ProcessProgram program, ReadOnlySpan<int> descriptors, SystemCallStub stub, nint childCode = 0)
    {
        var contextSize = sizeof(ChildContext) + sizeof(ChildReport) + ProgramSlot.Count * sizeof(long) + DefaultActionSize + BirthStage.MaximumSize;
        _length = (nuint)(PageSize + StackSize + contextSize + program.Image.Length + PageSize - 1) & ~(nuint)(PageSize - 1);
        _start = mmap(null, _length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (_start == -1)
            throw new OsException("map the stack of a child process", Libc.LastError);
        try
        {
            if (mprotect((void*)_start, PageSize, PROT_NONE) != 0)
                throw new OsException("protect the end of a child's stack", Libc.LastError);
            Context = (ChildContext*)(_start + PageSize + StackSize);
            var report = (ChildReport*)(Context + 1);
            var slots = (long*)(report + 1);
            var defaultAction = slots + ProgramSlot.Count;
            var stage = (Operation*)((byte*)defaultAction + DefaultActionSize);
            if (program.BirthOperation is not null)
            {
                Birth = new BirthStage();
                StageLength = Birth.Write(stage, [(_start + PageSize, _length - PageSize), (stub.Address, PageSize), BirthStage.AroundCode(childCode)]);
                report = Birth.Report;
            }
            var image = (byte*)(stage + StageLength);
            Relocate(program, descriptors, image);
            if (program.BirthOperation is { } birth)
                ((Operation*)image + birth)->Arguments[2] = (nint)Birth!.Born;
            *Context = new ChildContext
            {
                Call = (delegate* managed<long, long, long, long, long, long, long, long>)stub.Address,
                Operations = stage,
                Count = StageLength + program.OperationCount,
                Slots = slots,
                DefaultAction = defaultAction,
                Report = report,
            };
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What child and parent share.</summary>
    internal ChildContext* Context { get; }

    /// <summary>The stage before the program, of one that gives birth; else null.</summary>
    internal BirthStage? Birth { get; }

    /// <summary>How many operations that stage has.</summary>
    internal int StageLength { get; }

    /// <summary>The lowest address of the child's stack.</summary>
    internal ulong StackStart => (ulong)(_start + PageSize);

    /// <summary>
    /// The size that clone3 gets: the child's stack pointer is at its end. There lies the address the stub returns to in the child, and
    /// behind it a zero as that method's own return address; so the method is entered with the alignment the calling convention has.
    /// </summary>
    internal ulong StackLength => StackSize - EntrySize;

    /// <summary>Makes the stub return to <paramref name="method"/> in the child.</summary>
    internal void SetEntry(nint method)
    {
        var top = (nint*)(_start + PageSize + StackSize - EntrySize);
        top[0] = method;
        top[1] = 0;
    }

    /// <summary>Unmaps the memory: only once the child has executed or ended.</summary>
    public void Dispose()
    {
        munmap((void*)_start, _length);
        Birth?.Dispose();
    }

    private static void Relocate(ProcessProgram program, ReadOnlySpan<int> descriptors, byte* image)
    {
        program.Image.Span.CopyTo(new Span<byte>(image, program.Image.Length));
        foreach (var offset in program.PointerRelocations)
            *(long*)(image + offset) += (long)image;
        foreach (var (offset, index) in program.DescriptorRelocations)
        {
            if (index >= descriptors.Length)
                throw new ArgumentException($"the program refers to descriptor {index}, of which there are {descriptors.Length}", nameof(descriptors));
            *(long*)(image + offset) = descriptors[index];
        }
    }

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint mmap(void* address, nuint length, int protection, int flags, int fd, nint offset);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int mprotect(void* address, nuint length, int protection);

    [LibraryImport(Libc.Name)]
    private static partial int munmap(void* address, nuint length);
}
