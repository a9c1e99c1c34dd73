using System.Buffers.Binary;

namespace Gantry.BuildKit.Grpc;

/// <summary>Takes the messages of gRPC out of a stream: each has a byte that says whether it is compressed, and four with its length.</summary>
/// <param name="stream">The body of a request or answer.</param>
internal sealed class FrameReader(Stream stream)
{
    /// <summary>The bytes before a message.</summary>
    public const int HeadLength = 5;

    private const int MostBytes = 64 << 20;
    private byte[] _buffer = new byte[1 << 15];
    private int _start;
    private int _end;

    /// <summary>The next message, valid until the next call; null at the end.</summary>
    /// <exception cref="InvalidDataException">It is malformed, compressed or too long.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellation)
    {
        if (!await FillAsync(HeadLength, cancellation))
            return _end == _start ? null : throw new InvalidDataException("a gRPC stream ends within the head of a message");
        if (_buffer[_start] != 0)
            throw new InvalidDataException("a gRPC message is compressed, which was not agreed upon");
        var length = BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(_start + 1));
        if (length > MostBytes)
            throw new InvalidDataException($"a gRPC message has {length} bytes, more than the {MostBytes} allowed");
        _start += HeadLength;
        if (!await FillAsync((int)length, cancellation))
            throw new InvalidDataException("a gRPC stream ends within a message");
        var message = _buffer.AsMemory(_start, (int)length);
        _start += (int)length;
        return message;
    }

    private async ValueTask<bool> FillAsync(int count, CancellationToken cancellation)
    {
        if (_end - _start >= count)
            return true;
        if (_buffer.Length - _start < count)
        {
            var target = _buffer.Length >= count ? _buffer : new byte[Math.Max(count, _buffer.Length * 2)];
            _buffer.AsSpan(_start, _end - _start).CopyTo(target);
            (_buffer, _end, _start) = (target, _end - _start, 0);
        }
        while (_end - _start < count)
        {
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellation);
            if (read == 0)
                return false;
            _end += read;
        }
        return true;
    }
}
