using System.Runtime.InteropServices;

namespace Gantry.Os.Pipes;

/// <summary>Reading and writing of pipes, terminals, sockets and files by descriptor; callers branch on the error.</summary>
public static partial class StreamIo
{
    /// <summary>read(2), repeated when a signal interrupts it.</summary>
    /// <returns>The number of bytes (0: end of stream), and the error.</returns>
    public static unsafe (int Count, Errno Error) Read(Fd fd, Span<byte> buffer)
    {
        // The buffer is pinned over the call and its own length is given.
        fixed (byte* pointer = buffer)
        {
            while (true)
            {
                var count = read(fd.Number, pointer, buffer.Length);
                if (count >= 0)
                    return ((int)count, default);
                if (Libc.LastError != Errno.EINTR)
                    return (0, Libc.LastError);
            }
        }
    }

    /// <summary>readv(2) into two buffers, one after the other.</summary>
    /// <returns>The number of bytes (0: end of stream), and the error.</returns>
    public static unsafe (int Count, Errno Error) Read(Fd fd, Span<byte> first, Span<byte> second)
    {
        // Both buffers are pinned over the call and their own lengths are given.
        fixed (byte* one = first, two = second)
        {
            var vectors = stackalloc nint[4] { (nint)one, first.Length, (nint)two, second.Length };
            while (true)
            {
                var count = readv(fd.Number, vectors, second.IsEmpty ? 1 : 2);
                if (count >= 0)
                    return ((int)count, default);
                if (Libc.LastError != Errno.EINTR)
                    return (0, Libc.LastError);
            }
        }
    }

    /// <summary>write(2), repeated when a signal interrupts it; may write less than asked.</summary>
    /// <returns>The number of bytes written, and the error.</returns>
    public static unsafe (int Count, Errno Error) Write(Fd fd, ReadOnlySpan<byte> buffer)
    {
        // The buffer is pinned over the call and its own length is given.
        fixed (byte* pointer = buffer)
        {
            while (true)
            {
                var count = write(fd.Number, pointer, buffer.Length);
                if (count >= 0)
                    return ((int)count, default);
                if (Libc.LastError != Errno.EINTR)
                    return (0, Libc.LastError);
            }
        }
    }

    /// <summary>How many bytes a read would give at once (FIONREAD of ioctl(2)).</summary>
    /// <returns>The number of bytes, or the error.</returns>
    public static unsafe (int Count, Errno Error) Available(Fd fd)
    {
        int count;
        return ioctl(fd.Number, FIONREAD, &count) == 0 ? (count, default) : (0, Libc.LastError);
    }

    /// <summary>Sets or clears O_NONBLOCK. It belongs to the open file, so duplicates of the descriptor share it.</summary>
    /// <exception cref="OsException">The descriptor is not open.</exception>
    public static unsafe void SetNonBlocking(Fd fd, bool nonBlocking)
    {
        var value = nonBlocking ? 1 : 0;
        if (ioctl(fd.Number, FIONBIO, &value) < 0)
            throw new OsException($"set descriptor {fd.Number} non-blocking", Libc.LastError);
    }

    private const nuint FIONREAD = 0x541B, FIONBIO = 0x5421;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial nint read(int fd, byte* buffer, nint count);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial nint readv(int fd, nint* vectors, int count);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial nint write(int fd, byte* buffer, nint count);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int ioctl(int fd, nuint request, int* argument);
}
