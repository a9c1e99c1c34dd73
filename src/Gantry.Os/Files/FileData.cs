using System.Runtime.InteropServices;

namespace Gantry.Os.Files;

/// <summary>The content of files: read, write, holes, length, copies inside the kernel. EINTR and short transfers are retried.</summary>
public static unsafe partial class FileData
{
    // Safe throughout: spans are pinned over the call and passed with their lengths.

    /// <summary>Reads up to the length of <paramref name="buffer"/> (read(2)); 0 is the end.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static int Read(Fd file, Span<byte> buffer)
    {
        fixed (byte* data = buffer)
        {
            nint count;
            while ((count = read(file.Number, data, (nuint)buffer.Length)) < 0)
                if (Libc.LastError != Errno.EINTR)
                    throw new OsException($"read {file}", Libc.LastError);
            return (int)count;
        }
    }

    /// <summary>Reads up to the length of <paramref name="buffer"/> at a position (pread(2)); 0 is the end.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static int ReadAt(Fd file, Span<byte> buffer, long offset)
    {
        fixed (byte* data = buffer)
        {
            nint count;
            while ((count = pread(file.Number, data, (nuint)buffer.Length, offset)) < 0)
                if (Libc.LastError != Errno.EINTR)
                    throw new OsException($"read {file} at {offset}", Libc.LastError);
            return (int)count;
        }
    }

    /// <summary>Writes all of <paramref name="bytes"/> (write(2)).</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static void Write(Fd file, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* data = bytes)
        {
            nint done = 0;
            while (done < bytes.Length)
            {
                var count = write(file.Number, data + done, (nuint)(bytes.Length - done));
                if (count >= 0)
                    done += count;
                else if (Libc.LastError != Errno.EINTR)
                    throw new OsException($"write {bytes.Length} bytes to {file}", Libc.LastError);
            }
        }
    }

    /// <summary>Sets the position from the start of the file (lseek(2)).</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static void Seek(Fd file, long offset) => Check(lseek(file.Number, offset, 0), $"seek {file} to {offset}");

    /// <summary>
    /// The start of the next data at or after <paramref name="offset"/> (SEEK_DATA), or -1 when there is none. A file system that knows
    /// no holes answers <paramref name="offset"/>.
    /// </summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static long NextData(Fd file, long offset)
    {
        const int seekData = 3;
        var found = lseek(file.Number, offset, seekData);
        return found < 0 && Libc.LastError == Errno.ENXIO ? -1 : Check(found, $"seek data of {file}");
    }

    /// <summary>The start of the next hole at or after <paramref name="offset"/> (SEEK_HOLE): at the latest the end of the file.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static long NextHole(Fd file, long offset)
    {
        const int seekHole = 4;
        return Check(lseek(file.Number, offset, seekHole), $"seek hole of {file}");
    }

    /// <summary>Sets the length; what is added is a hole (ftruncate(2)).</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static void SetLength(Fd file, long length) => Check(ftruncate(file.Number, length), $"set length of {file} to {length}");

    /// <summary>Reserves space (fallocate(2)); EOPNOTSUPP where the file system cannot.</summary>
    public static Errno TryAllocate(Fd file, long offset, long length)
        => fallocate(file.Number, 0, offset, length) == 0 ? default : Libc.LastError;

    /// <summary>
    /// Copies from one file's position to the other's inside the kernel (copy_file_range(2)): by reference where the file system shares
    /// blocks. 0 is the end; EXDEV, EINVAL and EOPNOTSUPP ask for another way.
    /// </summary>
    public static Errno TryCopyRange(Fd from, Fd to, long length, out long copied)
    {
        copied = copy_file_range(from.Number, null, to.Number, null, (nuint)length, 0);
        return copied >= 0 ? default : Libc.LastError;
    }

    /// <summary>
    /// Makes an empty file share all blocks of another until one of them is written (ioctl_ficlone(2)). EOPNOTSUPP, EXDEV and others say that the file system
    /// cannot, and ask for another way.
    /// </summary>
    public static Errno TryClone(Fd from, Fd to) => ioctl(to.Number, FICLONE, from.Number) == 0 ? default : Libc.LastError;

    private static long Check(long answer, string operation) => answer >= 0 ? answer : throw new OsException(operation, Libc.LastError);

    private const nuint FICLONE = 0x40049409;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int ioctl(int file, nuint request, nint argument);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint read(int file, byte* buffer, nuint size);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint pread(int file, byte* buffer, nuint size, long offset);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint write(int file, byte* buffer, nuint size);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial long lseek(int file, long offset, int whence);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int ftruncate(int file, long length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int fallocate(int file, int mode, long offset, long length);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint copy_file_range(int from, long* fromOffset, int to, long* toOffset, nuint size, uint flags);
}
