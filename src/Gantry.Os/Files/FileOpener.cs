using System.Runtime.InteropServices;

namespace Gantry.Os.Files;

/// <summary>How to open a file (open(2), <c>O_*</c>; values of x86-64 and arm64 differ in the three marked ones).</summary>
[Flags]
public enum OpenFlags
{
    /// <summary>For reading.</summary>
    ReadOnly = 0,

    /// <summary>For writing.</summary>
    WriteOnly = 1,

    /// <summary>For both.</summary>
    ReadWrite = 2,

    /// <summary>Make the file when it does not exist.</summary>
    Create = 0x40,

    /// <summary>With <see cref="Create"/>: fail with EEXIST when it exists; a symbolic link counts as existing.</summary>
    Exclusive = 0x80,

    /// <summary>Never make a terminal this process's own.</summary>
    NoControllingTerminal = 0x100,

    /// <summary>Cut to no bytes.</summary>
    Truncate = 0x200,

    /// <summary>Each write goes to the end.</summary>
    Append = 0x400,

    /// <summary>Do not wait (a FIFO without a peer opens at once).</summary>
    NonBlocking = 0x800,

    /// <summary>Fail with ENOTDIR when it is not a directory (architecture dependent).</summary>
    Directory = 0x10000,

    /// <summary>Fail with ELOOP when the last component is a symbolic link (architecture dependent).</summary>
    NoFollow = 0x20000,

    /// <summary>Only a reference to the file, for the <c>*at</c> calls and fstat.</summary>
    Path = 0x200000,

    /// <summary>An unnamed file in the directory.</summary>
    Temporary = 0x410000,
}

/// <summary>How openat2(2) resolves a path (<c>RESOLVE_*</c>).</summary>
[Flags]
public enum ResolveFlags : ulong
{
    /// <summary>As open(2) does.</summary>
    None = 0,

    /// <summary>Fail with EXDEV where the path crosses into another mount.</summary>
    NoCrossMounts = 1,

    /// <summary>Fail with ELOOP at links such as those in /proc/PID/fd.</summary>
    NoMagicLinks = 2,

    /// <summary>Fail with ELOOP at any symbolic link.</summary>
    NoSymlinks = 4,

    /// <summary>Fail with EXDEV where the path leaves the directory.</summary>
    Beneath = 8,

    /// <summary>The directory is the root: absolute links and <c>..</c> stay inside.</summary>
    InRoot = 16,
}

/// <summary>openat(2) and openat2(2). Every descriptor is close-on-exec. EINTR is retried.</summary>
public static partial class FileOpener
{
    /// <summary>Opens <paramref name="path"/> below <paramref name="directory"/> (null: relative to the working directory, or absolute).</summary>
    /// <param name="directory">Where a relative path starts.</param>
    /// <param name="path">The path, without NUL.</param>
    /// <param name="flags">How.</param>
    /// <param name="mode">Permissions of a file that is made, before the umask.</param>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static Fd Open(Fd? directory, ReadOnlySpan<byte> path, OpenFlags flags, uint mode = 0)
        => TryOpen(directory, path, flags, mode, out var error) ?? throw new OsException($"open {KernelPath.ToText(path)}", error);

    /// <inheritdoc cref="Open(Fd?, ReadOnlySpan{byte}, OpenFlags, uint)"/>
    public static Fd Open(string path, OpenFlags flags, uint mode = 0) => Open(null, KernelPath.FromText(path), flags, mode);

    /// <summary>As <see cref="Open(Fd?, ReadOnlySpan{byte}, OpenFlags, uint)"/>, answering null and the error.</summary>
    public static unsafe Fd? TryOpen(Fd? directory, ReadOnlySpan<byte> path, OpenFlags flags, uint mode, out Errno error)
    {
        // Safe: the path is NUL-terminated by Terminate and stays pinned over the call.
        fixed (byte* name = KernelPath.Terminate(path, stackalloc byte[KernelPath.Room(path)]))
        {
            int number;
            do
            {
                number = openat(KernelPath.Directory(directory), name, Native(flags), mode);
                error = number < 0 ? Libc.LastError : default;
            }
            while (error == Errno.EINTR);
            return number < 0 ? null : new Fd(number);
        }
    }

    /// <summary>Opens below <paramref name="root"/> with rules of resolution (openat2(2), Linux 5.6).</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static Fd OpenWithin(Fd root, ReadOnlySpan<byte> path, OpenFlags flags, ResolveFlags resolve, uint mode = 0)
        => TryOpenWithin(root, path, flags, resolve, mode, out var error) ?? throw new OsException($"open {KernelPath.ToText(path)}", error);

    /// <summary>As <see cref="OpenWithin"/>, answering null and the error. EAGAIN (a rename raced the resolution) is retried.</summary>
    public static unsafe Fd? TryOpenWithin(Fd root, ReadOnlySpan<byte> path, OpenFlags flags, ResolveFlags resolve, uint mode, out Errno error)
    {
        var how = new OpenHow { Flags = (uint)Native(flags), Mode = mode, Resolve = (ulong)resolve };
        // Safe: `how` is on this stack frame, its size is passed, and the path is NUL-terminated and pinned.
        fixed (byte* name = KernelPath.Terminate(path, stackalloc byte[KernelPath.Room(path)]))
        {
            nint number;
            do
            {
                number = syscall(SYS_openat2, root.Number, (nint)name, (nint)(&how), sizeof(OpenHow));
                error = number < 0 ? Libc.LastError : default;
            }
            while (error == Errno.EINTR || error == Errno.EAGAIN);
            return number < 0 ? null : new Fd((int)number);
        }
    }

    private static int Native(OpenFlags flags)
    {
        const int closeOnExec = 0x80000;
        var native = (int)flags | closeOnExec;
        if (RuntimeInformation.ProcessArchitecture != Architecture.Arm64)
            return native;
        // arm64 exchanges O_DIRECTORY/O_NOFOLLOW (0x10000/0x20000 on x86-64) for 0x4000/0x8000; O_TMPFILE contains O_DIRECTORY.
        var rest = native & ~0x30000;
        return rest | (native & 0x30000) >> 2;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    private const nint SYS_openat2 = 437;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int openat(int directory, byte* path, int flags, uint mode);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint syscall(nint number, nint a, nint b, nint c, nint d);
}
