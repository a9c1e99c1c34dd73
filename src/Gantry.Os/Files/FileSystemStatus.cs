using System.Runtime.InteropServices;

namespace Gantry.Os.Files;

/// <summary>What statfs(2) tells about a file system.</summary>
/// <param name="Type">Its magic number (statfs(2) lists them), e.g. 0xEF53 for ext2 to ext4.</param>
/// <param name="Size">Bytes in all.</param>
/// <param name="Free">Bytes free.</param>
/// <param name="Available">Bytes free for the unprivileged.</param>
/// <param name="IsReadOnly">Whether the file system, or the mount through which the file was opened, is read-only.</param>
public readonly partial record struct FileSystemStatus(long Type, long Size, long Free, long Available, bool IsReadOnly)
{
    /// <summary>The file system that an open file lies on.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static unsafe FileSystemStatus Of(Fd file)
    {
        StatFs buffer;
        // Safe: the structure has room for the 120 bytes which the kernel fills on 64-bit machines.
        if (fstatfs(file.Number, &buffer) != 0)
            throw new OsException($"statfs {file}", Libc.LastError);
        return new(buffer.Type, buffer.Blocks * buffer.BlockSize, buffer.Free * buffer.BlockSize, buffer.Available * buffer.BlockSize,
            (buffer.Flags & ST_RDONLY) != 0);
    }

    /// <summary>The name by which docker shows the file system under its storage driver (<c>Backing Filesystem</c>).</summary>
    public string Name => Type switch
    {
        0xEF53 => "extfs",
        0x58465342 => "xfs",
        0x9123683E => "btrfs",
        0x01021994 => "tmpfs",
        0x794C7630 => "overlayfs",
        0x2FC12FC1 => "zfs",
        0xF2F52010 => "f2fs",
        0x6969 => "nfs",
        _ => $"0x{Type:x}",
    };

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatFs
    {
        [FieldOffset(0)] public long Type;
        [FieldOffset(8)] public long BlockSize;
        [FieldOffset(16)] public long Blocks;
        [FieldOffset(24)] public long Free;
        [FieldOffset(32)] public long Available;
        [FieldOffset(80)] public long Flags;
    }

    private const long ST_RDONLY = 1;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int fstatfs(int file, StatFs* buffer);
}
