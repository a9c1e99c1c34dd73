using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Gantry.Os.Files;

namespace Gantry.Os.Polling;

/// <summary>What an <see cref="Inotify"/> watch of a directory reports (inotify(7), <c>IN_*</c>).</summary>
[Flags]
public enum DirectoryEvents : uint
{
    /// <summary>A file in it was written to or cut.</summary>
    Modified = 0x2,

    /// <summary>A file was moved into it, or renamed within.</summary>
    MovedTo = 0x80,

    /// <summary>A file was made in it.</summary>
    Created = 0x100,

    /// <summary>Events were lost because the queue was full: everything may have changed.</summary>
    Overflow = 0x4000,

    /// <summary>The watch is gone: it was removed, or the directory was.</summary>
    Gone = 0x8000,
}

/// <summary>Watches directories for changes (inotify(7)). One descriptor serves any number of them.</summary>
public sealed unsafe partial class Inotify : IDisposable
{
    private const int IN_CLOEXEC = 0x80000, IN_NONBLOCK = 0x800, HeaderSize = 16;

    /// <summary>Creates one without watches.</summary>
    /// <exception cref="OsException">The user has too many (EMFILE, /proc/sys/fs/inotify/max_user_instances).</exception>
    public Inotify()
    {
        var number = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        Descriptor = number >= 0 ? new Fd(number) : throw new OsException("create an inotify instance", Libc.LastError);
    }

    /// <summary>Readable when there are events.</summary>
    public Fd Descriptor { get; }

    /// <summary>Watches a directory. The same directory has the same watch again.</summary>
    /// <exception cref="OsException">There is none (ENOENT), or the user has too many watches (ENOSPC).</exception>
    public int Watch(string directory, DirectoryEvents events)
    {
        var path = KernelPath.FromText(directory);
        // Safe: the path is NUL-terminated by Terminate and stays pinned over the call.
        fixed (byte* name = KernelPath.Terminate(path, stackalloc byte[KernelPath.Room(path)]))
        {
            var watch = inotify_add_watch(Descriptor.Number, name, (uint)events);
            return watch >= 0 ? watch : throw new OsException($"watch {directory}", Libc.LastError);
        }
    }

    /// <summary>Ends a watch. One that is gone already is passed over.</summary>
    public void Unwatch(int watch) => _ = inotify_rm_watch(Descriptor.Number, watch);

    /// <summary>Takes the events that there are, without waiting.</summary>
    /// <param name="buffer">Room for them, at least 4 KiB.</param>
    /// <param name="report">Called with the watch (-1 with <see cref="DirectoryEvents.Overflow"/>) and what happened.</param>
    public void Read(Span<byte> buffer, Action<int, DirectoryEvents> report)
    {
        nint length;
        // Safe: the kernel writes whole records within the length it is given.
        fixed (byte* data = buffer)
            length = read(Descriptor.Number, data, (nuint)buffer.Length);
        // struct inotify_event: watch (4), mask (4), cookie (4), length of the name that follows (4).
        for (ReadOnlySpan<byte> events = buffer[..(int)Math.Max(length, 0)]; events.Length >= HeaderSize;)
        {
            report(BinaryPrimitives.ReadInt32LittleEndian(events), (DirectoryEvents)BinaryPrimitives.ReadUInt32LittleEndian(events[4..]));
            events = events[(HeaderSize + BinaryPrimitives.ReadInt32LittleEndian(events[12..]))..];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int inotify_init1(int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int inotify_add_watch(int instance, byte* path, uint mask);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int inotify_rm_watch(int instance, int watch);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint read(int instance, byte* buffer, nuint size);
}
