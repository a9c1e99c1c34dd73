using System.Buffers.Binary;

namespace Gantry.Api.WebSockets;

/// <summary>Takes the heads off docker's frames (8 bytes: stream, three zeros, length), wherever the pieces in which they come are cut.</summary>
internal sealed class FrameRemover
{
    private const int HeadSize = 8;
    private readonly byte[] _head = new byte[HeadSize];
    private int _headFilled;
    private long _left;

    /// <summary>The next stretch of payload in a piece, which is cut off it; empty when the piece has no more.</summary>
    public ReadOnlyMemory<byte> TakePayload(ref ReadOnlyMemory<byte> piece)
    {
        while (piece.Length > 0)
        {
            if (_left > 0)
            {
                var payload = piece[..(int)Math.Min(_left, piece.Length)];
                piece = piece[payload.Length..];
                _left -= payload.Length;
                return payload;
            }
            var count = Math.Min(HeadSize - _headFilled, piece.Length);
            piece.Span[..count].CopyTo(_head.AsSpan(_headFilled));
            piece = piece[count..];
            _headFilled += count;
            if (_headFilled < HeadSize)
                break;
            _left = BinaryPrimitives.ReadUInt32BigEndian(_head.AsSpan(4));
            _headFilled = 0;
        }
        return default;
    }
}
