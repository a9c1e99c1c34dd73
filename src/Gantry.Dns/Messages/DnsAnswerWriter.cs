using System.Buffers.Binary;
using System.Net;

namespace Gantry.Dns.Messages;

/// <summary>
/// Writes an answer: the question as it came, then records, as many as fit. Names that were written before are pointed to (compression, RFC 1035 4.1.4).
/// </summary>
public ref struct DnsAnswerWriter
{
    private const ushort PointerBits = 0xc000;
    private const int LongestPointer = 0x3fff, MostNames = 64, OptionSize = 11;

    private readonly Span<byte> _buffer;
    private readonly ReadOnlySpan<byte> _question;
    private readonly DnsQuery _query;
    private readonly int _limit;
    private DnsFlags _flags;
    private int _length, _answers, _additions;
    private NameOffsets _names;
    private int _nameCount;

    /// <summary>Begins an answer.</summary>
    /// <param name="message">The question as it came.</param>
    /// <param name="query">The same, read.</param>
    /// <param name="buffer">Receives the answer.</param>
    /// <param name="limit">How long it may be; room for EDNS is taken from it.</param>
    public DnsAnswerWriter(ReadOnlySpan<byte> message, in DnsQuery query, Span<byte> buffer, int limit)
    {
        _buffer = buffer;
        _query = query;
        _question = message[DnsLimits.HeaderSize..query.QuestionEnd];
        _limit = Math.Min(limit, buffer.Length) - (query.HasEdns ? OptionSize : 0);
        _flags = DnsFlags.Response | DnsFlags.RecursionAvailable | (query.Flags & (DnsFlags.RecursionDesired | DnsFlags.CheckingDisabled));
        _question.CopyTo(buffer[DnsLimits.HeaderSize..]);
        _length = query.QuestionEnd;
        if (!_question.IsEmpty)
            Remember(DnsLimits.HeaderSize);
    }

    /// <summary>An answer without records.</summary>
    /// <returns>Its length.</returns>
    public static int WriteEmpty(ReadOnlySpan<byte> message, in DnsQuery query, Span<byte> buffer, DnsResponseCode code) =>
        new DnsAnswerWriter(message, query, buffer, buffer.Length).Finish(code);

    /// <summary>An answer that says: ask over TCP.</summary>
    /// <returns>Its length.</returns>
    public static int WriteTruncated(ReadOnlySpan<byte> message, in DnsQuery query, Span<byte> buffer)
    {
        var writer = new DnsAnswerWriter(message, query, buffer, buffer.Length);
        writer._flags |= DnsFlags.Truncated;
        return writer.Finish(DnsResponseCode.Success);
    }

    /// <summary>Adds an address of the name that was asked for.</summary>
    /// <returns>Whether it fitted; if not, the answer says that it is truncated.</returns>
    public bool Address(uint ttl, IPAddress address)
    {
        var isIPv6 = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        var size = isIPv6 ? 16 : 4;
        if (!Record(DnsLimits.HeaderSize, isIPv6 ? DnsType.Aaaa : DnsType.A, ttl, size, out var data))
            return Truncate();
        address.TryWriteBytes(data, out _);
        _answers++;
        return true;
    }

    /// <summary>Adds the name of the address that was asked for.</summary>
    /// <returns>Whether it fitted.</returns>
    public bool Pointer(uint ttl, ReadOnlySpan<char> name)
    {
        var start = _length;
        if (!Record(DnsLimits.HeaderSize, DnsType.Ptr, ttl, 0, out _) || !Name(name, out _))
            return Truncate(start);
        EndData(start);
        _answers++;
        return true;
    }

    /// <summary>Adds a service at the name that was asked for. The target is not compressed (RFC 2782).</summary>
    /// <param name="ttl">How many seconds it holds.</param>
    /// <param name="port">The port.</param>
    /// <param name="target">The host.</param>
    /// <param name="targetAt">Where the host's name is, for <see cref="AdditionalAddress"/>.</param>
    /// <returns>Whether it fitted.</returns>
    public bool Service(uint ttl, ushort port, ReadOnlySpan<char> target, out int targetAt)
    {
        var start = _length;
        Span<byte> wire = stackalloc byte[DnsName.LongestWire];
        var size = DnsName.Encode(target, wire);
        targetAt = 0;
        if (size < 0 || !Record(DnsLimits.HeaderSize, DnsType.Srv, ttl, 6 + size, out var data))
            return Truncate(start);
        data[..4].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(data[4..], port);
        wire[..size].CopyTo(data[6..]);
        targetAt = _length - size;
        _answers++;
        return true;
    }

    /// <summary>Adds the address of a name that the answer has; when it does not fit it is left out, as the client can ask for it.</summary>
    public void AdditionalAddress(int nameAt, uint ttl, IPAddress address)
    {
        var isIPv6 = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        if (!Record(nameAt, isIPv6 ? DnsType.Aaaa : DnsType.A, ttl, isIPv6 ? 16 : 4, out var data))
            return;
        address.TryWriteBytes(data, out _);
        _additions++;
    }

    /// <summary>Fills in the header, and adds EDNS if the client has it.</summary>
    /// <returns>The answer's length.</returns>
    public int Finish(DnsResponseCode code)
    {
        if (_query.HasEdns)
            WriteEdns(_buffer[_length..], _query.WantsSignatures, (byte)((int)code >> 4));
        BinaryPrimitives.WriteUInt16BigEndian(_buffer, _query.Id);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)((int)_flags | (int)code & 15));
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[4..], (ushort)(_question.IsEmpty ? 0 : 1));
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[6..], (ushort)_answers);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[8..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[10..], (ushort)(_additions + (_query.HasEdns ? 1 : 0)));
        return _length + (_query.HasEdns ? OptionSize : 0);
    }

    /// <summary>Writes what EDNS adds to a message, eleven bytes.</summary>
    internal static int WriteEdns(Span<byte> buffer, bool signatures, byte extendedCode)
    {
        // What a resolver takes without being fragmented on the way (DNS flag day 2020).
        const ushort datagramSize = 1232;
        buffer[..OptionSize].Clear();
        buffer[2] = (byte)DnsType.Opt;
        BinaryPrimitives.WriteUInt16BigEndian(buffer[3..], datagramSize);
        buffer[5] = extendedCode;
        buffer[7] = (byte)(signatures ? 0x80 : 0);
        return OptionSize;
    }

    /// <summary>Owner, type, class, time, and room for data of a length.</summary>
    private bool Record(int nameAt, DnsType type, uint ttl, int dataLength, out Span<byte> data)
    {
        const int fixedSize = 12;
        data = default;
        if (_length + fixedSize + dataLength > _limit)
            return false;
        var record = _buffer[_length..];
        BinaryPrimitives.WriteUInt16BigEndian(record, (ushort)(PointerBits | nameAt));
        BinaryPrimitives.WriteUInt16BigEndian(record[2..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(record[4..], DnsLimits.InternetClass);
        BinaryPrimitives.WriteUInt32BigEndian(record[6..], ttl);
        BinaryPrimitives.WriteUInt16BigEndian(record[10..], (ushort)dataLength);
        data = record.Slice(fixedSize, dataLength);
        _length += fixedSize + dataLength;
        return true;
    }

    private readonly void EndData(int recordStart)
    {
        const int fixedSize = 12;
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[(recordStart + 10)..], (ushort)(_length - recordStart - fixedSize));
    }

    /// <summary>Writes a name, its end as a pointer if the message has that already.</summary>
    private bool Name(ReadOnlySpan<char> text, out int at)
    {
        Span<byte> wire = stackalloc byte[DnsName.LongestWire];
        at = _length;
        var size = DnsName.Encode(text, wire);
        if (size < 0)
            return false;
        for (var offset = 0; wire[offset] != 0; offset += 1 + wire[offset])
        {
            if (Find(wire[offset..size]) is var known and > 0)
            {
                if (_length + 2 > _limit)
                    return false;
                BinaryPrimitives.WriteUInt16BigEndian(_buffer[_length..], (ushort)(PointerBits | known));
                _length += 2;
                return true;
            }
            var label = wire.Slice(offset, 1 + wire[offset]);
            if (_length + label.Length + 1 > _limit)
                return false;
            Remember(_length);
            label.CopyTo(_buffer[_length..]);
            _length += label.Length;
        }
        _buffer[_length++] = 0;
        return true;
    }

    /// <summary>Where the message has a name already; 0: nowhere.</summary>
    private readonly int Find(ReadOnlySpan<byte> wire)
    {
        for (var i = 0; i < _nameCount; i++)
            for (int offset = _names[i]; offset < _length && _buffer[offset] is not 0 and < 0xc0; offset += 1 + _buffer[offset])
                if (IsAt(wire, offset))
                    return offset;
        return 0;
    }

    private readonly bool IsAt(ReadOnlySpan<byte> wire, int offset) =>
        offset + wire.Length <= _length && System.Text.Ascii.EqualsIgnoreCase(_buffer.Slice(offset, wire.Length), wire);

    private void Remember(int offset)
    {
        if (_nameCount < MostNames && offset <= LongestPointer)
            _names[_nameCount++] = (ushort)offset;
    }

    private bool Truncate() => Truncate(_length);

    private bool Truncate(int start)
    {
        _length = start;
        _flags |= DnsFlags.Truncated;
        return false;
    }

    [System.Runtime.CompilerServices.InlineArray(MostNames)]
    private struct NameOffsets
    {
        private ushort _first;
    }
}
