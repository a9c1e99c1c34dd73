using Gantry.Dns.Messages;

namespace Gantry.Dns.Tests;

/// <summary>Questions and answers as bytes.</summary>
internal static class Questions
{
    public static byte[] Ask(string name, DnsType type, ushort id = 1, bool edns = false, bool signatures = false, ushort size = 1232, byte version = 0)
    {
        var message = new DnsMessage { Id = id, Flags = DnsFlags.RecursionDesired };
        message.Questions.Add(new DnsQuestion(name, type));
        if (edns)
            message.Additionals.Add(new DnsRecord("", DnsType.Opt, size, (signatures ? 0x8000u : 0) | (uint)version << 16, []));
        return message.Write();
    }

    /// <summary>An answer to a question as it was sent.</summary>
    public static byte[] Reply(ReadOnlySpan<byte> question, Action<DnsMessage>? fill = null)
    {
        var asked = DnsMessage.Parse(question)!;
        var message = new DnsMessage { Id = asked.Id, Flags = DnsFlags.Response | DnsFlags.RecursionDesired | DnsFlags.RecursionAvailable };
        message.Questions.Add(asked.Questions[0]);
        fill?.Invoke(message);
        return message.Write();
    }

    public static byte[] ReplyAddress(ReadOnlySpan<byte> question, byte last, uint ttl = 60) =>
        Reply(question, message => message.Answers.Add(new DnsRecord(message.Questions[0].Name, DnsType.A, 1, ttl, [192, 0, 2, last])));

    public static byte[] ReplyMissing(ReadOnlySpan<byte> question, uint ttl = 60) => Reply(question, message =>
    {
        message.Code = DnsResponseCode.NoSuchName;
        message.Authorities.Add(new DnsRecord("test", DnsType.Soa, 1, 3600,
            [.. DnsMessage.NameBytes("ns.test"), .. DnsMessage.NameBytes("root.test"), .. new byte[16], 0, 0, (byte)(ttl >> 8), (byte)ttl]));
    });

    public static byte[] ReplyCode(ReadOnlySpan<byte> question, DnsResponseCode code) => Reply(question, message => message.Code = code);

    public static DnsQuery Read(byte[] message, out string name)
    {
        var text = new char[DnsName.LongestText];
        Assert.Equal(QueryVerdict.Valid, DnsQuery.Read(message, text, out var length, out var query));
        name = new string(text, 0, length);
        return query;
    }
}
