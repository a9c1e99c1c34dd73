using System.Net;
using Gantry.Dns.Forwarding;
using Gantry.Dns.Messages;

namespace Gantry.Dns.Tests;

/// <summary>Servers that do what a test says, and a clock that stands still until it is told.</summary>
public class ForwarderTests : IUpstreamTransport
{
    private readonly List<UpstreamExchange> _sent = [];
    private readonly HashSet<int> _unreachable = [];
    private readonly List<byte[]> _answers = [];
    private readonly AnswerCache _cache = new(100, 1 << 20);
    private readonly Forwarder _forwarder;
    private readonly ForwardTimes _times = new();
    private ushort _random = 1000;
    private int _closed;
    private long _now = 1_000_000;

    public ForwarderTests() => _forwarder = new Forwarder(this, _cache, () => _random += 7, _times);

    public IDisposable? TrySend(UpstreamExchange exchange)
    {
        if (_unreachable.Contains(exchange.Server))
            return null;
        _sent.Add(exchange);
        return new Closing(() => _closed++);
    }

    [Fact]
    public void An_answer_comes_back_with_the_clients_number_and_is_kept()
    {
        var question = Ask("a.test", id: 77);
        Assert.NotEqual(question[..2], _sent.Single().Message[..2].ToArray());
        Assert.True(_sent[0].Receive(Questions.ReplyAddress(_sent[0].Message, 1)));
        Assert.Equal((77, DnsResponseCode.Success, 1, 1), Outcome());
        Assert.Equal((0, 1), (_forwarder.Pending, _closed));
        Assert.Single(FromCache("A.test")!.Answers);
    }

    [Fact]
    public void What_is_no_answer_to_the_question_is_passed_over()
    {
        Ask("a.test");
        var sent = _sent.Single();
        var right = Questions.ReplyAddress(sent.Message, 1);
        Assert.False(sent.Receive([]));
        Assert.False(sent.Receive([1, 2, 3]));
        Assert.False(sent.Receive(With(right, 1, (byte)(right[1] + 1)))); // Another number.
        Assert.False(sent.Receive(With(right, 2, 0))); // A question.
        Assert.False(sent.Receive(With(right, 13, (byte)'b'))); // Of another name.
        Assert.False(sent.Receive(With(right, 21, 28))); // Of another type.
        Assert.False(sent.Receive(right[..^1])); // Cut off.
        Assert.Empty(_answers);
        Assert.True(sent.Receive(With(right, 13, (byte)'z' - 25 - 0x20))); // A server may change letters' case.
        Assert.Single(_answers);
    }

    [Fact]
    public void A_silent_server_is_asked_again_and_then_given_up()
    {
        Ask("a.test");
        for (var passed = 0; passed < _times.GiveUp; passed += 50)
            Pass(50);
        Assert.Equal(3, _sent.Count);
        Assert.Equal(3, _sent.Select(exchange => Convert.ToHexString(exchange.Message[..2])).Distinct().Count());
        Assert.Empty(_answers.Single());
        Assert.Equal((1, 3, 0), (_forwarder.Unanswered, _closed, _forwarder.Pending));
    }

    [Fact]
    public void A_slow_server_is_joined_by_the_next_and_the_first_to_answer_wins()
    {
        Ask("a.test", servers: 2);
        Pass(_times.NextServer - 1);
        Assert.Single(_sent);
        Pass(1);
        Assert.Equal([0, 1], _sent.Select(exchange => exchange.Server));
        _sent[1].Receive(Questions.ReplyAddress(_sent[1].Message, 2));
        Assert.Equal(2, Outcome().Last);
        Assert.False(_sent[0].Receive(Questions.ReplyAddress(_sent[0].Message, 1)));
        Assert.Single(_answers);
    }

    [Fact]
    public void A_server_with_a_problem_is_followed_by_the_next_at_once()
    {
        Ask("a.test", servers: 3);
        _sent[0].Receive(Questions.ReplyCode(_sent[0].Message, DnsResponseCode.ServerFailure));
        _sent[1].Fail();
        _sent[2].Receive(Questions.ReplyAddress(_sent[2].Message, 3));
        Assert.Equal(3, Outcome().Last);
    }

    [Fact]
    public void When_all_have_a_problem_the_client_is_told_at_once()
    {
        Ask("a.test", servers: 2);
        _sent[0].Receive(Questions.ReplyCode(_sent[0].Message, DnsResponseCode.Refused));
        _sent[1].Fail();
        Assert.Equal(DnsResponseCode.Refused, Outcome().Code);
        Assert.Null(FromCache("a.test"));
    }

    [Fact]
    public void Servers_that_cannot_be_reached_are_passed_over()
    {
        _unreachable.Add(0);
        Ask("a.test", servers: 2);
        Assert.Equal(1, _sent.Single().Server);
        _unreachable.Add(1);
        Ask("b.test", servers: 2);
        Assert.Empty(_answers.Single());
    }

    [Fact]
    public void That_there_is_no_such_name_is_believed_after_the_servers_before()
    {
        Ask("a.test", servers: 2);
        Pass(_times.NextServer);
        _sent[1].Receive(Questions.ReplyMissing(_sent[1].Message));
        Assert.Empty(_answers);
        _sent[0].Receive(Questions.ReplyAddress(_sent[0].Message, 1));
        Assert.Equal(1, Outcome().Last);

        _sent.Clear();
        _answers.Clear();
        Ask("b.test", servers: 2);
        Pass(_times.NextServer);
        _sent[1].Receive(Questions.ReplyMissing(_sent[1].Message));
        _sent[0].Fail();
        Assert.Equal(DnsResponseCode.NoSuchName, Outcome().Code);

        _sent.Clear();
        _answers.Clear();
        Ask("c.test", servers: 2);
        Pass(_times.NextServer);
        _sent[1].Receive(Questions.ReplyMissing(_sent[1].Message));
        Pass(_times.NegativeWaits);
        Assert.Equal(DnsResponseCode.NoSuchName, Outcome().Code);
    }

    [Fact]
    public void The_same_question_is_asked_once_for_all()
    {
        Ask("a.test", id: 1);
        Ask("a.test", id: 2);
        _sent.Single().Receive(Questions.ReplyAddress(_sent[0].Message, 1));
        Assert.Equal([1, 2], _answers.Select(answer => (int)answer[1]));
    }

    [Fact]
    public void A_truncated_answer_is_handed_on_and_not_kept()
    {
        Ask("a.test");
        _sent[0].Receive(Questions.Reply(_sent[0].Message, message => message.Flags |= DnsFlags.Truncated));
        Assert.True(DnsMessage.Parse(_answers.Single())!.Flags.HasFlag(DnsFlags.Truncated));
        Assert.Null(FromCache("a.test"));
    }

    [Fact]
    public void More_than_can_be_under_way_fails_at_once()
    {
        for (var i = 0; i <= Forwarder.MostPending; i++)
            Ask($"n{i}.test");
        Assert.Empty(_answers.Single());
    }

    [Fact]
    public void Answers_are_kept_as_long_as_they_hold()
    {
        Keep("a.test", question => Questions.ReplyAddress(question, 1, ttl: 10));
        _now += 4_000;
        Assert.Equal(6u, FromCache("a.test")!.Answers.Single().Ttl);
        _now += 6_000;
        Assert.Null(FromCache("a.test"));
        Keep("b.test", question => Questions.ReplyAddress(question, 1, ttl: 0));
        Assert.Null(FromCache("b.test"));
        Keep("c.test", question => Questions.ReplyMissing(question, ttl: 20));
        Assert.Equal(DnsResponseCode.NoSuchName, FromCache("c.test")!.Code);
        _now += 20_000;
        Assert.Null(FromCache("c.test"));
        Keep("d.test", question => Questions.ReplyCode(question, DnsResponseCode.NoSuchName)); // Without the start of a zone.
        Assert.Null(FromCache("d.test"));
    }

    [Fact]
    public void Each_client_gets_EDNS_of_its_own()
    {
        Ask("a.test", edns: true);
        _sent[0].Receive(Questions.Reply(_sent[0].Message, message =>
        {
            message.Answers.Add(new DnsRecord("a.test", DnsType.A, 1, 60, [1, 1, 1, 1]));
            message.Additionals.Add(new DnsRecord("", DnsType.Opt, 4096, 0, []));
        }));
        Assert.Empty(FromCache("a.test")!.Additionals);
        Assert.Equal(DnsType.Opt, FromCache("a.test", edns: true)!.Additionals.Single().Type);
        Assert.Null(FromCache("a.test", edns: true, signatures: true));
    }

    [Fact]
    public void The_cache_is_bounded()
    {
        for (var i = 0; i < 300; i++)
            Keep($"n{i}.test", question => Questions.ReplyAddress(question, 1));
        Assert.Equal(100, _cache.Count);
        Assert.Null(FromCache("n0.test"));
        Assert.NotNull(FromCache("n299.test"));
        var small = new AnswerCache(100, 500);
        var message = Questions.Ask("a.test", DnsType.A);
        var reply = Questions.ReplyAddress(message, 1);
        DnsResponse.TryRead(reply, message, message.Length, out var response);
        for (var i = 0; i < 10; i++)
            small.Store("key" + i, _now, reply, response);
        Assert.Equal(2, small.Count);
    }

    [Fact]
    public void A_kept_answer_that_is_too_long_for_a_datagram_says_so()
    {
        Keep("a.test", question => Questions.Reply(question, message =>
        {
            for (byte i = 0; i < 100; i++)
                message.Answers.Add(new DnsRecord("a.test", DnsType.A, 1, 60, [1, 1, 1, i]));
        }));
        Assert.True(FromCache("a.test")!.Flags.HasFlag(DnsFlags.Truncated));
        Assert.Equal(100, FromCache("a.test", limit: 65535)!.Answers.Count);
    }

    private byte[] Ask(string name, ushort id = 5, int servers = 1, bool edns = false)
    {
        var message = Questions.Ask(name, DnsType.A, id, edns);
        var query = Questions.Read(message, out var read);
        var group = new UpstreamGroup(servers, [.. Enumerable.Range(1, servers).Select(i => new IPEndPoint(new IPAddress([192, 0, 2, (byte)i]), 53))], null);
        var key = AnswerCache.WriteKey(1, query, read, new char[AnswerCache.LongestKey]);
        _forwarder.Forward(_now, group, message, query, key, isStream: false, answer => _answers.Add(answer.ToArray()));
        return message;
    }

    private void Keep(string name, Func<byte[], byte[]> reply)
    {
        Ask(name);
        _sent[^1].Receive(reply(_sent[^1].Message.ToArray()));
    }

    private DnsMessage? FromCache(string name, bool edns = false, bool signatures = false, int limit = 512)
    {
        var message = Questions.Ask(name, DnsType.A, 9, edns, signatures);
        var query = Questions.Read(message, out var read);
        var buffer = new byte[65535];
        var length = _cache.Answer(AnswerCache.WriteKey(1, query, read, new char[AnswerCache.LongestKey]), _now, message, query, buffer, limit);
        return length == 0 ? null : DnsMessage.Parse(buffer.AsSpan(0, length)) ?? throw new InvalidDataException("the answer is no message");
    }

    private void Pass(int milliseconds)
    {
        _now += milliseconds;
        _forwarder.Tick(_now);
    }

    private (int Id, DnsResponseCode Code, int Count, int Last) Outcome()
    {
        var answer = DnsMessage.Parse(_answers.Single())!;
        return (answer.Id, answer.Code, answer.Answers.Count, answer.Answers.FirstOrDefault()?.Data[^1] ?? -1);
    }

    private static byte[] With(byte[] bytes, int index, byte value)
    {
        var copy = (byte[])bytes.Clone();
        copy[index] = value;
        return copy;
    }

    private sealed class Closing(Action closed) : IDisposable
    {
        public void Dispose() => closed();
    }
}
