using System.Buffers.Binary;

namespace Gantry.Dns.Messages;

/// <summary>A record in a message, without its name.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Class">Its class.</param>
/// <param name="Ttl">How many seconds it holds.</param>
/// <param name="TtlAt">Where in the message that is written.</param>
/// <param name="DataAt">Where its data begins.</param>
/// <param name="DataLength">How many bytes of data it has.</param>
public readonly record struct DnsRecordPlace(DnsType Type, ushort Class, uint Ttl, int TtlAt, int DataAt, int DataLength);

/// <summary>Goes from record to record of a message.</summary>
public static class DnsRecordWalk
{
    private const int FixedSize = 10;

    /// <summary>Reads the record that begins at an offset.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="offset">Where it begins; afterwards where it ends.</param>
    /// <param name="record">The record.</param>
    /// <returns>Whether it lies within the message.</returns>
    public static bool TryNext(ReadOnlySpan<byte> message, ref int offset, out DnsRecordPlace record)
    {
        record = default;
        if (!DnsName.TrySkip(message, offset, out var end) || end + FixedSize > message.Length)
            return false;
        var length = BinaryPrimitives.ReadUInt16BigEndian(message[(end + 8)..]);
        if (end + FixedSize + length > message.Length)
            return false;
        record = new DnsRecordPlace(
            (DnsType)BinaryPrimitives.ReadUInt16BigEndian(message[end..]), BinaryPrimitives.ReadUInt16BigEndian(message[(end + 2)..]),
            BinaryPrimitives.ReadUInt32BigEndian(message[(end + 4)..]), end + 4, end + FixedSize, length);
        offset = end + FixedSize + length;
        return true;
    }
}
