using System.Buffers.Binary;

namespace Gantry.Dns.Messages;

/// <summary>What is to be done with what a client sent.</summary>
public enum QueryVerdict
{
    /// <summary>It is a question.</summary>
    Valid,

    /// <summary>Nothing: it is no question, and an answer might be answered in turn.</summary>
    Ignore,

    /// <summary>FORMERR.</summary>
    FormatError,

    /// <summary>NOTIMP.</summary>
    NotImplemented,

    /// <summary>BADVERS.</summary>
    BadVersion,
}

/// <summary>A question as a client sent it, checked; its name is given apart.</summary>
public readonly struct DnsQuery
{
    private const ushort OperationBits = 0x7800;
    private const int LeastOptionSize = 11;
    private const uint DnssecBit = 0x8000;

    /// <summary>The client's number for it, which its answer carries.</summary>
    public ushort Id { get; private init; }

    /// <summary>The flags.</summary>
    public DnsFlags Flags { get; private init; }

    /// <summary>The type that is asked for.</summary>
    public DnsType Type { get; private init; }

    /// <summary>The class, usually <see cref="DnsLimits.InternetClass"/>.</summary>
    public ushort Class { get; private init; }

    /// <summary>Where the question ends in the message: what comes before it is repeated in the answer.</summary>
    public int QuestionEnd { get; private init; }

    /// <summary>Whether the client speaks EDNS.</summary>
    public bool HasEdns { get; private init; }

    /// <summary>Whether it wants signatures (DO).</summary>
    public bool WantsSignatures { get; private init; }

    /// <summary>Whether it sent options of EDNS.</summary>
    public bool HasOptions { get; private init; }

    /// <summary>The longest datagram the client takes.</summary>
    public int DatagramSize { get; private init; }

    /// <summary>Reads a message as a question.</summary>
    /// <param name="message">What came.</param>
    /// <param name="name">Receives the name in lower case; <see cref="DnsName.LongestText"/> characters.</param>
    /// <param name="nameLength">How many characters it has.</param>
    /// <param name="query">The question. Unless the verdict is <see cref="QueryVerdict.Ignore"/> it says as much as an answer needs.</param>
    public static QueryVerdict Read(ReadOnlySpan<byte> message, Span<char> name, out int nameLength, out DnsQuery query)
    {
        nameLength = 0;
        query = default;
        if (message.Length < DnsLimits.HeaderSize)
            return QueryVerdict.Ignore;
        var flags = (DnsFlags)BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        query = new DnsQuery
        {
            Id = BinaryPrimitives.ReadUInt16BigEndian(message), Flags = flags, QuestionEnd = DnsLimits.HeaderSize, DatagramSize = DnsLimits.PlainDatagram,
        };
        if ((flags & DnsFlags.Response) != 0)
            return QueryVerdict.Ignore;
        if (((ushort)flags & OperationBits) != 0)
            return QueryVerdict.NotImplemented;
        if (BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1
            || !DnsName.TryRead(message, DnsLimits.HeaderSize, name, out nameLength, out var end) || end + 4 > message.Length)
            return QueryVerdict.FormatError;
        query = query with
        {
            Type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(message[end..]), Class = BinaryPrimitives.ReadUInt16BigEndian(message[(end + 2)..]),
            QuestionEnd = end + 4,
        };
        return ReadAdditions(message, ref query);
    }

    /// <summary>Everything behind the question: only EDNS means something, but all of it must be well-formed, as it is passed on.</summary>
    private static QueryVerdict ReadAdditions(ReadOnlySpan<byte> message, ref DnsQuery query)
    {
        var offset = query.QuestionEnd;
        var others = BinaryPrimitives.ReadUInt16BigEndian(message[6..]) + BinaryPrimitives.ReadUInt16BigEndian(message[8..]);
        var count = others + BinaryPrimitives.ReadUInt16BigEndian(message[10..]);
        var verdict = QueryVerdict.Valid;
        for (var i = 0; i < count; i++)
        {
            var start = offset;
            if (!DnsRecordWalk.TryNext(message, ref offset, out var record))
                return QueryVerdict.FormatError;
            if (record.Type != DnsType.Opt)
                continue;
            if (i < others || query.HasEdns || message[start] != 0)
                return QueryVerdict.FormatError;
            query = query with
            {
                HasEdns = true, HasOptions = offset - start > LeastOptionSize, WantsSignatures = (record.Ttl & DnssecBit) != 0,
                DatagramSize = Math.Max(DnsLimits.PlainDatagram, (int)record.Class),
            };
            if ((byte)(record.Ttl >> 16) != 0)
                verdict = QueryVerdict.BadVersion;
        }
        return offset == message.Length ? verdict : QueryVerdict.FormatError;
    }
}
