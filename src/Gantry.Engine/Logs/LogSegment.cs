using System.IO.Compression;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Logs;

/// <summary>One file of a log, open. A compressed one is unpacked when it is first read, into a file without a name.</summary>
internal sealed class LogSegment(Fd file, bool isCompressed) : IDisposable
{
    private Fd _file = file;
    private readonly ulong? _original = isCompressed ? ReadOriginal(file) : null;
    private bool _isPacked = isCompressed;
    private long _limit = long.MaxValue;

    /// <summary>Which file it is, whatever its name is by now.</summary>
    internal ulong Inode { get; } = FileStatusReader.Read(file).Inode;

    /// <summary>When it was written to last, in nanoseconds since 1970; of a compressed one, the original.</summary>
    internal long Modified { get; } = ModifiedNow(file);

    /// <summary>Whether it is the same file as another, which may have been compressed meanwhile.</summary>
    internal bool IsSameAs(LogSegment other) => Inode == other.Inode || IsPackedOf(other) || other.IsPackedOf(this);

    /// <summary>Whether it has no name any more.</summary>
    internal bool IsDeleted => FileStatusReader.Read(_file).LinkCount == 0;

    internal long Length => Math.Min(FileStatusReader.Read(Unpacked()).Size, _limit);

    /// <summary>Opens a file, or answers null where there is none.</summary>
    /// <exception cref="OsException">It cannot be read.</exception>
    internal static LogSegment? TryOpen(string path, bool isCompressed = false)
    {
        var file = FileOpener.TryOpen(null, KernelPath.FromText(path), OpenFlags.ReadOnly, 0, out var error);
        if (file is null && error != Errno.ENOENT)
            throw new OsException($"open {path}", error);
        return file is null ? null : new LogSegment(file, isCompressed);
    }

    /// <summary>Ends the reading where the file ends now, whatever is written to it from here on.</summary>
    internal void EndAtPresentLength() => _limit = Length;

    internal int Read(Span<byte> buffer, long position) =>
        FileData.ReadAt(Unpacked(), buffer[..(int)Math.Clamp(_limit - position, 0, buffer.Length)], position);

    public void Dispose() => _file.Dispose();

    /// <summary>By its inode, and by its time too: an inode that has become free may be another file's.</summary>
    private bool IsPackedOf(LogSegment other) => _original == other.Inode && other._original is null && Modified == ModifiedNow(other._file);

    private static ulong? ReadOriginal(Fd file)
    {
        Span<byte> start = stackalloc byte[CompressedLog.Length];
        return CompressedLog.ReadInode(start[..FileData.ReadAt(file, start, 0)]);
    }

    private static long ModifiedNow(Fd file) => FileStatusReader.Read(file).Modified is var time ? time.Seconds * 1_000_000_000 + time.Nanoseconds : 0;

    private Fd Unpacked()
    {
        if (!_isPacked)
            return _file;
        var unpacked = FileOpener.Open(Path.GetTempPath(), OpenFlags.Temporary | OpenFlags.ReadWrite, 0x180 /* 0600 */);
        using (var packed = new FileStream(_file.ProcPath, FileMode.Open, FileAccess.Read))
        using (var unzip = new GZipStream(packed, CompressionMode.Decompress))
        {
            var buffer = new byte[1 << 16];
            for (int count; (count = unzip.Read(buffer)) > 0;)
                FileData.Write(unpacked, buffer.AsSpan(0, count));
        }
        _file.Dispose();
        (_file, _isPacked) = (unpacked, false);
        return _file;
    }
}
