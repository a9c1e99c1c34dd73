using System.Runtime.InteropServices;

namespace Gantry.Os;

/// <summary>An owned file descriptor. Every one that Gantry makes is close-on-exec; it is closed when disposed, or by the finalizer.</summary>
public sealed partial class Fd : SafeHandle
{
    /// <summary>Takes ownership of <paramref name="descriptor"/>.</summary>
    public Fd(int descriptor) : base(-1, ownsHandle: true) => SetHandle(descriptor);

    /// <inheritdoc/>
    public override bool IsInvalid => (int)handle < 0;

    /// <summary>
    /// The number. It is valid only while this object is alive and not disposed: callers keep it in a <c>using</c>, or hold the
    /// owner, over the whole use.
    /// </summary>
    public int Number => IsClosed ? throw new ObjectDisposedException(nameof(Fd)) : (int)handle;

    /// <summary>The path through which this process (and only this process) can name what the descriptor refers to.</summary>
    public string ProcPath => $"/proc/self/fd/{Number}";

    /// <summary>Gives up ownership: the caller closes the returned number.</summary>
    public int Release()
    {
        var number = Number;
        SetHandleAsInvalid();
        return number;
    }

    /// <summary>A second descriptor for the same open file (fcntl(2) F_DUPFD_CLOEXEC).</summary>
    /// <exception cref="OsException">The limit of open files is reached.</exception>
    public Fd Duplicate()
    {
        var copy = fcntl(Number, F_DUPFD_CLOEXEC, 0);
        return copy >= 0 ? new Fd(copy) : throw new OsException($"duplicate descriptor {Number}", Libc.LastError);
    }

    /// <inheritdoc/>
    public override string ToString() => IsClosed ? "fd closed" : $"fd {(int)handle}";

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => close((int)handle) == 0;

    private const int F_DUPFD_CLOEXEC = 1030;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int fcntl(int fd, int command, nint argument);

    [LibraryImport(Libc.Name)]
    private static partial int close(int fd);
}
