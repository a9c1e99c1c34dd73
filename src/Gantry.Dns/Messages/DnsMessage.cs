using System.Buffers.Binary;

namespace Gantry.Dns.Messages;

/// <summary>A question.</summary>
/// <param name="Name">The name, in lower case.</param>
/// <param name="Type">The type asked for.</param>
/// <param name="Class">The class.</param>
public sealed record DnsQuestion(string Name, DnsType Type, ushort Class = DnsLimits.InternetClass);

/// <summary>A record.</summary>
/// <param name="Name">Whose it is, in lower case.</param>
/// <param name="Type">Its type.</param>
/// <param name="Class">Its class.</param>
/// <param name="Ttl">How many seconds it holds.</param>
/// <param name="Data">Its data; names in it are not compressed.</param>
public sealed record DnsRecord(string Name, DnsType Type, ushort Class, uint Ttl, byte[] Data);

/// <summary>
/// A whole message as an object, for whoever has time: what is asked of the server often goes by <see cref="DnsQuery"/> and
/// <see cref="DnsAnswerWriter"/>, which make no objects.
/// </summary>
public sealed class DnsMessage
{
    /// <summary>The number that joins question and answer.</summary>
    public ushort Id { get; set; }

    /// <summary>The flags, without operation and response code.</summary>
    public DnsFlags Flags { get; set; }

    /// <summary>How it was answered, the four bits of the header.</summary>
    public DnsResponseCode Code { get; set; }

    /// <summary>What is asked.</summary>
    public IList<DnsQuestion> Questions { get; } = [];

    /// <summary>The records that answer it.</summary>
    public IList<DnsRecord> Answers { get; } = [];

    /// <summary>The records that say who would know.</summary>
    public IList<DnsRecord> Authorities { get; } = [];

    /// <summary>What is told besides, EDNS included.</summary>
    public IList<DnsRecord> Additionals { get; } = [];

    /// <summary>Reads a message.</summary>
    /// <returns>The message; null: it is none.</returns>
    public static DnsMessage? Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < DnsLimits.HeaderSize)
            return null;
        var word = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        var message = new DnsMessage
        {
            Id = BinaryPrimitives.ReadUInt16BigEndian(bytes), Flags = (DnsFlags)(word & 0xfff0), Code = (DnsResponseCode)(word & 15),
        };
        var offset = DnsLimits.HeaderSize;
        Span<char> name = stackalloc char[DnsName.LongestText];
        for (var i = BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]); i > 0; i--)
        {
            if (!DnsName.TryRead(bytes, offset, name, out var length, out offset) || offset + 4 > bytes.Length)
                return null;
            message.Questions.Add(new DnsQuestion(name[..length].ToString(),
                (DnsType)BinaryPrimitives.ReadUInt16BigEndian(bytes[offset..]), BinaryPrimitives.ReadUInt16BigEndian(bytes[(offset + 2)..])));
            offset += 4;
        }
        return message.ReadSection(bytes, 6, ref offset, message.Answers) && message.ReadSection(bytes, 8, ref offset, message.Authorities)
            && message.ReadSection(bytes, 10, ref offset, message.Additionals) && offset == bytes.Length ? message : null;
    }

    /// <summary>Writes the message; names are compressed.</summary>
    /// <exception cref="ArgumentException">A name is none, or the message is longer than one can be.</exception>
    public byte[] Write()
    {
        var writer = new MessageBuffer();
        writer.Word(Id).Word((ushort)((ushort)Flags | (ushort)Code & 15)).Word((ushort)Questions.Count).Word((ushort)Answers.Count)
            .Word((ushort)Authorities.Count).Word((ushort)Additionals.Count);
        foreach (var question in Questions)
            writer.Name(question.Name).Word((ushort)question.Type).Word(question.Class);
        foreach (var record in Answers.Concat(Authorities).Concat(Additionals))
            writer.Name(record.Name).Word((ushort)record.Type).Word(record.Class).Word((ushort)(record.Ttl >> 16)).Word((ushort)record.Ttl)
                .Word(checked((ushort)record.Data.Length)).Bytes(record.Data);
        return writer.ToArray();
    }

    /// <summary>The bytes of a name, not compressed: data of a record, or a part of it.</summary>
    /// <exception cref="ArgumentException">It is no name.</exception>
    public static byte[] NameBytes(string name)
    {
        Span<byte> wire = stackalloc byte[DnsName.LongestWire];
        var size = DnsName.Encode(name, wire);
        return size > 0 ? wire[..size].ToArray() : throw new ArgumentException($"'{name}' is no name", nameof(name));
    }

    private bool ReadSection(ReadOnlySpan<byte> bytes, int countAt, ref int offset, IList<DnsRecord> records)
    {
        Span<char> name = stackalloc char[DnsName.LongestText];
        for (var i = BinaryPrimitives.ReadUInt16BigEndian(bytes[countAt..]); i > 0; i--)
        {
            var start = offset;
            if (!DnsRecordWalk.TryNext(bytes, ref offset, out var place) || !DnsName.TryRead(bytes, start, name, out var length, out _)
                || ExpandData(bytes, place) is not { } data)
                return false;
            records.Add(new DnsRecord(name[..length].ToString(), place.Type, place.Class, place.Ttl, data));
        }
        return true;
    }

    /// <summary>Data may point into the message in the types of RFC 1035 alone (RFC 3597, 4), and in SRV by mistake of some.</summary>
    private static byte[]? ExpandData(ReadOnlySpan<byte> bytes, DnsRecordPlace place)
    {
        var (before, names) = place.Type switch
        {
            DnsType.Cname or DnsType.Ns or DnsType.Ptr => (0, 1),
            DnsType.Mx => (2, 1),
            DnsType.Srv => (6, 1),
            DnsType.Soa => (0, 2),
            _ => (place.DataLength, 0),
        };
        var (offset, end) = (place.DataAt, place.DataAt + place.DataLength);
        if (offset + before > end)
            return null;
        var data = new List<byte>(place.DataLength);
        data.AddRange(bytes.Slice(offset, before));
        offset += before;
        Span<char> name = stackalloc char[DnsName.LongestText];
        for (; names > 0; names--)
        {
            if (!DnsName.TryRead(bytes, offset, name, out var length, out offset) || offset > end)
                return null;
            data.AddRange(NameBytes(name[..length].ToString()));
        }
        data.AddRange(bytes[offset..end]);
        return [.. data];
    }

    /// <summary>Bytes that grow, and the names in them.</summary>
    private sealed class MessageBuffer
    {
        private readonly List<byte> _bytes = [];
        private readonly Dictionary<string, int> _names = [];

        public MessageBuffer Word(ushort value)
        {
            _bytes.Add((byte)(value >> 8));
            _bytes.Add((byte)value);
            return this;
        }

        public MessageBuffer Bytes(ReadOnlySpan<byte> bytes)
        {
            _bytes.AddRange(bytes);
            return this;
        }

        public MessageBuffer Name(string name)
        {
            var wire = NameBytes(name);
            for (var offset = 0; wire[offset] != 0; offset += 1 + wire[offset])
            {
                var rest = Convert.ToHexStringLower(wire.AsSpan(offset));
                if (_names.TryGetValue(rest, out var known))
                    return Word((ushort)(0xc000 | known));
                if (_bytes.Count <= 0x3fff)
                    _names.Add(rest, _bytes.Count);
                _bytes.AddRange(wire.AsSpan(offset, 1 + wire[offset]));
            }
            _bytes.Add(0);
            return this;
        }

        public byte[] ToArray() =>
            _bytes.Count <= DnsLimits.LongestMessage ? [.. _bytes] : throw new ArgumentException($"a message of {_bytes.Count} bytes is too long");
    }
}
