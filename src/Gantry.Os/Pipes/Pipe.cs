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
}

internal static partial class PipeCalls
{
    internal const int O_CLOEXEC = 0x80000;

    [LibraryImport(Libc.Name, SetLastError = true)]
    internal static unsafe partial int pipe2(int* ends, int flags);
}
