using System.Buffers;

namespace Gantry.BuildKit.Grpc;

/// <summary>
/// An HTTP/2 connection whose outgoing header values may hold several: <see cref="Separator"/> parts them, and each is sent as a field of its own. gRPC's
/// metadata are repeated fields, while .NET's client makes one field of all values of a name, with commas, which cannot be undone at the other side.
/// </summary>
/// <param name="inner">The connection; owned.</param>
internal sealed class RepeatedHeaderStream(Stream inner) : Stream
{
    /// <summary>Between two values of a name.</summary>
    public const char Separator = '\x1f';

    private const int FrameHeadLength = 9;
    private const int MostFrameBytes = 1 << 14;
    private const int PrefaceLength = 24;
    private const byte HeadersFrame = 1;
    private const byte ContinuationFrame = 9;
    private const byte EndHeaders = 4;
    private readonly ArrayBufferWriter<byte> _pending = new();
    private readonly ArrayBufferWriter<byte> _block = new();
    private bool _prefaceSeen;
    private byte[]? _headersHead;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.ReadAsync(buffer, offset, count, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _pending.Write(buffer.Span);
        var output = new ArrayBufferWriter<byte>(Math.Max(buffer.Length, 1));
        var taken = TakeFrames(_pending.WrittenSpan, output);
        var rest = _pending.WrittenSpan[taken..].ToArray();
        _pending.Clear();
        _pending.Write(rest);
        if (output.WrittenCount > 0)
            await inner.WriteAsync(output.WrittenMemory, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("this connection is asynchronous");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        inner.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Passes on what is whole; says how much that was.</summary>
    private int TakeFrames(ReadOnlySpan<byte> input, ArrayBufferWriter<byte> output)
    {
        var start = 0;
        if (!_prefaceSeen)
        {
            if (input.Length < PrefaceLength)
                return 0;
            output.Write(input[..PrefaceLength]);
            (_prefaceSeen, start) = (true, PrefaceLength);
        }
        while (input.Length - start >= FrameHeadLength)
        {
            var head = input.Slice(start, FrameHeadLength);
            var length = (head[0] << 16) | (head[1] << 8) | head[2];
            if (input.Length - start < FrameHeadLength + length)
                break;
            TakeFrame(head, input.Slice(start + FrameHeadLength, length), output);
            start += FrameHeadLength + length;
        }
        return start;
    }

    private void TakeFrame(ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload, ArrayBufferWriter<byte> output)
    {
        const int typeAt = 3, flagsAt = 4;
        if (head[typeAt] is not (HeadersFrame or ContinuationFrame))
        {
            output.Write(head);
            output.Write(payload);
            return;
        }
        if (head[typeAt] == HeadersFrame)
            _headersHead = head.ToArray();
        _block.Write(payload);
        if ((head[flagsAt] & EndHeaders) == 0)
            return;
        var block = Split(_block.WrittenSpan);
        _block.Clear();
        for (var offset = 0; offset == 0 || offset < block.Length; offset += MostFrameBytes)
        {
            var part = block[offset..Math.Min(block.Length, offset + MostFrameBytes)];
            var frame = _headersHead!.ToArray();
            (frame[0], frame[1], frame[2]) = ((byte)(part.Length >> 16), (byte)(part.Length >> 8), (byte)part.Length);
            frame[typeAt] = offset == 0 ? HeadersFrame : ContinuationFrame;
            frame[flagsAt] = (byte)((offset == 0 ? frame[flagsAt] & ~EndHeaders : 0) | (offset + MostFrameBytes >= block.Length ? EndHeaders : 0));
            output.Write(frame);
            output.Write(part);
        }
    }

    /// <summary>Goes through a header block (RFC 7541, section 6), and repeats the fields whose value has several parts.</summary>
    private static byte[] Split(ReadOnlySpan<byte> block)
    {
        var result = new ArrayBufferWriter<byte>(block.Length);
        for (var at = 0; at < block.Length;)
        {
            var start = at;
            var first = block[at];
            if ((first & 0x80) != 0 || (first & 0xe0) == 0x20)
            {
                ReadInteger(block, ref at, (first & 0x80) != 0 ? 7 : 5);
                result.Write(block[start..at]);
                continue;
            }
            if (ReadInteger(block, ref at, (first & 0xc0) == 0x40 ? 6 : 4) == 0)
                ReadText(block, ref at);
            var name = block[start..at];
            var value = ReadText(block, ref at);
            if (value.IndexOf((byte)Separator) < 0)
            {
                result.Write(block[start..at]);
                continue;
            }
            foreach (var range in value.Split((byte)Separator))
            {
                result.Write(name);
                WriteText(result, value[range]);
            }
        }
        return result.WrittenSpan.ToArray();
    }

    private static int ReadInteger(ReadOnlySpan<byte> block, ref int at, int prefix)
    {
        var most = (1 << prefix) - 1;
        var value = block[at++] & most;
        if (value < most)
            return value;
        for (var shift = 0; ; shift += 7)
        {
            var next = block[at++];
            value += (next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }
    }

    private static ReadOnlySpan<byte> ReadText(ReadOnlySpan<byte> block, ref int at)
    {
        var length = ReadInteger(block, ref at, 7);
        var text = block.Slice(at, length);
        at += length;
        return text;
    }

    private static void WriteText(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        const int most = 0x7f;
        Span<byte> head = stackalloc byte[6];
        var count = 1;
        head[0] = (byte)Math.Min(text.Length, most);
        if (text.Length >= most)
        {
            var rest = text.Length - most;
            for (; rest >= 0x80; rest >>= 7)
                head[count++] = (byte)(rest | 0x80);
            head[count++] = (byte)rest;
        }
        output.Write(head[..count]);
        output.Write(text);
    }
}
