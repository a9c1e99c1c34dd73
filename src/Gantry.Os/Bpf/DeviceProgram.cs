using System.Runtime.InteropServices;

namespace Gantry.Os.Bpf;

/// <summary>
/// Programs of type BPF_PROG_TYPE_CGROUP_DEVICE (bpf(2)): the kernel asks those attached to a cgroup v2 directory and to its ancestors
/// whether a device may be used, and all have to agree.
/// </summary>
public static unsafe partial class DeviceProgram
{
    // Safe throughout: `union bpf_attr` is a local that is zeroed and outlives the call; what it points to is pinned over the call.

    private const int LoadCommand = 5, AttachCommand = 8, DetachCommand = 9, GetByIdCommand = 13, QueryCommand = 16;
    private const uint DeviceProgramType = 15, DeviceAttachType = 6, AllowMultiple = 2, Replace = 4;
    private const int MaxAttached = 64;

    /// <summary>
    /// Loads a program and attaches it to a cgroup directory in place of those attached there before. One earlier program is exchanged
    /// atomically; of several, the new one is attached before the others go, so that at no time more is allowed than either says.
    /// </summary>
    /// <param name="directory">The cgroup v2 directory, open for reading.</param>
    /// <param name="instructions">The program.</param>
    /// <exception cref="OsException">The kernel refused the program or its attachment.</exception>
    public static void Attach(Fd directory, ReadOnlySpan<byte> instructions)
    {
        using var program = Load(instructions);
        var earlier = Attached(directory);
        if (earlier.Count == 1)
        {
            using var replaced = Open(earlier[0]);
            Attach(directory, program, AllowMultiple | Replace, replaced);
            return;
        }
        Attach(directory, program, AllowMultiple, null);
        foreach (var id in earlier)
        {
            using var old = Open(id);
            Detach(directory, old);
        }
    }

    /// <summary>The identifiers of the programs attached to this very directory.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static IReadOnlyList<uint> Attached(Fd directory)
    {
        var identifiers = stackalloc uint[MaxAttached];
        var query = new QueryAttributes
        {
            Target = directory.Number,
            AttachType = DeviceAttachType,
            Identifiers = (ulong)identifiers,
            Count = MaxAttached,
        };
        Check(bpf(SystemCallNumber, QueryCommand, &query, (uint)sizeof(QueryAttributes)), "query device programs of a cgroup");
        return new ReadOnlySpan<uint>(identifiers, (int)query.Count).ToArray();
    }

    private static Fd Load(ReadOnlySpan<byte> instructions)
    {
        fixed (byte* code = instructions, license = "Apache-2.0\0"u8)
        {
            var load = new LoadAttributes
            {
                ProgramType = DeviceProgramType,
                InstructionCount = (uint)instructions.Length / 8,
                Instructions = (ulong)code,
                License = (ulong)license,
            };
            return new Fd((int)Check(bpf(SystemCallNumber, LoadCommand, &load, (uint)sizeof(LoadAttributes)), "load device program"));
        }
    }

    private static Fd Open(uint identifier)
    {
        var get = new GetByIdAttributes { Identifier = identifier };
        return new Fd((int)Check(bpf(SystemCallNumber, GetByIdCommand, &get, (uint)sizeof(GetByIdAttributes)), $"open device program {identifier}"));
    }

    private static void Attach(Fd directory, Fd program, uint flags, Fd? replaced)
    {
        var attach = new AttachAttributes
        {
            Target = directory.Number,
            Program = program.Number,
            AttachType = DeviceAttachType,
            Flags = flags,
            Replaced = replaced?.Number ?? 0,
        };
        Check(bpf(SystemCallNumber, AttachCommand, &attach, (uint)sizeof(AttachAttributes)), "attach device program to a cgroup");
    }

    private static void Detach(Fd directory, Fd program)
    {
        var detach = new AttachAttributes { Target = directory.Number, Program = program.Number, AttachType = DeviceAttachType };
        Check(bpf(SystemCallNumber, DetachCommand, &detach, (uint)sizeof(AttachAttributes)), "detach device program from a cgroup");
    }

    private static nint Check(nint answer, string operation) => answer >= 0 ? answer : throw new OsException(operation, Libc.LastError);

    [StructLayout(LayoutKind.Sequential)]
    private struct LoadAttributes
    {
        public uint ProgramType;
        public uint InstructionCount;
        public ulong Instructions;
        public ulong License;
        public uint LogLevel;
        public uint LogSize;
        public ulong Log;
        public uint KernelVersion;
        public uint Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct AttachAttributes
    {
        public int Target;
        public int Program;
        public uint AttachType;
        public uint Flags;
        public int Replaced;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct QueryAttributes
    {
        public int Target;
        public uint AttachType;
        public uint QueryFlags;
        public uint AttachFlags;
        public ulong Identifiers;
        public uint Count;
        public uint Padding;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct GetByIdAttributes
    {
        public uint Identifier;
        public uint NextIdentifier;
        public uint OpenFlags;
    }

    private static nint SystemCallNumber => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 280 : 321;

    [LibraryImport(Libc.Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint bpf(nint number, nint command, void* attributes, nuint size);
}
