using System.Runtime.InteropServices;

namespace Gantry.Os.Files;

/// <summary>The kind of a file: the S_IFMT bits of its mode (inode(7)).</summary>
public enum FileKind : uint
{
    /// <summary>Not known (some file systems' directories do not tell).</summary>
    Unknown = 0,

    /// <summary>A FIFO.</summary>
    Fifo = 0x1000,

    /// <summary>A character device.</summary>
    CharacterDevice = 0x2000,

    /// <summary>A directory.</summary>
    Directory = 0x4000,

    /// <summary>A block device.</summary>
    BlockDevice = 0x6000,

    /// <summary>A regular file.</summary>
    Regular = 0x8000,

    /// <summary>A symbolic link.</summary>
    SymbolicLink = 0xa000,

    /// <summary>A socket.</summary>
    Socket = 0xc000,
}

/// <summary>A point in time as the kernel keeps it.</summary>
/// <param name="Seconds">Since 1970-01-01T00:00:00Z; may be negative.</param>
/// <param name="Nanoseconds">0 to 999,999,999, always forward from <paramref name="Seconds"/>.</param>
public readonly record struct FileTime(long Seconds, uint Nanoseconds);

/// <summary>What statx(2) tells about a file.</summary>
public readonly record struct FileStatus
{
    /// <summary>The kind of the file.</summary>
    public FileKind Kind { get; init; }

    /// <summary>Permission bits with set-user-ID, set-group-ID and sticky (07777).</summary>
    public uint Permissions { get; init; }

    /// <summary>Owner.</summary>
    public uint UserId { get; init; }

    /// <summary>Group.</summary>
    public uint GroupId { get; init; }

    /// <summary>Number of hard links.</summary>
    public uint LinkCount { get; init; }

    /// <summary>Inode number, unique within <see cref="Device"/>.</summary>
    public ulong Inode { get; init; }

    /// <summary>Size in bytes.</summary>
    public long Size { get; init; }

    /// <summary>Allocated space in units of 512 bytes.</summary>
    public long Blocks { get; init; }

    /// <summary>Time of the last change of content.</summary>
    public FileTime Modified { get; init; }

    /// <summary>Time of the last change of content or attributes.</summary>
    public FileTime Changed { get; init; }

    /// <summary>The device a device node stands for.</summary>
    public DeviceNumber Target { get; init; }

    /// <summary>The device the file is on.</summary>
    public DeviceNumber Device { get; init; }

    /// <summary>Whether it is a directory.</summary>
    public bool IsDirectory => Kind == FileKind.Directory;

    /// <summary>Whether it is a regular file.</summary>
    public bool IsRegular => Kind == FileKind.Regular;

    /// <summary>Whether it is a symbolic link.</summary>
    public bool IsSymbolicLink => Kind == FileKind.SymbolicLink;
}

/// <summary>The two numbers of a device.</summary>
/// <param name="Major">The driver.</param>
/// <param name="Minor">The device within it.</param>
public readonly record struct DeviceNumber(uint Major, uint Minor)
{
    /// <summary>As mknodat(2) takes it (glibc's <c>makedev</c>).</summary>
    public ulong Packed => (Minor & 0xfful) | (Major & 0xffful) << 8 | (Minor & ~0xfful) << 12 | (Major & ~0xffful) << 32;
}

/// <summary>statx(2).</summary>
public static partial class FileStatusReader
{
    /// <summary>The status of an open file.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static FileStatus Read(Fd file) => TryRead(file, [], out var error) ?? throw new OsException($"stat {file}", error);

    /// <summary>The status of <paramref name="path"/> below <paramref name="directory"/>; a symbolic link at its end is not followed.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static FileStatus Read(Fd? directory, ReadOnlySpan<byte> path)
        => TryRead(directory, path, out var error) ?? throw new OsException($"stat {KernelPath.ToText(path)}", error);

    /// <summary>As <see cref="Read(Fd?, ReadOnlySpan{byte})"/>, answering null and the error; an empty path is the directory itself.</summary>
    public static unsafe FileStatus? TryRead(Fd? directory, ReadOnlySpan<byte> path, out Errno error)
    {
        StatxBuffer buffer;
        var flags = AT_SYMLINK_NOFOLLOW | (path.IsEmpty ? AT_EMPTY_PATH : 0);
        // Safe: the kernel fills at most 256 bytes, the size of the structure; the path is NUL-terminated and pinned.
        fixed (byte* name = KernelPath.Terminate(path, stackalloc byte[KernelPath.Room(path)]))
        {
            error = statx(KernelPath.Directory(directory), name, flags, STATX_BASIC_STATS, &buffer) == 0 ? default : Libc.LastError;
            return error == default ? Convert(buffer) : null;
        }
    }

    private static FileStatus Convert(in StatxBuffer buffer) => new()
    {
        Kind = (FileKind)(buffer.Mode & 0xf000u),
        Permissions = buffer.Mode & 0xfffu,
        UserId = buffer.UserId,
        GroupId = buffer.GroupId,
        LinkCount = buffer.LinkCount,
        Inode = buffer.Inode,
        Size = (long)buffer.Size,
        Blocks = (long)buffer.Blocks,
        Modified = new FileTime(buffer.ModifiedSeconds, buffer.ModifiedNanoseconds),
        Changed = new FileTime(buffer.ChangedSeconds, buffer.ChangedNanoseconds),
        Target = new DeviceNumber(buffer.TargetMajor, buffer.TargetMinor),
        Device = new DeviceNumber(buffer.DeviceMajor, buffer.DeviceMinor),
    };

    /// <summary>struct statx of linux/stat.h: 256 bytes, the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxBuffer
    {
        [FieldOffset(16)] public uint LinkCount;
        [FieldOffset(20)] public uint UserId;
        [FieldOffset(24)] public uint GroupId;
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(40)] public ulong Size;
        [FieldOffset(48)] public ulong Blocks;
        [FieldOffset(96)] public long ChangedSeconds;
        [FieldOffset(104)] public uint ChangedNanoseconds;
        [FieldOffset(112)] public long ModifiedSeconds;
        [FieldOffset(120)] public uint ModifiedNanoseconds;
        [FieldOffset(128)] public uint TargetMajor;
        [FieldOffset(132)] public uint TargetMinor;
        [FieldOffset(136)] public uint DeviceMajor;
        [FieldOffset(140)] public uint DeviceMinor;
    }

    private const int AT_SYMLINK_NOFOLLOW = 0x100;
    private const int AT_EMPTY_PATH = 0x1000;
    private const uint STATX_BASIC_STATS = 0x7ff;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int statx(int directory, byte* path, int flags, uint mask, StatxBuffer* buffer);
}
