using System.Text;

namespace Gantry.Compose.Running;

/// <summary>A stream that hands on what is written to it line by line; what has no end yet when it is disposed of is a line, too.</summary>
/// <param name="write">Takes a line, without its end.</param>
internal sealed class LineStream(Action<string> write) : Stream
{
    private readonly List<byte> _rest = [];

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.IndexOf((byte)'\n') is >= 0 and var end)
        {
            _rest.AddRange(buffer[..end]);
            WriteRest();
            buffer = buffer[(end + 1)..];
        }
        _rest.AddRange(buffer);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        // A last line without an end.
        if (disposing && _rest.Count > 0)
            WriteRest();
        base.Dispose(disposing);
    }

    private void WriteRest()
    {
        write(Encoding.UTF8.GetString([.. _rest]).TrimEnd('\r'));
        _rest.Clear();
    }
}
