using System.Runtime.InteropServices;

namespace Gantry.Os.Processes;

/// <summary>How many descriptors this process may have open (RLIMIT_NOFILE of getrlimit(2)).</summary>
public static partial class OpenFileLimit
{
    /// <summary>
    /// What it was before <see cref="Raise"/>, and how far it may be raised; null: it was not raised. For children that are not to inherit it: programs
    /// that use select(2) rely on the usual 1024.
    /// </summary>
    public static (ulong Soft, ulong Hard)? Original { get; private set; }

    /// <summary>Raises it as far as it may be raised without a right.</summary>
    /// <returns>The limit now.</returns>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static unsafe long Raise()
    {
        // struct rlimit: the limit, and how far it may be raised; this frame's own, as large as the kernel expects.
        var limit = stackalloc long[2];
        if (getrlimit(RLIMIT_NOFILE, limit) < 0)
            throw new OsException("read the limit of open files", Libc.LastError);
        if (limit[0] == limit[1])
            return limit[0];
        Original ??= ((ulong)limit[0], (ulong)limit[1]);
        limit[0] = limit[1];
        if (setrlimit(RLIMIT_NOFILE, limit) < 0)
            throw new OsException("raise the limit of open files", Libc.LastError);
        return limit[0];
    }

    private const int RLIMIT_NOFILE = 7;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int getrlimit(int resource, long* limit);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int setrlimit(int resource, long* limit);
}
