using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Gantry.Os.Files;

/// <summary>One name in a directory.</summary>
/// <param name="Name">Its bytes.</param>
/// <param name="Kind">The kind, or <see cref="FileKind.Unknown"/> where the file system does not tell.</param>
/// <param name="Inode">Its inode number.</param>
public readonly record struct DirectoryEntry(byte[] Name, FileKind Kind, ulong Inode);

/// <summary>Reading directories (getdents64(2)).</summary>
public static unsafe partial class DirectoryReader
{
    /// <summary>All names in a directory opened for reading, without <c>.</c> and <c>..</c>, in the order of their bytes.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static List<DirectoryEntry> Read(Fd directory)
    {
        var entries = new List<DirectoryEntry>();
        var buffer = new byte[32768];
        Rewind(directory);
        while (true)
        {
            nint length;
            // Safe: the kernel writes whole records within the length it is given.
            fixed (byte* data = buffer)
                length = getdents64(directory.Number, data, (nuint)buffer.Length);
            if (length < 0)
                throw new OsException($"read directory {directory}", Libc.LastError);
            if (length == 0)
                break;
            Parse(buffer.AsSpan(0, (int)length), entries);
        }
        entries.Sort(static (a, b) => a.Name.AsSpan().SequenceCompareTo(b.Name));
        return entries;
    }

    // struct linux_dirent64: inode (8), offset (8), record length (2), type (1), name with NUL.
    private static void Parse(ReadOnlySpan<byte> records, List<DirectoryEntry> entries)
    {
        while (!records.IsEmpty)
        {
            var size = BinaryPrimitives.ReadUInt16LittleEndian(records[16..]);
            var name = records[19..size];
            name = name[..name.IndexOf((byte)0)];
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                entries.Add(new DirectoryEntry(name.ToArray(), (FileKind)((uint)records[18] << 12), BinaryPrimitives.ReadUInt64LittleEndian(records)));
            records = records[size..];
        }
    }

    private static void Rewind(Fd directory)
    {
        if (lseek(directory.Number, 0, 0) < 0)
            throw new OsException($"rewind directory {directory}", Libc.LastError);
    }

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint getdents64(int directory, byte* buffer, nuint size);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial long lseek(int file, long offset, int whence);
}
