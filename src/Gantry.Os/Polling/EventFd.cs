using System.Runtime.InteropServices;

namespace Gantry.Os.Polling;

/// <summary>A counter that wakes a poll loop from another thread (eventfd(2)).</summary>
public sealed partial class EventFd : IDisposable
{
    /// <summary>Creates one, not signalled and non-blocking.</summary>
    /// <exception cref="OsException">No descriptor was left.</exception>
    public EventFd()
    {
        var number = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        Descriptor = number >= 0 ? new Fd(number) : throw new OsException("create an eventfd", Libc.LastError);
    }

    /// <summary>What to watch for <see cref="PollEvents.Readable"/>.</summary>
    public Fd Descriptor { get; }

    /// <summary>Makes the descriptor readable. May be called from any thread.</summary>
    public unsafe void Signal()
    {
        ulong one = 1;
        // Eight bytes of a local are read during the call. EAGAIN (the counter is full) means it is readable anyway.
        _ = write(Descriptor.Number, (byte*)&one, sizeof(ulong));
    }

    /// <summary>Makes the descriptor unreadable until the next <see cref="Signal"/>.</summary>
    public unsafe void Reset()
    {
        ulong count;
        // Eight bytes of a local are written during the call. EAGAIN means it was not signalled.
        _ = read(Descriptor.Number, (byte*)&count, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();

    private const int EFD_CLOEXEC = 0x80000, EFD_NONBLOCK = 0x800;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial nint write(int fd, byte* buffer, nint count);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial nint read(int fd, byte* buffer, nint count);
}
