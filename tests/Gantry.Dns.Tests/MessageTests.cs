using System.Net;
using Gantry.Dns.Messages;

namespace Gantry.Dns.Tests;

public class MessageTests
{
    [Theory]
    [InlineData("", 1)]
    [InlineData("web", 5)]
    [InlineData("a.b.example.com", 17)]
    [InlineData(@"with\.dot.x", 12)]
    [InlineData(@"\007\255x", 5)]
    public void A_name_survives_a_round_trip(string name, int size)
    {
        var wire = new byte[DnsName.LongestWire];
        Assert.Equal(size, DnsName.Encode(name, wire));
        var text = new char[DnsName.LongestText];
        Assert.True(DnsName.TryRead(wire, 0, text, out var length, out var end));
        Assert.Equal((name, size), (new string(text, 0, length), end));
    }

    [Theory]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData(@"a\")]
    [InlineData(@"a\25")]
    [InlineData(@"\999")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public void What_is_no_name_is_refused(string name) => Assert.Equal(-1, DnsName.Encode(name, new byte[DnsName.LongestWire]));

    [Fact]
    public void The_longest_name_is_255_bytes()
    {
        var label = new string('x', 61);
        var wire = new byte[DnsName.LongestWire];
        Assert.Equal(255, DnsName.Encode($"{label}.{label}.{label}.{label}.abcde", wire));
        Assert.Equal(-1, DnsName.Encode($"{label}.{label}.{label}.{label}.abcdef", wire));
    }

    [Theory]
    [InlineData(new byte[] { 0xc0, 0x00 }, 0)]
    [InlineData(new byte[] { 1, 97, 0xc0, 0x00 }, 0)]
    [InlineData(new byte[] { 0xc0, 0x02, 0xc0, 0x00 }, 2)]
    [InlineData(new byte[] { 0x40, 97, 0 }, 0)]
    [InlineData(new byte[] { 5, 97, 97 }, 0)]
    [InlineData(new byte[] { 1, 97 }, 0)]
    [InlineData(new byte[] { 0xc0 }, 0)]
    public void Names_that_lead_nowhere_or_in_circles_are_refused(byte[] bytes, int offset) =>
        Assert.False(DnsName.TryRead(bytes, offset, new char[DnsName.LongestText], out _, out _));

    [Fact]
    public void A_message_survives_a_round_trip_and_is_compressed()
    {
        var message = new DnsMessage { Id = 77, Flags = DnsFlags.Response | DnsFlags.RecursionAvailable, Code = DnsResponseCode.NoSuchName };
        message.Questions.Add(new DnsQuestion("www.example.com", DnsType.A));
        message.Answers.Add(new DnsRecord("www.example.com", DnsType.Cname, 1, 5, DnsMessage.NameBytes("web.example.com")));
        message.Answers.Add(new DnsRecord("web.example.com", DnsType.A, 1, 5, [1, 2, 3, 4]));
        message.Authorities.Add(new DnsRecord("example.com", DnsType.Ns, 1, 9, DnsMessage.NameBytes("ns.example.com")));
        message.Additionals.Add(new DnsRecord("", DnsType.Opt, 1232, 0, []));
        var bytes = message.Write();
        Assert.Equal(1, Count(bytes, "example"u8) - 2); // In data names are written out: only owners point.
        var read = DnsMessage.Parse(bytes)!;
        Assert.Equal((77, message.Flags, DnsResponseCode.NoSuchName), (read.Id, read.Flags, read.Code));
        Assert.Equal(message.Questions, read.Questions);
        Assert.Equal(message.Answers.Select(Show), read.Answers.Select(Show));
        Assert.Equal(message.Authorities.Select(Show), read.Authorities.Select(Show));
        Assert.Equal(message.Additionals.Select(Show), read.Additionals.Select(Show));
    }

    [Fact]
    public void Names_in_data_are_read_through_pointers()
    {
        // Question: a.test; answer: CNAME to b.test, its "test" by a pointer.
        byte[] bytes = [0, 1, 0x80, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 97, 4, 116, 101, 115, 116, 0, 0, 1, 0, 1, 0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 4, 1, 98,
            0xc0, 14];
        Assert.Equal(DnsMessage.NameBytes("b.test"), DnsMessage.Parse(bytes)!.Answers.Single().Data);
    }

    [Fact]
    public void Any_change_of_a_message_is_read_or_refused_and_nothing_else()
    {
        var random = new Random(4711);
        var answer = Questions.ReplyMissing(Questions.Ask("some.name.test", DnsType.A, edns: true));
        var question = Questions.Ask("some.name.test", DnsType.A, edns: true);
        var text = new char[DnsName.LongestText];
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = (byte[])(round % 2 == 0 ? answer : question).Clone();
            for (var i = random.Next(1, 5); i > 0; i--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            bytes = bytes[..random.Next(bytes.Length + 1)];
            DnsMessage.Parse(bytes)?.Write();
            var verdict = DnsQuery.Read(bytes, text, out var length, out var query);
            Assert.InRange(length, 0, text.Length);
            if (verdict != QueryVerdict.Ignore)
                Assert.InRange(DnsAnswerWriter.WriteEmpty(bytes, query, new byte[4096], DnsResponseCode.FormatError), DnsLimits.HeaderSize, 4096);
            Forwarding.DnsResponse.TryRead(bytes, question, question.Length - 11, out _);
        }
    }

    [Fact]
    public void Random_names_survive_a_round_trip()
    {
        var random = new Random(42);
        for (var round = 0; round < 5_000; round++)
        {
            var wire = new List<byte>();
            for (var labels = random.Next(6); labels > 0; labels--)
            {
                var label = new byte[random.Next(1, 40)];
                random.NextBytes(label);
                wire.Add((byte)label.Length);
                wire.AddRange(label.Select(static value => value is >= (byte)'A' and <= (byte)'Z' ? (byte)(value + 32) : value));
            }
            wire.Add(0);
            var text = new char[DnsName.LongestText];
            Assert.True(DnsName.TryRead([.. wire], 0, text, out var length, out _));
            var again = new byte[DnsName.LongestWire];
            Assert.Equal(wire.Count, DnsName.Encode(text.AsSpan(0, length), again));
            Assert.Equal(wire, again[..wire.Count]);
        }
    }

    [Fact]
    public void Questions_are_judged()
    {
        Assert.Equal(QueryVerdict.Valid, Judge(Questions.Ask("x", DnsType.A)));
        Assert.Equal(QueryVerdict.BadVersion, Judge(Questions.Ask("x", DnsType.A, edns: true, version: 1)));
        Assert.Equal(QueryVerdict.Ignore, Judge([1, 2, 3]));
        Assert.Equal(QueryVerdict.Ignore, Judge(Questions.Reply(Questions.Ask("x", DnsType.A))));
        Assert.Equal(QueryVerdict.NotImplemented, Judge(With(Questions.Ask("x", DnsType.A), 2, 0x10)));
        Assert.Equal(QueryVerdict.FormatError, Judge(With(Questions.Ask("x", DnsType.A), 5, 2)));
        Assert.Equal(QueryVerdict.FormatError, Judge([.. Questions.Ask("x", DnsType.A), 0]));
    }

    [Fact]
    public void An_answer_with_EDNS_carries_the_whole_code()
    {
        var question = Questions.Ask("x", DnsType.A, edns: true, version: 1);
        DnsQuery.Read(question, new char[DnsName.LongestText], out _, out var query);
        var buffer = new byte[512];
        var answer = DnsMessage.Parse(buffer.AsSpan(0, DnsAnswerWriter.WriteEmpty(question, query, buffer, DnsResponseCode.BadVersion)))!;
        Assert.Equal((DnsResponseCode.Success, DnsType.Opt, 1u), (answer.Code, answer.Additionals.Single().Type, answer.Additionals.Single().Ttl >> 24));
    }

    private static QueryVerdict Judge(byte[] message) => DnsQuery.Read(message, new char[DnsName.LongestText], out _, out _);

    private static byte[] With(byte[] bytes, int index, byte value)
    {
        bytes[index] = value;
        return bytes;
    }

    private static int Count(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> part)
    {
        var count = 0;
        for (; bytes.IndexOf(part) is var at and >= 0; bytes = bytes[(at + part.Length)..])
            count++;
        return count;
    }

    private static string Show(DnsRecord record) => $"{record.Name} {record.Type} {record.Class} {record.Ttl} {Convert.ToHexString(record.Data)}";
}
