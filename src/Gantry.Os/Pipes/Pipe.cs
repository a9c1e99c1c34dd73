using System.Runtime.InteropServices;

namespace Gantry.Os.Pipes;

/// <summary>The two ends of a new pipe (pipe2(2)).</summary>
/// <param name="Reader">The end to read from.</param>
/// <param name="Writer">The end to write to.</param>
public readonly record struct Pipe(Fd Reader, Fd Writer)
{
    /// <summary>Makes a pipe; both ends block.</summary>
    /// <exception cref="OsException">No descriptors were left.</exception>
    public static unsafe Pipe Create()
    {
        var ends = stackalloc int[2];
        return PipeCalls.pipe2(ends, PipeCalls.O_CLOEXEC) == 0
            ? new Pipe(new Fd(ends[0]), new Fd(ends[1]))
            : throw new OsException("create a pipe", Libc.LastError);
    }

    /// <summary>Makes a pipe that holds more than the kernel's 64 KiB before its writer waits (F_SETPIPE_SZ of fcntl(2)).</summary>
    /// <param name="capacity">Bytes. A user who has reached the limit of all of them (pipe-user-pages-soft) gets a smaller one.</param>
    /// <exception cref="OsException">No descriptors were left.</exception>
    public static Pipe Create(int capacity)
    {
        var pipe = Create();
        if (PipeCalls.fcntl(pipe.Writer.Number, PipeCalls.F_SETPIPE_SZ, capacity) < 0 && Libc.LastError != Errno.EPERM)
            throw new OsException($"give a pipe {capacity} bytes", Libc.LastError);
        return pipe;
    }
}

internal static partial class PipeCalls
{
    internal const int O_CLOEXEC = 0x80000;
    internal const int F_SETPIPE_SZ = 1031;

    [LibraryImport(Libc.Name, SetLastError = true)]
    internal static partial int fcntl(int descriptor, int command, nint argument);

    [LibraryImport(Libc.Name, SetLastError = true)]
    internal static unsafe partial int pipe2(int* ends, int flags);
}
