using System.Buffers.Binary;
using System.Text;
using Gantry.Dns.Messages;

namespace Gantry.Dns.Forwarding;

/// <summary>Takes the answer to a forwarded question; valid during the call.</summary>
/// <param name="answer">The answer with the client's number; empty: nobody answered.</param>
public delegate void AnswerReceiver(ReadOnlySpan<byte> answer);

/// <summary>When whom is asked.</summary>
public sealed record ForwardTimes
{
    /// <summary>After how many milliseconds without an answer the next server is asked as well.</summary>
    public int NextServer { get; init; } = 300;

    /// <summary>After how many milliseconds, when all were asked, they are asked again.</summary>
    public int NextRound { get; init; } = 1000;

    /// <summary>How many times all are asked.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>
    /// For how many milliseconds a negative answer waits for the servers before it in the list: one that knows a private zone may be slower than one
    /// which does not.
    /// </summary>
    public int NegativeWaits { get; init; } = 2000;

    /// <summary>After how many milliseconds it is given up: just before clients do.</summary>
    public int GiveUp { get; init; } = 4500;
}

/// <summary>
/// Asks servers on behalf of clients: all questions at the same time, each of the first server first and of the next when that fails or is slow, the
/// same question of several clients once. It has no clock, no sockets and no threads: one thread calls it.
/// </summary>
/// <param name="transport">Sends.</param>
/// <param name="cache">Gets the answers.</param>
/// <param name="random">Gives numbers that nobody can guess.</param>
/// <param name="times">When whom is asked.</param>
public sealed class Forwarder(IUpstreamTransport transport, AnswerCache cache, Func<ushort> random, ForwardTimes times)
{
    /// <summary>How many questions may be on their way; further ones are answered with a failure.</summary>
    public const int MostPending = 1024;

    private readonly Dictionary<string, PendingQuestion> _pending = [];
    private long _now;

    /// <summary>How many questions are on their way.</summary>
    public int Pending => _pending.Count;

    /// <summary>How many questions nobody answered.</summary>
    public long Unanswered { get; private set; }

    /// <summary>Asks a question of servers.</summary>
    /// <param name="now">The time, in milliseconds of a clock that is never set back.</param>
    /// <param name="group">The servers.</param>
    /// <param name="message">The question as the client sent it, checked.</param>
    /// <param name="query">The same, read.</param>
    /// <param name="cacheKey">Its key in the cache; empty: the answer is not kept.</param>
    /// <param name="isStream">Whether the client asked over TCP: then the servers are asked so too, as the answer may be long.</param>
    /// <param name="receiver">Gets the answer, perhaps before this returns.</param>
    public void Forward(
        long now, UpstreamGroup group, ReadOnlySpan<byte> message, in DnsQuery query, ReadOnlySpan<char> cacheKey, bool isStream, AnswerReceiver receiver)
    {
        _now = now;
        var key = new string([(char)group.Number, (char)(group.Number >> 16), isStream ? 's' : 'd']) + Encoding.Latin1.GetString(message[2..]);
        if (_pending.TryGetValue(key, out var pending))
        {
            pending.Waiting.Add((query.Id, receiver));
            return;
        }
        if (group.Servers.Count == 0 || _pending.Count >= MostPending)
        {
            receiver([]);
            return;
        }
        pending = new PendingQuestion(key, group, message.ToArray(), query.QuestionEnd, isStream, cacheKey.ToString(), now);
        pending.Waiting.Add((query.Id, receiver));
        _pending.Add(key, pending);
        AskNext(pending);
    }

    /// <summary>
    /// Asks others where an answer is overdue, and gives up where it is hopeless. To be called every few dozen milliseconds while any are pending.
    /// </summary>
    public void Tick(long now)
    {
        _now = now;
        foreach (var question in _pending.Values.ToArray())
        {
            if (question.Held is not null && now - question.Started >= times.NegativeWaits || now - question.Started >= times.GiveUp)
                Finish(question, question.Held ?? question.Failure);
            else if (now >= question.NextDue && question.Steps < times.Rounds * question.Group.Servers.Count)
                AskNext(question);
        }
    }

    internal void Answered(PendingQuestion question, UpstreamExchange exchange, ReadOnlySpan<byte> answer, in DnsResponse response)
    {
        if (response.IsFailure)
        {
            question.Failure ??= answer.ToArray();
            Failed(question);
            return;
        }
        if (response.IsNegative && !response.IsTruncated && question.IsWaitingBefore(exchange.Server))
        {
            question.Held ??= answer.ToArray();
            question.HeldServer = Math.Min(question.HeldServer, exchange.Server);
            return;
        }
        cache.Store(question.CacheKey, _now, answer, response);
        Finish(question, answer);
    }

    internal void Failed(PendingQuestion question)
    {
        if (question.Held is not null && !question.IsWaitingBefore(question.HeldServer))
            Finish(question, question.Held);
        else if (question.Steps < question.Group.Servers.Count)
            AskNext(question);
        else if (!question.IsWaitingBefore(int.MaxValue))
            Finish(question, question.Failure);
    }

    private void AskNext(PendingQuestion question)
    {
        var servers = question.Group.Servers.Count;
        while (question.Steps < times.Rounds * servers)
        {
            var server = question.Steps++ % servers;
            question.NextDue = _now + (question.Steps % servers == 0 ? times.NextRound : times.NextServer);
            var exchange = new UpstreamExchange(this, question, server, random());
            if (transport.TrySend(exchange) is { } sending)
            {
                exchange.Sending = sending;
                question.Exchanges.Add(exchange);
                return;
            }
            if (question.Steps >= servers)
                break;
        }
        if (!question.IsWaitingBefore(int.MaxValue))
            Finish(question, question.Held ?? question.Failure);
    }

    private void Finish(PendingQuestion question, ReadOnlySpan<byte> answer)
    {
        if (!_pending.Remove(question.Key))
            return;
        foreach (var exchange in question.Exchanges)
            exchange.End();
        if (answer.IsEmpty)
        {
            Unanswered++;
            foreach (var (_, receiver) in question.Waiting)
                receiver([]);
            return;
        }
        var copy = answer.ToArray();
        // What was sent is what the client sent, but for the number.
        question.Query.AsSpan(DnsLimits.HeaderSize..question.QuestionEnd).CopyTo(copy.AsSpan(DnsLimits.HeaderSize));
        foreach (var (id, receiver) in question.Waiting)
        {
            BinaryPrimitives.WriteUInt16BigEndian(copy, id);
            receiver(copy);
        }
    }
}

/// <summary>A question that is on its way.</summary>
internal sealed record PendingQuestion(string Key, UpstreamGroup Group, byte[] Query, int QuestionEnd, bool IsStream, string CacheKey, long Started)
{
    /// <summary>Who waits for the answer, each with its number.</summary>
    public List<(ushort Id, AnswerReceiver Receiver)> Waiting { get; } = [];

    /// <summary>What was sent.</summary>
    public List<UpstreamExchange> Exchanges { get; } = [];

    /// <summary>How many times it was sent, or tried to be.</summary>
    public int Steps { get; set; }

    /// <summary>When it is sent to the next.</summary>
    public long NextDue { get; set; }

    /// <summary>A negative answer that waits for a server before its own.</summary>
    public byte[]? Held { get; set; }

    /// <summary>The first server that gave a negative answer.</summary>
    public int HeldServer { get; set; } = int.MaxValue;

    /// <summary>The first answer of a server that has a problem.</summary>
    public byte[]? Failure { get; set; }

    /// <summary>Whether an answer of a server before this one may still come.</summary>
    public bool IsWaitingBefore(int server)
    {
        foreach (var exchange in Exchanges)
            if (!exchange.IsOver && exchange.Server < server)
                return true;
        return false;
    }
}
