using System.Runtime.InteropServices;

namespace Gantry.Runtime.Cli.Keeper.Output;

/// <summary>
/// How far the log has come: everything a successor needs to go on as if nothing had happened. It cuts the file at
/// <see cref="FileSize"/> and formats from <see cref="Position"/> on; as each chunk has its time, it writes the very same bytes.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LogState
{
    /// <summary>Where <see cref="FileSize"/> is in the structure.</summary>
    public const int FileSizeAt = 16;

    /// <summary>The chunk that is next, or only partly in the log.</summary>
    public long Position;

    /// <summary>How much of that chunk is in the log or in the carried lines.</summary>
    public long Offset;

    /// <summary>The size of the log file; -1: it was never opened.</summary>
    public long FileSize;

    /// <summary>Bytes of log that could not be written.</summary>
    public long Dropped;

    /// <summary>How much of <see cref="Dropped"/> the log itself tells of.</summary>
    public long DroppedAndTold;

    private long _outputCarry, _errorCarry;
    private long _outputPartialTime, _errorPartialTime;

    /// <summary>The state before the first output.</summary>
    public static LogState Empty => new() { FileSize = -1 };

    /// <summary>Bytes of a stream's unfinished line that are carried over.</summary>
    public readonly int CarryLength(int stream) => (int)(stream == 0 ? _outputCarry : _errorCarry);

    /// <summary>The time of a line of which a part was logged already; 0: the line is at its beginning.</summary>
    public readonly long PartialTime(int stream) => stream == 0 ? _outputPartialTime : _errorPartialTime;

    /// <summary>Sets <see cref="CarryLength"/>.</summary>
    public void SetCarryLength(int stream, int length)
    {
        if (stream == 0)
            _outputCarry = length;
        else
            _errorCarry = length;
    }

    /// <summary>Sets <see cref="PartialTime"/>.</summary>
    public void SetPartialTime(int stream, long time)
    {
        if (stream == 0)
            _outputPartialTime = time;
        else
            _errorPartialTime = time;
    }
}
