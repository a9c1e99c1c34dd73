using System.Buffers.Binary;
using Gantry.Os;
using Gantry.Os.Sockets;

namespace Gantry.Runtime.Keeper.Protocol;

/// <summary>How receiving ended for now.</summary>
public enum ReceiveState
{
    /// <summary>Everything that had come was taken.</summary>
    Drained,

    /// <summary>The peer closed the connection, or it broke.</summary>
    Closed,
}

/// <summary>
/// Puts frames together from what comes in on a non-blocking socket. Descriptors arrive with the first byte of their frame and are
/// queued in order, so each frame takes as many from the queue as its header says.
/// </summary>
/// <param name="socket">The connection; stays the caller's.</param>
public sealed class FrameReceiver(Fd socket) : IDisposable
{
    private readonly FrameDescriptors _descriptors = new();
    private byte[] _buffer = [];
    private int _filled;

    /// <summary>Receives what has come and hands out each complete frame.</summary>
    /// <param name="scratch">A buffer that is free during the call; shared by all connections of a thread.</param>
    /// <param name="received">Takes a frame and owns its descriptors.</param>
    /// <exception cref="InvalidDataException">What came is no frame: the connection is to be closed.</exception>
    public ReceiveState Receive(Span<byte> scratch, Action<Frame> received)
    {
        while (true)
        {
            var (count, error) = SocketMessages.Receive(socket, scratch, _descriptors);
            if (error == Errno.EAGAIN)
                return ReceiveState.Drained;
            if (error.Value != 0 || count == 0)
                return ReceiveState.Closed;
            Take(scratch[..count], received);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _descriptors.Dispose();

    private void Take(ReadOnlySpan<byte> bytes, Action<Frame> received)
    {
        while (!bytes.IsEmpty)
        {
            var taken = Math.Min(bytes.Length, Wanted() - _filled);
            if (_buffer.Length < _filled + taken)
                Array.Resize(ref _buffer, Math.Max(FrameHeader.Size, _filled + taken));
            bytes[..taken].CopyTo(_buffer.AsSpan(_filled));
            _filled += taken;
            bytes = bytes[taken..];
            if (_filled < FrameHeader.Size || _filled < Wanted())
                continue;

            var header = ReadHeader();
            var frame = new Frame(header, _buffer.AsSpan(FrameHeader.Size, header.PayloadLength).ToArray(), _descriptors.Take(header.DescriptorCount));
            // Connections are idle most of the time: a large frame's buffer is not kept.
            if (_buffer.Length > 4096)
                _buffer = [];
            _filled = 0;
            received(frame);
        }
    }

    private int Wanted() => _filled < FrameHeader.Size ? FrameHeader.Size : FrameHeader.Size + ReadHeader().PayloadLength;

    private FrameHeader ReadHeader()
    {
        var bytes = _buffer.AsSpan();
        var header = new FrameHeader(
            BinaryPrimitives.ReadInt32LittleEndian(bytes),
            (MessageType)BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
        return header.PayloadLength is >= 0 and <= KeeperProtocol.MaximumPayload && header.DescriptorCount <= KeeperProtocol.MaximumDescriptors
            ? header
            : throw new InvalidDataException($"a frame of {header.PayloadLength} bytes and {header.DescriptorCount} descriptors");
    }

    /// <summary>Descriptors received and not yet taken by a frame: never more than two frames' worth.</summary>
    private sealed class FrameDescriptors : System.Collections.ObjectModel.Collection<Fd>, IDisposable
    {
        public IReadOnlyList<Fd> Take(int count)
        {
            if (count > Count)
                throw new InvalidDataException($"a frame announces {count} descriptors, {Count} came");
            if (count == 0)
                return [];
            var taken = new Fd[count];
            for (var i = 0; i < count; i++)
            {
                taken[i] = this[0];
                RemoveAt(0);
            }
            return taken;
        }

        public void Dispose()
        {
            foreach (var descriptor in this)
                descriptor.Dispose();
            Clear();
        }

        protected override void InsertItem(int index, Fd item)
        {
            base.InsertItem(index, item);
            // A peer that sends descriptors no frame announces would otherwise use up this process's.
            if (Count > 2 * KeeperProtocol.MaximumDescriptors)
                throw new InvalidDataException("more descriptors than frames announce");
        }
    }
}
