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

    /// <summary>
    /// Begins to bring a part of a file to the disk and does not wait (sync_file_range(2)): <see cref="Synchronize"/> then finds little to do.
    /// </summary>
    public static void Begin(Fd file, long offset, long length)
    {
        const uint write = 2; // SYNC_FILE_RANGE_WRITE
        // Only advice: what it cannot do, or does badly, shows when the file is synchronized.
        _ = sync_file_range(file.Number, offset, length, write);
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

    [LibraryImport(Libc.Name)]
    private static partial int sync_file_range(int file, long offset, long length, uint flags);
}
