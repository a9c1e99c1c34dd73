using System.Buffers;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Storage.Trees;

/// <summary>
/// Copies the content of files, holes of larger ones as holes, by reference where the file system shares blocks (XFS, btrfs), else inside the kernel where it
/// can.
/// </summary>
internal static class DataCopier
{
    // Smaller ones are copied as fast, and sharing a block costs each later write to it.
    private const long SmallestClone = 1 << 16;

    /// <exception cref="OsException">The kernel refused.</exception>
    internal static void Copy(Fd from, Fd to, long size)
    {
        // What fails here (another file system, one that shares nothing) is tried by the next way, which says why.
        if (size >= SmallestClone && FileData.TryClone(from, to) == default)
            return;
        if (size < SmallestClone)
        {
            CopyByBuffer(from, to, size);
            return;
        }
        FileData.SetLength(to, size);
        for (var position = FileData.NextData(from, 0); position >= 0 && position < size; position = FileData.NextData(from, position))
        {
            var end = Math.Min(size, FileData.NextHole(from, position));
            CopyRange(from, to, position, end);
            position = end;
        }
    }

    private static void CopyRange(Fd from, Fd to, long position, long end)
    {
        FileData.Seek(from, position);
        FileData.Seek(to, position);
        while (position < end)
        {
            var error = FileData.TryCopyRange(from, to, end - position, out var copied);
            if (error == Errno.EXDEV || error == Errno.EINVAL || error == Errno.EOPNOTSUPP || error == Errno.ENOSYS)
            {
                CopyByBuffer(from, to, end - position);
                return;
            }
            if (error != default)
                throw new OsException($"copy {from} to {to}", error);
            if (copied == 0)
                return;
            position += copied;
        }
    }

    private static void CopyByBuffer(Fd from, Fd to, long length)
    {
        if (length == 0)
            return;
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(length, 1 << 18));
        try
        {
            while (length > 0 && FileData.Read(from, buffer.AsSpan(0, (int)Math.Min(length, buffer.Length))) is var count and > 0)
            {
                FileData.Write(to, buffer.AsSpan(0, count));
                length -= count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
