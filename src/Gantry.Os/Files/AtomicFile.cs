using System.Runtime.InteropServices;

namespace Gantry.Os.Files;

/// <summary>
/// Replaces a whole file: readers, and the next start after a crash, find the old content or the new, never a torn one (write to a
/// temporary name, sync, rename(2), sync the folder).
/// </summary>
public static partial class AtomicFile
{
    /// <summary>What the temporary name ends with; a file with it is what a crash left, and may be deleted.</summary>
    public const string TemporarySuffix = ".new";

    /// <summary>Writes <paramref name="content"/> to <paramref name="path"/>, readable by the owner only.</summary>
    /// <param name="path">The file to replace or make; its folder exists. One writer at a time.</param>
    /// <param name="content">The whole new content.</param>
    /// <param name="sync">
    /// Whether it must survive a power cut: costs two fsync(2). Without it a power cut may bring back the old content or lose the new file.
    /// </param>
    /// <exception cref="IOException">Writing failed, e.g. the disk is full; the old content is untouched.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, bool sync)
    {
        var temporary = path + TemporarySuffix;
        try
        {
            using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                RandomAccess.Write(file, content, 0);
                if (sync)
                    RandomAccess.FlushToDisk(file);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        if (sync)
            SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Waits until the names in a folder are on the disk.</summary>
    /// <exception cref="OsException">The folder cannot be opened or synced.</exception>
    public static void SyncFolder(string folder)
    {
        // File.OpenHandle refuses folders.
        using var handle = new Fd(open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
        if (handle.IsInvalid)
            throw new OsException($"open {folder}", Libc.LastError);
        if (fsync(handle.Number) != 0)
            throw new OsException($"sync {folder}", Libc.LastError);
    }

    private const int O_RDONLY = 0;
    private const int O_DIRECTORY = 0x10000;
    private const int O_CLOEXEC = 0x80000;

    [LibraryImport(Libc.Name, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, uint mode);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int fsync(int fd);
}
