namespace Gantry.Os.Files;

/// <summary>
/// Replaces a whole file: readers, and the next start after a crash, find the old content or the new, never a torn one (write to a
/// temporary name, sync, rename(2), sync the folder).
/// </summary>
public static class AtomicFile
{
    /// <summary>What the temporary name ends with; a file with it is what a crash left, and may be deleted.</summary>
    public const string TemporarySuffix = ".new";

    /// <summary>Writes <paramref name="content"/> to <paramref name="path"/>, readable by the owner only.</summary>
    /// <param name="path">The file to replace or make; its folder exists. One writer at a time.</param>
    /// <param name="content">The whole new content.</param>
    /// <param name="sync">
    /// Whether it must survive a power cut: costs two fsync(2). Without it a power cut may bring back the old content or lose the new file.
    /// </param>
    /// <exception cref="OsException">Writing failed, e.g. the disk is full; the old content is untouched.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, bool sync)
    {
        var temporary = path + TemporarySuffix;
        try
        {
            WriteWhole(temporary, OpenFlags.Truncate, content, sync);
            FileNodes.Rename(null, KernelPath.FromText(temporary), null, KernelPath.FromText(path));
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        if (sync)
            SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>
    /// Makes a file that is not there yet, with one sync instead of two. A crash before this returns may leave it torn or empty: for files
    /// of which a reader can tell, such as a JSON document. Ext4, XFS and btrfs bring the names of a new file and of the new folders above
    /// it to the disk with its content.
    /// </summary>
    /// <param name="path">The file to make; its folder exists.</param>
    /// <param name="content">Its content.</param>
    /// <param name="sync">Whether it must survive a power cut: costs one fsync(2).</param>
    /// <exception cref="OsException">Writing failed, e.g. the disk is full, or the file exists. It may be there, torn.</exception>
    public static void WriteNew(string path, ReadOnlySpan<byte> content, bool sync) => WriteWhole(path, OpenFlags.Exclusive, content, sync);

    /// <summary>Waits until the names in a folder are on the disk.</summary>
    /// <exception cref="OsException">The folder cannot be opened or synced.</exception>
    public static void SyncFolder(string folder)
    {
        using var handle = FileOpener.Open(folder, OpenFlags.ReadOnly | OpenFlags.Directory);
        FileSynchronization.Synchronize(handle);
    }

    private static void WriteWhole(string path, OpenFlags flags, ReadOnlySpan<byte> content, bool sync)
    {
        using var file = FileOpener.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | flags, 0x180 /* 0600 */);
        try
        {
            FileData.Write(file, content);
            if (sync)
                FileSynchronization.Synchronize(file);
        }
        catch (OsException e)
        {
            // The descriptor's number tells nobody which file it was.
            throw new OsException($"write {path}", e.Errno);
        }
    }
}
