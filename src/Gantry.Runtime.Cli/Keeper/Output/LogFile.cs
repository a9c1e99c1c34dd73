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
    private const long NanosecondsPerSecond = 1_000_000_000;
    private readonly LogFileNames _names = new(settings);
    private readonly LogLayout _layout = LogLayout.Of(settings);
    private Fd? _file;
    private long _begun;

    /// <summary>Its size in bytes.</summary>
    public long Size { get; private set; }

    /// <summary>Whether it is to be rotated before more is written.</summary>
    public bool IsFull => settings.MaxSize > 0 && Size >= settings.MaxSize || IsOld;

    /// <summary>Whether its first line has the age at which it is closed, so that all files together hold no line that is too old.</summary>
    public bool IsOld => settings.MaxAge > 0 && Size > 0
        && Clock.RealTimeNanoseconds - _begun >= settings.MaxAge * NanosecondsPerSecond / Math.Max(settings.MaxFiles, 1);

    /// <summary>How much may be written before it, or the one that follows a full one, is full.</summary>
    public long RoomLeft => settings.MaxSize <= 0 ? long.MaxValue : Size >= settings.MaxSize ? settings.MaxSize : settings.MaxSize - Size;

    /// <summary>Opens it, and cuts off what a keeper wrote that died before it could say that it had.</summary>
    /// <param name="expectedSize">The size that was committed; -1: nothing is known, so only a torn last line is cut.</param>
    /// <exception cref="OsException">It cannot be opened.</exception>
    public void Open(long expectedSize)
    {
        _file?.Dispose();
        _file = OpenCurrent(OpenFlags.Create);
        Size = FileStatusReader.Read(_file).Size;
        // Of another size: somebody emptied it meanwhile, or it was just rotated, or this is a restarted container's.
        var isWhole = expectedSize >= 0 && expectedSize <= Size;
        if (isWhole)
            Cut(expectedSize);
        if (Size == 0)
        {
            _layout.Begin();
            return;
        }
        using var reader = FileOpener.Open(settings.Path, OpenFlags.ReadOnly);
        Cut(_layout.Open(reader, Size, isWhole));
        if (settings.MaxAge > 0)
            _begun = _layout.FirstTime(reader);
    }

    /// <summary>Appends lines: all of them, or none.</summary>
    /// <returns>The error, e.g. ENOSPC.</returns>
    public Errno Append(ReadOnlySpan<byte> lines)
    {
        if (_file is null)
            return Errno.EBADF;
        var bytes = _layout.Arrange(lines);
        var written = 0;
        while (written < bytes.Length)
        {
            var (count, error) = StreamIo.Write(_file, bytes[written..]);
            if (error.Value != 0 || count == 0)
            {
                if (written > 0)
                    Cut(Size);
                return error.Value != 0 ? error : Errno.EIO;
            }
            written += count;
        }
        if (Size == 0 && settings.MaxAge > 0)
            _begun = Clock.RealTimeNanoseconds;
        Size += written;
        _layout.Wrote();
        return default;
    }

    /// <summary>Makes the file <c>.1</c> (and that <c>.2</c>, and so on) and begins a new one.</summary>
    /// <returns>Whether there is a file <c>.1</c> now.</returns>
    /// <exception cref="IOException">A file cannot be renamed or made; the present one stays in use.</exception>
    public bool Rotate()
    {
        if (settings.MaxFiles < 2)
        {
            Cut(0);
            _layout.Begin();
            return false;
        }
        _names.Shift();
        var next = OpenCurrent(OpenFlags.Create | OpenFlags.Truncate);
        _file?.Dispose();
        (_file, Size) = (next, 0);
        _layout.Begin();
        return true;
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

    private Fd OpenCurrent(OpenFlags flags) => FileOpener.Open(
        null, Encoding.UTF8.GetBytes(settings.Path), OpenFlags.WriteOnly | OpenFlags.Append | flags, Mode);
}
