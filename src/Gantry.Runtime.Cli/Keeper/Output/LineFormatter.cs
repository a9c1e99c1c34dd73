namespace Gantry.Runtime.Cli.Keeper.Output;

/// <summary>Writes lines of a log into a buffer, in one of the formats. Belongs to the log's thread.</summary>
/// <param name="longestLine">The most bytes that one line takes.</param>
internal abstract class LineFormatter(int longestLine)
{
    /// <summary>Above this the buffer is full: what one more line takes at most still fits.</summary>
    public const int Limit = 64 * 1024;

    private readonly byte[] _buffer = new byte[Limit + longestLine];
    private int _length;

    /// <summary>A formatter of a format.</summary>
    public static LineFormatter Create(LogFormat format) => format == LogFormat.Paged ? new PagedLogFormatter() : new JsonLogFormatter();

    /// <summary>The lines written since the last <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>Whether another line may be written.</summary>
    public bool HasRoom => _length < Limit;

    /// <summary>Begins anew, for the log with these attributes (at most 3 KiB of JSON, or nothing).</summary>
    public virtual void Clear(byte[] attributes) => _length = 0;

    /// <summary>Takes back what was written after a point.</summary>
    /// <param name="length">The length of <see cref="Written"/> at that point.</param>
    public void TakeBack(int length) => _length = length;

    /// <summary>Writes one line of the log.</summary>
    /// <param name="text">The text with its newline, if it has one; not longer than <see cref="OutputRing.MaximumLine"/>.</param>
    /// <param name="stream">0: stdout, 1: stderr.</param>
    /// <param name="time">Nanoseconds since 1970.</param>
    public abstract void WriteLine(ReadOnlySpan<byte> text, int stream, long time);

    /// <summary>Adds bytes.</summary>
    protected void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Adds bytes that the caller fills.</summary>
    protected Span<byte> Append(int length)
    {
        _length += length;
        return _buffer.AsSpan(_length - length, length);
    }
}
