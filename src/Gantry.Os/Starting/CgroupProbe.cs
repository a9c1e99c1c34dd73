using System.Runtime;
using System.Runtime.CompilerServices;

namespace Gantry.Os.Starting;

/// <summary>
/// Answers the runtime's question whether there are cgroups. Twice at each start it looks for limits of memory and processors: the table of
/// mounts, the process's cgroups, four files of theirs, in all a twelfth of the time of a short command. A daemon should know its limits; a
/// command, which is over in milliseconds, and the keeper, whose few megabytes do not grow, are told that there are none.
/// </summary>
/// <remarks>
/// Linked in by <c>--wrap=fopen64</c>, and like <see cref="ProgramEntry"/> written like C: it runs before the runtime does.
/// Source: <c>FindHierarchyMount</c> of the runtime, which opens <c>/proc/self/mountinfo</c> and takes an error for a no. Nothing else in
/// the program opens that file through the C library.
/// </remarks>
internal static unsafe class CgroupProbe
{
    [RuntimeExport("__wrap_fopen64")]
    private static void* Open(byte* path, byte* mode)
    {
        fixed (byte* mounts = "/proc/self/mountinfo"u8)
            return strcmp(path, mounts) == 0 && !IsDaemon() ? null : __real_fopen64(path, mode);
    }

    /// <summary>As Gantry's Program tells it, before there are strings: a first argument <c>daemon</c>, or the name <c>dockerd</c>.</summary>
    private static bool IsDaemon()
    {
        const int size = 4096;
        var line = stackalloc byte[size];
        nint length;
        fixed (byte* path = "/proc/self/cmdline"u8)
        {
            var file = open(path, O_RDONLY | O_CLOEXEC);
            if (file < 0)
                return true;
            length = read(file, line, size - 1);
            close(file);
        }
        if (length <= 0)
            return true;
        line[length] = 0;
        var first = line + strlen(line) + 1;
        fixed (byte* command = "daemon"u8, name = "dockerd"u8)
            return first < line + length && strcmp(first, command) == 0 || EndsWith(line, name, 7);
    }

    private static bool EndsWith(byte* text, byte* end, nint endLength)
    {
        var length = strlen(text);
        return length >= endLength && strcmp(text + length - endLength, end) == 0;
    }

    private const int O_RDONLY = 0, O_CLOEXEC = 0x80000;

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("strcmp")]
    private static extern int strcmp(byte* a, byte* b);

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("strlen")]
    private static extern nint strlen(byte* text);

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("open")]
    private static extern int open(byte* path, int flags);

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("read")]
    private static extern nint read(int file, byte* buffer, nint size);

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("close")]
    private static extern int close(int file);

    /// <summary>The C library's own.</summary>
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("__real_fopen64")]
    private static extern void* __real_fopen64(byte* path, byte* mode);
}
