using System.Runtime;
using System.Runtime.InteropServices;

namespace Gantry.Os.Processes;

/// <summary>
/// The entry of the native program <c>gantry</c>, which holds command line and daemon as two programs of .NET side by side: it calls the
/// <c>main</c> of one of them, before any .NET has started. <c>eng/client-half</c> makes this method the linker's <c>__wrap_main</c>.
/// </summary>
/// <remarks>Written like C, for the reasons that <see cref="ProgramEntry"/> tells.</remarks>
internal static unsafe partial class ProgramHalves
{
    /// <summary>The C library's <c>main</c>.</summary>
    [RuntimeExport("gantry_main")]
    private static int Main(int count, byte** arguments, byte** environment)
    {
        fixed (byte* daemonName = "dockerd"u8)
        fixed (byte* daemonCommand = "daemon"u8)
        {
            if (count > 0 && AreSame(LastPart(arguments[0]), daemonName) || count > 1 && AreSame(arguments[1], daemonCommand))
                return __real_main(count, arguments, environment);
        }
        // One pool of memory for malloc(3) is enough: otherwise .NET's second thread sets 128 MiB of addresses aside for its own.
        mallopt(M_ARENA_MAX, 1);
        return gantry_client_main(count, arguments, environment);
    }

    // What the client half's runtime calls to learn the limits of its control groups and the nodes of memory, from a dozen files: a command that
    // lives for some milliseconds does not ask. They answer as on a machine that has none; where the runtime knows no such names, nobody calls them.

    [RuntimeExport("__wrap__Z16InitializeCGroupv")]
    private static int SkipMemoryLimits() => 0;

    [RuntimeExport("__wrap__Z19InitializeCpuCGroupv")]
    private static int SkipProcessorLimits() => 0;

    [RuntimeExport("__wrap__Z21NUMASupportInitializev")]
    private static int SkipMemoryNodes() => 0;

    /// <summary>
    /// Where a thread's stack lies, for the client half's runtime. For the first thread the C library reads all of /proc/self/maps, to know to the
    /// byte what the runtime wants to know roughly: this is at most 64 KiB too high, and nothing is read or written by it.
    /// </summary>
    [RuntimeExport("__wrap_pthread_getattr_np")]
    private static int StackOf(nint thread, byte* attributes)
    {
        ResourceLimit limit;
        if (syscall(SYS_gettid) != syscall(SYS_getpid) || getrlimit(RLIMIT_STACK, &limit) != 0)
            return __real_pthread_getattr_np(thread, attributes);
        var size = limit.Current < MostStack ? limit.Current : MostStack;
        var top = ((ulong)&limit | (Room - 1)) + 1;
        var error = pthread_attr_init(attributes);
        return error != 0 ? error : pthread_attr_setstack(attributes, (nuint)(top - size), (nuint)size);
    }

    private static byte* LastPart(byte* path)
    {
        var part = path;
        for (; *path != 0; path++)
            if (*path == '/')
                part = path + 1;
        return part;
    }

    private static bool AreSame(byte* left, byte* right)
    {
        for (; *left == *right; left++, right++)
            if (*left == 0)
                return true;
        return false;
    }

    /// <summary>The daemon's <c>main</c>.</summary>
    [LibraryImport(Library), SuppressGCTransition]
    private static partial int __real_main(int count, byte** arguments, byte** environment);

    /// <summary>The command line's <c>main</c>.</summary>
    [LibraryImport(Library), SuppressGCTransition]
    private static partial int gantry_client_main(int count, byte** arguments, byte** environment);

    private struct ResourceLimit
    {
        public ulong Current;
        public ulong Greatest;
    }

    private const int RLIMIT_STACK = 3;
    private const nint SYS_getpid = 39, SYS_gettid = 186;
    private const ulong Room = 0x10000, MostStack = 0x800000; // Of a greater limit, or none, no more is used.

    [LibraryImport(Libc.Name), SuppressGCTransition]
    private static partial nint syscall(nint number);

    [LibraryImport(Libc.Name), SuppressGCTransition]
    private static partial int getrlimit(int resource, ResourceLimit* limit);

    [LibraryImport(Libc.Name), SuppressGCTransition]
    private static partial int pthread_attr_init(byte* attributes);

    [LibraryImport(Libc.Name), SuppressGCTransition]
    private static partial int pthread_attr_setstack(byte* attributes, nuint start, nuint size);

    [LibraryImport(Library), SuppressGCTransition]
    private static partial int __real_pthread_getattr_np(nint thread, byte* attributes);

    [LibraryImport(Libc.Name), SuppressGCTransition]
    private static partial int mallopt(int parameter, int value);

    private const int M_ARENA_MAX = -8;

    // Of the linker's, by the client half alone: other programs that have this code do not have these functions.
    private const string Library = "gantry-halves";
}
