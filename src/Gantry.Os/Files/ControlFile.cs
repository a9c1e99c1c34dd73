using System.Runtime.InteropServices;

namespace Gantry.Os.Files;

/// <summary>
/// Files through which the kernel is controlled, such as those of cgroup file systems: a value is one write(2), and each use opens the
/// file anew. Callers often branch on the error, which is therefore returned.
/// </summary>
public static unsafe partial class ControlFile
{
    // Safe throughout: paths are NUL-terminated and pinned, spans pinned and passed with their lengths; descriptors stay in one frame.

    private const int O_RDONLY = 0, O_WRONLY = 1, O_CLOEXEC = 0x80000;

    /// <summary>Writes a value into the file at <paramref name="path"/> below <paramref name="directory"/>.</summary>
    public static Errno TryWrite(Fd? directory, ReadOnlySpan<byte> path, ReadOnlySpan<byte> value)
    {
        var file = Open(directory, path, O_WRONLY, out var error);
        if (file < 0)
            return error;
        fixed (byte* data = value)
        {
            do
                error = write(file, data, (nuint)value.Length) >= 0 ? default : Libc.LastError;
            while (error == Errno.EINTR);
        }
        _ = close(file);
        return error;
    }

    /// <summary>
    /// Writes each line of <paramref name="lines"/> with a write(2) of its own through one open file, up to the first that fails.
    /// </summary>
    public static Errno TryWriteLines(Fd? directory, ReadOnlySpan<byte> path, ReadOnlySpan<byte> lines)
    {
        var file = Open(directory, path, O_WRONLY, out var error);
        if (file < 0)
            return error;
        while (!lines.IsEmpty && error == default)
        {
            var end = lines.IndexOf((byte)'\n');
            var line = end < 0 ? lines : lines[..end];
            lines = end < 0 ? [] : lines[(end + 1)..];
            fixed (byte* data = line)
                error = write(file, data, (nuint)line.Length) >= 0 ? default : Libc.LastError;
        }
        _ = close(file);
        return error;
    }

    /// <summary>The whole content of the file at <paramref name="path"/>, or null and the error.</summary>
    public static byte[]? TryRead(Fd? directory, ReadOnlySpan<byte> path, out Errno error)
    {
        var file = Open(directory, path, O_RDONLY, out error);
        if (file < 0)
            return null;
        var buffer = new byte[4096];
        var length = 0;
        while (true)
        {
            nint count;
            fixed (byte* data = &buffer[length])
                count = read(file, data, (nuint)(buffer.Length - length));
            error = count < 0 ? Libc.LastError : default;
            if (error == Errno.EINTR)
                continue;
            if (count <= 0)
                break;
            length += (int)count;
            if (length == buffer.Length)
                Array.Resize(ref buffer, buffer.Length * 2);
        }
        _ = close(file);
        return error == default ? buffer[..length] : null;
    }

    private static int Open(Fd? directory, ReadOnlySpan<byte> path, int flags, out Errno error)
    {
        fixed (byte* name = KernelPath.Terminate(path, stackalloc byte[KernelPath.Room(path)]))
        {
            int file;
            do
            {
                file = openat(KernelPath.Directory(directory), name, flags | O_CLOEXEC, 0);
                error = file < 0 ? Libc.LastError : default;
            }
            while (error == Errno.EINTR);
            return file;
        }
    }

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int openat(int directory, byte* path, int flags, uint mode);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint read(int file, byte* buffer, nuint size);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint write(int file, byte* buffer, nuint size);

    [LibraryImport(Libc.Name)]
    private static partial int close(int file);
}
