using System.Runtime.InteropServices;

namespace Gantry.Os.Files;

/// <summary>An exclusive lock on a file (flock(2)), held until disposed or until the process ends.</summary>
public sealed partial class FileLock : IDisposable
{
    private readonly Fd _file;
    private readonly string _path;

    private FileLock(Fd file, string path) => (_file, _path) = (file, path);

    /// <summary>Whether the file that is locked is still what its path leads to: whoever removes it lets others lock another in its place.</summary>
    public bool IsInPlace => FileStatusReader.TryRead(null, KernelPath.FromText(_path), out _) is { } status
        && FileStatusReader.Read(_file) is var own && (status.Inode, status.Device) == (own.Inode, own.Device);

    /// <summary>Waits for the lock on <paramref name="path"/>; the file is made when it does not exist.</summary>
    /// <exception cref="OsException">The file cannot be opened or locked.</exception>
    public static FileLock Acquire(string path) => Lock(path, LOCK_EX) ?? throw new OsException($"lock {path}", Errno.EAGAIN);

    /// <summary>The lock on <paramref name="path"/>, or null when somebody else holds it.</summary>
    /// <exception cref="OsException">The file cannot be opened or locked.</exception>
    public static FileLock? TryAcquire(string path) => Lock(path, LOCK_EX | LOCK_NB);

    /// <summary>Whether somebody holds a lock on a file that another may not have beside it. Nothing is locked after the call.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static bool IsHeld(Fd file)
    {
        while (flock(file.Number, LOCK_SH | LOCK_NB) != 0)
        {
            if (Libc.LastError == Errno.EAGAIN)
                return true;
            if (Libc.LastError != Errno.EINTR)
                throw new OsException($"lock {file}", Libc.LastError);
        }
        flock(file.Number, LOCK_UN);
        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static FileLock? Lock(string path, int operation)
    {
        var file = FileOpener.Open(path, OpenFlags.ReadWrite | OpenFlags.Create, 0x180 /* 0600 */);
        while (flock(file.Number, operation) != 0)
        {
            var error = Libc.LastError;
            if (error == Errno.EINTR)
                continue;
            file.Dispose();
            return error == Errno.EAGAIN ? null : throw new OsException($"lock {path}", error);
        }
        return new FileLock(file, path);
    }

    private const int LOCK_SH = 1;
    private const int LOCK_EX = 2;
    private const int LOCK_NB = 4;
    private const int LOCK_UN = 8;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int flock(int file, int operation);
}
