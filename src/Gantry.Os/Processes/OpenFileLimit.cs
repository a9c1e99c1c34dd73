using System.Runtime.InteropServices;

namespace Gantry.Os.Processes;

/// <summary>How many descriptors this process may have open (RLIMIT_NOFILE of getrlimit(2)).</summary>
public static partial class OpenFileLimit
{
    /// <summary>
    /// What it was before <see cref="Raise"/>, and how far it may be raised. For children that are not to inherit it: programs that use select(2) rely on the
    /// usual 1024.
    /// </summary>
    public static (ulong Soft, ulong Hard) Original { get; } = Read();

    /// <summary>Raises it as far as it may be raised without a right.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static unsafe void Raise()
    {
        var limit = stackalloc ulong[] { Original.Hard, Original.Hard };
        if (Original.Soft != Original.Hard && setrlimit(RLIMIT_NOFILE, limit) < 0)
            throw new OsException("raise the limit of open files", Libc.LastError);
    }

    private static unsafe (ulong Soft, ulong Hard) Read()
    {
        // struct rlimit: the limit, and how far it may be raised; this frame's own, as large as the kernel expects.
        var limit = stackalloc ulong[2];
        return getrlimit(RLIMIT_NOFILE, limit) == 0 ? (limit[0], limit[1]) : throw new OsException("read the limit of open files", Libc.LastError);
    }

    private const int RLIMIT_NOFILE = 7;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int getrlimit(int resource, ulong* limit);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int setrlimit(int resource, ulong* limit);
}
