using System.Text;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Pipes;

namespace Gantry.Runtime.Cli.Keeper.Output;

/// <summary>A log file and its predecessors <c>.1</c>, <c>.2</c> ... Belongs to the log's thread.</summary>
/// <param name="settings">Its path and its limits.</param>
internal sealed class LogFile(LogRequest settings) : IDisposable
{
    private const uint Mode = 0x1A0; // rw-r-----
    private Fd? _file;

    /// <summary>Its size in bytes.</summary>
    public long Size { get; private set; }

    /// <summary>Whether it is to be rotated before more is written.</summary>
    public bool IsFull => settings.MaxSize > 0 && Size >= settings.MaxSize;

    /// <summary>How much may be written before it, or the one that follows a full one, is full.</summary>
    public long RoomLeft => settings.MaxSize <= 0 ? long.MaxValue : IsFull ? settings.MaxSize : settings.MaxSize - Size;

    /// <summary>Opens it, and cuts off what a keeper wrote that died before it could say that it had.</summary>
    /// <param name="expectedSize">The size that was committed; -1: nothing is known, so only a torn last line is cut.</param>
    /// <exception cref="OsException">It cannot be opened.</exception>
    public void Open(long expectedSize)
    {
        _file?.Dispose();
        _file = OpenCurrent(OpenFlags.Create);
        Size = FileStatusReader.Read(_file).Size;
        if (expectedSize >= 0 && expectedSize <= Size)
            Cut(expectedSize);
        else
            // Somebody emptied it meanwhile, or it was just rotated, or this is a restarted container's.
            CutTornLine();
    }

    /// <summary>Appends lines: all of them, or none.</summary>
    /// <returns>The error, e.g. ENOSPC.</returns>
    public Errno Append(ReadOnlySpan<byte> lines)
    {
        if (_file is null)
            return Errno.EBADF;
        var written = 0;
        while (written < lines.Length)
        {
            var (count, error) = StreamIo.Write(_file, lines[written..]);
            if (error.Value != 0 || count == 0)
            {
                if (written > 0)
                    Cut(Size);
                return error.Value != 0 ? error : Errno.EIO;
            }
            written += count;
        }
        Size += written;
        return default;
    }

    /// <summary>Makes the file <c>.1</c> (and that <c>.2</c>, and so on) and begins a new one.</summary>
    /// <exception cref="IOException">A file cannot be renamed or made; the present one stays in use.</exception>
    public void Rotate()
    {
        if (settings.MaxFiles < 2)
        {
            Cut(0);
            return;
        }
        // Only up to the first gap: a keeper that died half-way has left one, and what is behind it was moved already.
        var last = 1;
        while (last < settings.MaxFiles - 1 && File.Exists(Name(last)))
            last++;
        // The current one is missing after a rotation that could not make the next.
        for (var i = last; i > 0 && File.Exists(Name(i - 1)); i--)
            File.Move(Name(i - 1), Name(i), overwrite: true);
        var next = OpenCurrent(OpenFlags.Create | OpenFlags.Truncate);
        _file?.Dispose();
        (_file, Size) = (next, 0);
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private void Cut(long size)
    {
        if (_file is null)
            return;
        // Somebody else may have emptied it: it is never made longer.
        if (FileStatusReader.Read(_file).Size > size)
            FileData.SetLength(_file, size);
        Size = size;
    }

    private void CutTornLine()
    {
        // No line of ours is longer: 16 KiB of which each byte is escaped to six, and what is around it.
        var tail = new byte[Math.Min(Size, OutputRing.MaximumLine * 8)];
        using var reader = FileOpener.Open(null, Encoding.UTF8.GetBytes(settings.Path), OpenFlags.ReadOnly);
        var count = FileData.ReadAt(reader, tail, Size - tail.Length);
        var end = tail.AsSpan(0, count).LastIndexOf((byte)'\n');
        if (end >= 0 || count == Size)
            Cut(Size - count + end + 1);
    }

    private string Name(int number) => number == 0 ? settings.Path : $"{settings.Path}.{number}";

    private Fd OpenCurrent(OpenFlags flags) => FileOpener.Open(
        null, Encoding.UTF8.GetBytes(settings.Path), OpenFlags.WriteOnly | OpenFlags.Append | flags, Mode);
}
