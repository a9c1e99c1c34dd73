using System.Runtime.InteropServices;

namespace Gantry.Os.Files;

/// <summary>Bringing data to the disk: fsync(2) and syncfs(2).</summary>
public static partial class FileSynchronization
{
    /// <summary>Waits until a file, or a directory's names, are on the disk.</summary>
    /// <exception cref="OsException">Writing failed (EIO, ENOSPC): what was written before cannot be relied on.</exception>
    public static void Synchronize(Fd file)
    {
        if (fsync(file.Number) != 0)
            throw new OsException($"sync {file}", Libc.LastError);
    }

    /// <summary>Waits until everything on the file system that <paramref name="file"/> lies on is on the disk.</summary>
    /// <exception cref="OsException">Writing failed.</exception>
    public static void SynchronizeFileSystem(Fd file)
    {
        if (syncfs(file.Number) != 0)
            throw new OsException($"sync the file system of {file}", Libc.LastError);
    }

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int fsync(int file);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int syncfs(int file);
}
