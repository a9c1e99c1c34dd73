using System.Runtime.InteropServices;

namespace Gantry.Os.Files;

/// <summary>
/// Owner, permissions and times: fchownat, fchmod, fchmodat, utimensat. Set the owner first: a change of owner clears set-user-ID bits
/// and file capabilities.
/// </summary>
public static unsafe partial class FileMetadata
{
    /// <summary>Sets the owner; an empty <paramref name="path"/> is the directory descriptor itself. Symbolic links are not followed.</summary>
    public static Errno TrySetOwner(Fd? directory, ReadOnlySpan<byte> path, uint user, uint group)
    {
        var flags = AT_SYMLINK_NOFOLLOW | (path.IsEmpty ? AT_EMPTY_PATH : 0);
        // Safe: the path is NUL-terminated and pinned over the call; so in the other methods of this class.
        fixed (byte* name = KernelPath.Terminate(path, stackalloc byte[KernelPath.Room(path)]))
            return Result(fchownat(KernelPath.Directory(directory), name, user, group, flags));
    }

    /// <summary>Sets permission bits (07777) of an open file that was not opened with O_PATH.</summary>
    public static Errno TrySetPermissions(Fd file, uint permissions) => Result(fchmod(file.Number, permissions));

    /// <summary>
    /// Sets permission bits by name. A symbolic link at the end <b>is followed</b> (fchmodat(2) knows no other way before Linux 6.6):
    /// only for names that the caller made itself and that are no links.
    /// </summary>
    public static Errno TrySetPermissions(Fd? directory, ReadOnlySpan<byte> path, uint permissions)
    {
        fixed (byte* name = KernelPath.Terminate(path, stackalloc byte[KernelPath.Room(path)]))
            return Result(fchmodat(KernelPath.Directory(directory), name, permissions, 0));
    }

    /// <summary>Sets access and modification time of an open file.</summary>
    public static Errno TrySetTimes(Fd file, FileTime accessed, FileTime modified)
    {
        var times = stackalloc TimeSpec[] { new(accessed), new(modified) };
        return Result(futimens(file.Number, times));
    }

    /// <summary>Sets access and modification time by name; symbolic links are not followed.</summary>
    public static Errno TrySetTimes(Fd? directory, ReadOnlySpan<byte> path, FileTime accessed, FileTime modified)
    {
        var times = stackalloc TimeSpec[] { new(accessed), new(modified) };
        fixed (byte* name = KernelPath.Terminate(path, stackalloc byte[KernelPath.Room(path)]))
            return Result(utimensat(KernelPath.Directory(directory), name, times, AT_SYMLINK_NOFOLLOW));
    }

    private static Errno Result(int answer) => answer == 0 ? default : Libc.LastError;

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeSpec(FileTime time)
    {
        public readonly long Seconds = time.Seconds;
        public readonly long Nanoseconds = time.Nanoseconds;
    }

    private const int AT_SYMLINK_NOFOLLOW = 0x100;
    private const int AT_EMPTY_PATH = 0x1000;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int fchownat(int directory, byte* path, uint user, uint group, int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int fchmod(int file, uint mode);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int fchmodat(int directory, byte* path, uint mode, int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int futimens(int file, TimeSpec* times);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int utimensat(int directory, byte* path, TimeSpec* times, int flags);
}
