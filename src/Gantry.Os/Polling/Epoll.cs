using System.Runtime.InteropServices;

namespace Gantry.Os.Polling;

/// <summary>What a descriptor is watched for, and what was seen on it (epoll_ctl(2)).</summary>
[Flags]
public enum PollEvents : uint
{
    /// <summary>Nothing; errors and hang-ups are reported all the same.</summary>
    None = 0,

    /// <summary>There is something to read, or the end of the stream.</summary>
    Readable = 0x001,

    /// <summary>There is room to write.</summary>
    Writable = 0x004,

    /// <summary>An error; a pipe whose reading end is closed.</summary>
    Error = 0x008,

    /// <summary>Both directions are closed.</summary>
    HangUp = 0x010,

    /// <summary>The peer closed, or shut down, its writing side.</summary>
    PeerClosed = 0x2000,
}

/// <summary>One descriptor that is ready.</summary>
/// <param name="Token">The number it was registered with.</param>
/// <param name="Events">What was seen.</param>
public readonly record struct PollResult(ulong Token, PollEvents Events);

/// <summary>An epoll instance (epoll(7)), level-triggered. One thread waits; any thread may add and remove.</summary>
public sealed partial class Epoll : IDisposable
{
    // struct epoll_event is packed on x86-64 alone.
    private static int EventSize => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private readonly Fd _epoll;
    private readonly byte[] _events;

    /// <summary>Creates an instance.</summary>
    /// <param name="capacity">How many results one <see cref="Wait"/> returns at most.</param>
    /// <exception cref="OsException">No descriptor was left.</exception>
    public Epoll(int capacity = 64)
    {
        var epoll = epoll_create1(EPOLL_CLOEXEC);
        if (epoll < 0)
            throw new OsException("create an epoll instance", Libc.LastError);
        _epoll = new Fd(epoll);
        _events = new byte[capacity * EventSize];
    }

    /// <summary>Starts watching a descriptor.</summary>
    /// <param name="fd">The descriptor; the caller removes it before closing it if duplicates of it live on.</param>
    /// <param name="events">What to watch for.</param>
    /// <param name="token">The number reported with each result.</param>
    /// <exception cref="OsException">The descriptor cannot be polled (EPERM: a regular file), or is watched already.</exception>
    public void Add(Fd fd, PollEvents events, ulong token) => Control(1, "watch", fd, events, token);

    /// <summary>Changes what a descriptor is watched for.</summary>
    /// <exception cref="OsException">The descriptor is not watched.</exception>
    public void Modify(Fd fd, PollEvents events, ulong token) => Control(3, "change the watch of", fd, events, token);

    /// <summary>Stops watching a descriptor.</summary>
    /// <exception cref="OsException">The descriptor is not watched.</exception>
    public void Remove(Fd fd) => Control(2, "stop watching", fd, PollEvents.None, 0);

    /// <summary>Waits until something is ready.</summary>
    /// <param name="results">Receives what is ready.</param>
    /// <param name="timeoutMilliseconds">How long to wait; -1 means for ever.</param>
    /// <returns>How many results there are; 0 after the timeout or a signal.</returns>
    /// <exception cref="OsException">The instance is unusable.</exception>
    public unsafe int Wait(Span<PollResult> results, int timeoutMilliseconds)
    {
        int count;
        // The buffer is pinned over the call and has room for as many events as the kernel is told.
        fixed (byte* events = _events)
            count = epoll_wait(_epoll.Number, events, Math.Min(results.Length, _events.Length / EventSize), timeoutMilliseconds);
        if (count < 0)
            return Libc.LastError == Errno.EINTR ? 0 : throw new OsException("wait for events", Libc.LastError);
        for (var i = 0; i < count; i++)
        {
            var entry = _events.AsSpan(i * EventSize, EventSize);
            results[i] = new PollResult(
                MemoryMarshal.Read<ulong>(entry[(EventSize - 8)..]), (PollEvents)MemoryMarshal.Read<uint>(entry));
        }
        return count;
    }

    /// <inheritdoc/>
    public void Dispose() => _epoll.Dispose();

    private unsafe void Control(int operation, string verb, Fd fd, PollEvents events, ulong token)
    {
        Span<byte> entry = stackalloc byte[16];
        MemoryMarshal.Write(entry, (uint)events);
        MemoryMarshal.Write(entry[(EventSize - 8)..], token);
        // The kernel only reads the event, during the call.
        fixed (byte* pointer = entry)
        {
            if (epoll_ctl(_epoll.Number, operation, fd.Number, pointer) < 0)
                throw new OsException($"{verb} descriptor {fd.Number}", Libc.LastError);
        }
    }

    private const int EPOLL_CLOEXEC = 0x80000;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int epoll_ctl(int epoll, int operation, int fd, byte* entry);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int epoll_wait(int epoll, byte* events, int capacity, int timeout);
}
