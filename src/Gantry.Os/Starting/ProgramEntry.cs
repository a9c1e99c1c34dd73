using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gantry.Os.Starting;

/// <summary>
/// The entry of a native program that is to be executed from a read-only mount: what <see cref="Processes.OwnProgram.Protect"/> does, before the
/// runtime starts, so that it starts once and not twice (1.4 ms of processor time).
/// </summary>
/// <remarks>
/// A program opts in with two arguments in its project file: the compiler's <c>--generateunmanagedentrypoints:Gantry.Os</c> and the linker's
/// <c>--wrap=main</c>. Then the C library calls this method as <c>main</c> with no runtime around it. So it is written like C: no object, no
/// static field, no exception, no array or span, and nothing called but imports without transition. Whatever the kernel refuses is left to
/// <see cref="Processes.OwnProgram.Protect"/>, which tries again and tells.
/// </remarks>
internal static unsafe class ProgramEntry
{
    private const int O_PATH = 0x200000, O_CLOEXEC = 0x80000;

    /// <summary>The C library's <c>main</c>.</summary>
    [RuntimeExport("__wrap_main")]
    private static int Main(int count, byte** arguments, byte** environment)
    {
        fixed (byte* path = "/proc/self/exe"u8)
        {
            var program = (int)syscall(SYS_open, (nint)path, O_PATH | O_CLOEXEC, 0, 0, 0);
            if (program >= 0)
            {
                if (!IsReadOnly(program))
                    ExecuteFromReadOnlyMount(program, arguments, environment);
                syscall(SYS_close, program, 0, 0, 0, 0);
            }
        }
        return __real_main(count, arguments, environment);
    }

    private static bool IsReadOnly(int file)
    {
        StatFs status;
        return syscall(SYS_fstatfs, file, (nint)(&status), 0, 0, 0) == 0 && (status.Flags & ST_RDONLY) != 0;
    }

    /// <summary>Returns when the kernel refused, as it does where this process may not mount.</summary>
    private static void ExecuteFromReadOnlyMount(int program, byte** arguments, byte** environment)
    {
        byte empty = 0;
        var mount = syscall(SYS_open_tree, program, (nint)(&empty), OPEN_TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH, 0, 0);
        if (mount < 0)
            return;
        MountAttr attributes;
        attributes.Set = MOUNT_ATTR_RDONLY;
        attributes.Clear = attributes.Propagation = attributes.UserNamespace = 0;
        if (syscall(SYS_mount_setattr, mount, (nint)(&empty), AT_EMPTY_PATH, (nint)(&attributes), sizeof(MountAttr)) == 0)
            syscall(SYS_execveat, mount, (nint)(&empty), (nint)arguments, (nint)environment, AT_EMPTY_PATH);
        syscall(SYS_close, mount, 0, 0, 0, 0);
    }

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatFs
    {
        [FieldOffset(80)] public long Flags;
    }

    private struct MountAttr
    {
        public ulong Set;
        public ulong Clear;
        public ulong Propagation;
        public ulong UserNamespace;
    }

    private const nint SYS_open = 2;
    private const nint SYS_close = 3;
    private const nint SYS_fstatfs = 138;
    private const nint SYS_execveat = 322;
    private const nint SYS_open_tree = 428;
    private const nint SYS_mount_setattr = 442;
    private const nint OPEN_TREE_CLONE = 1;
    private const nint AT_EMPTY_PATH = 0x1000;
    private const ulong MOUNT_ATTR_RDONLY = 1;
    private const long ST_RDONLY = 1;

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("syscall")]
    private static extern nint syscall(nint number, nint a, nint b, nint c, nint d, nint e);

    /// <summary>The <c>main</c> that the linker found, the runtime's.</summary>
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("__real_main")]
    private static extern int __real_main(int count, byte** arguments, byte** environment);
}
