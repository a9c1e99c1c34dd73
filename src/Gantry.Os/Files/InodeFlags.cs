using System.Runtime.InteropServices;

namespace Gantry.Os.Files;

/// <summary>Flags that file systems keep with a file (ioctl_iflags(2)).</summary>
public static unsafe partial class InodeFlags
{
    private const uint FS_TOPDIR_FL = 0x20000;

    // The size in these numbers is that of a long, what is read and written is an int (ioctl_iflags(2), "Notes").
    private const nuint FS_IOC_GETFLAGS = 0x80086601;
    private const nuint FS_IOC_SETFLAGS = 0x40086602;

    /// <summary>
    /// Says that the directories made in this one have nothing to do with each other: ext4 then lays each, with what will be in it, into a part of
    /// the disk of its own.
    /// </summary>
    /// <returns>Whether the file system knows that; it makes no other difference.</returns>
    public static bool TrySpreadDirectories(Fd directory)
    {
        // Safe: both calls access the four bytes of the local variable, which is on this stack.
        uint flags;
        if (ioctl(directory.Number, FS_IOC_GETFLAGS, &flags) < 0)
            return false;
        flags |= FS_TOPDIR_FL;
        return ioctl(directory.Number, FS_IOC_SETFLAGS, &flags) == 0;
    }

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int ioctl(int file, nuint request, uint* argument);
}
