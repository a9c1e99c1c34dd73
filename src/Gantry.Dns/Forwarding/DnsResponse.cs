using System.Buffers.Binary;
using Gantry.Dns.Messages;

namespace Gantry.Dns.Forwarding;

/// <summary>What a server's answer is worth, found without making objects of its records.</summary>
public readonly struct DnsResponse
{
    /// <summary>How the question was answered, with the bits that EDNS adds.</summary>
    public DnsResponseCode Code { get; private init; }

    /// <summary>Whether it is cut off.</summary>
    public bool IsTruncated { get; private init; }

    /// <summary>Whether it answers without a record: there is no such name, or none of the type.</summary>
    public bool IsNegative { get; private init; }

    /// <summary>How many seconds it may be kept; 0: it may not.</summary>
    public uint Ttl { get; private init; }

    /// <summary>Where EDNS begins, which is the last of its records; the whole length if it has none.</summary>
    public int EdnsAt { get; private init; }

    /// <summary>Whether it says that the server itself has a problem, so that another one is to be asked.</summary>
    public bool IsFailure => Code is not (DnsResponseCode.Success or DnsResponseCode.NoSuchName);

    /// <summary>Reads an answer, and checks that it is one to the question.</summary>
    /// <param name="answer">What came.</param>
    /// <param name="query">The question as it was sent, with its number.</param>
    /// <param name="questionEnd">Where the question ends in it.</param>
    /// <param name="response">What it is worth.</param>
    /// <returns>Whether it is a well-formed answer to that question; otherwise somebody else may have sent it.</returns>
    public static bool TryRead(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> query, int questionEnd, out DnsResponse response)
    {
        const ushort operationBits = 0x7800;
        response = default;
        if (answer.Length < questionEnd || !answer[..2].SequenceEqual(query[..2]))
            return false;
        var flags = BinaryPrimitives.ReadUInt16BigEndian(answer[2..]);
        if (((DnsFlags)flags & DnsFlags.Response) == 0 || (flags & operationBits) != 0 || BinaryPrimitives.ReadUInt16BigEndian(answer[4..]) != 1
            || !IsSameQuestion(answer[DnsLimits.HeaderSize..questionEnd], query[DnsLimits.HeaderSize..questionEnd]))
            return false;
        return TryReadRecords(answer, questionEnd, flags, out response);
    }

    /// <summary>Lowers the times of all records by what has passed.</summary>
    /// <param name="answer">An answer that was read before.</param>
    /// <param name="questionEnd">Where its question ends.</param>
    /// <param name="seconds">What has passed.</param>
    internal static void Age(Span<byte> answer, int questionEnd, uint seconds)
    {
        var offset = questionEnd;
        while (offset < answer.Length && DnsRecordWalk.TryNext(answer, ref offset, out var record))
            BinaryPrimitives.WriteUInt32BigEndian(answer[record.TtlAt..], record.Ttl - Math.Min(record.Ttl, seconds));
    }

    /// <summary>Letters count as the same in both cases: some servers change them.</summary>
    private static bool IsSameQuestion(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        for (var i = 0; i < one.Length; i++)
        {
            if (one[i] != other[i] && (!char.IsAsciiLetter((char)one[i]) || (one[i] ^ other[i]) != 0x20))
                return false;
        }
        return one[^4..].SequenceEqual(other[^4..]);
    }

    private static bool TryReadRecords(ReadOnlySpan<byte> answer, int offset, ushort flags, out DnsResponse response)
    {
        response = default;
        var answers = BinaryPrimitives.ReadUInt16BigEndian(answer[6..]);
        var others = answers + BinaryPrimitives.ReadUInt16BigEndian(answer[8..]);
        var count = others + BinaryPrimitives.ReadUInt16BigEndian(answer[10..]);
        var (lowest, negative, ednsAt, extended) = (uint.MaxValue, uint.MaxValue, answer.Length, 0);
        var ednsIsLast = true;
        for (var i = 0; i < count; i++)
        {
            var start = offset;
            if (!DnsRecordWalk.TryNext(answer, ref offset, out var record))
                // A datagram that was cut off may end in the middle of a record.
                return ((DnsFlags)flags & DnsFlags.Truncated) != 0 && Truncated(answer, flags, out response);
            if (record.Type == DnsType.Opt && i >= others)
            {
                (ednsAt, extended, ednsIsLast) = (start, (int)(record.Ttl >> 24), i == count - 1);
                continue;
            }
            // A time with the highest bit set counts as none (RFC 2181, 8).
            lowest = Math.Min(lowest, record.Ttl > int.MaxValue ? 0 : record.Ttl);
            if (record.Type == DnsType.Soa && i >= answers && i < others && record.DataLength >= 20)
                negative = Math.Min(record.Ttl, BinaryPrimitives.ReadUInt32BigEndian(answer[(record.DataAt + record.DataLength - 4)..]));
        }
        var code = (DnsResponseCode)(extended << 4 | flags & 15);
        var isNegative = code == DnsResponseCode.NoSuchName || answers == 0;
        // A negative answer holds as long as the start of its zone says (RFC 2308, 5), and not at all without.
        var ttl = isNegative ? negative == uint.MaxValue ? 0 : Math.Min(lowest, negative) : lowest;
        response = new DnsResponse
        {
            Code = code, IsTruncated = ((DnsFlags)flags & DnsFlags.Truncated) != 0, IsNegative = isNegative,
            Ttl = ednsIsLast && offset == answer.Length ? ttl : 0, EdnsAt = ednsAt,
        };
        return true;
    }

    private static bool Truncated(ReadOnlySpan<byte> answer, ushort flags, out DnsResponse response)
    {
        response = new DnsResponse { Code = (DnsResponseCode)(flags & 15), IsTruncated = true, EdnsAt = answer.Length };
        return true;
    }
}
