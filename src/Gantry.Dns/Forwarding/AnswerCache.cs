using System.Buffers.Binary;
using Gantry.Dns.Messages;

namespace Gantry.Dns.Forwarding;

/// <summary>
/// Answers of servers, kept as long as they hold: bounded in number and in bytes, the ones that were used least recently go first. One thread uses it.
/// </summary>
/// <param name="mostEntries">How many answers.</param>
/// <param name="mostBytes">How many bytes they have together.</param>
public sealed class AnswerCache(int mostEntries, int mostBytes)
{
    /// <summary>The longest time an answer is kept, in seconds.</summary>
    public const uint LongestTtl = 24 * 3600;

    /// <summary>The longest time a negative answer is kept, in seconds: what is missing now may be made soon.</summary>
    public const uint LongestNegativeTtl = 300;

    private const int KeyHead = 5;

    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();
    private int _bytes;

    /// <summary>How many answers are kept.</summary>
    public int Count => _entries.Count;

    /// <summary>Characters of the longest key.</summary>
    public const int LongestKey = KeyHead + DnsName.LongestText;

    /// <summary>Writes the key of a question.</summary>
    /// <param name="group">Whom it is asked: answers of different servers are not mixed.</param>
    /// <param name="query">The question.</param>
    /// <param name="name">Its name in lower case.</param>
    /// <param name="key">Receives the key.</param>
    /// <returns>The key; empty: the question is one whose answers are not kept.</returns>
    public static ReadOnlySpan<char> WriteKey(int group, in DnsQuery query, ReadOnlySpan<char> name, Span<char> key)
    {
        const DnsFlags deciding = DnsFlags.RecursionDesired | DnsFlags.CheckingDisabled | DnsFlags.AuthenticData;
        // Options (a subnet, say) may change the answer.
        if (query.HasOptions)
            return [];
        (key[0], key[1], key[2], key[3]) = ((char)group, (char)(group >> 16), (char)query.Type, (char)query.Class);
        key[4] = (char)((int)(query.Flags & deciding) | (query.WantsSignatures ? 1 : 0));
        name.CopyTo(key[KeyHead..]);
        return key[..(KeyHead + name.Length)];
    }

    /// <summary>Answers a question from what is kept.</summary>
    /// <param name="key">The question's key.</param>
    /// <param name="now">The time, in milliseconds of a clock that is never set back.</param>
    /// <param name="message">The question as it came.</param>
    /// <param name="query">The same, read.</param>
    /// <param name="buffer">Receives the answer.</param>
    /// <param name="limit">How long it may be.</param>
    /// <returns>The answer's length; 0: nothing is kept.</returns>
    public int Answer(ReadOnlySpan<char> key, long now, ReadOnlySpan<byte> message, in DnsQuery query, Span<byte> buffer, int limit)
    {
        const int ednsSize = 11;
        if (key.IsEmpty || !_entries.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key, out var node))
            return 0;
        var entry = node.Value;
        if (now >= entry.Expires)
        {
            Remove(node);
            return 0;
        }
        _byUse.Remove(node);
        _byUse.AddFirst(node);
        var length = entry.Answer.Length + (query.HasEdns ? ednsSize : 0);
        if (length > Math.Min(limit, buffer.Length))
            return DnsAnswerWriter.WriteTruncated(message, query, buffer);
        var answer = buffer[..entry.Answer.Length];
        entry.Answer.CopyTo(answer);
        DnsResponse.Age(answer, query.QuestionEnd, (uint)((now - entry.Stored) / 1000));
        // The question as the client wrote it: its length is the same, since the name is.
        message[..2].CopyTo(answer);
        message[DnsLimits.HeaderSize..query.QuestionEnd].CopyTo(answer[DnsLimits.HeaderSize..]);
        if (query.HasEdns)
        {
            DnsAnswerWriter.WriteEdns(buffer[answer.Length..], query.WantsSignatures, 0);
            var additions = BinaryPrimitives.ReadUInt16BigEndian(answer[10..]);
            BinaryPrimitives.WriteUInt16BigEndian(answer[10..], (ushort)(additions + 1));
        }
        return length;
    }

    /// <summary>Keeps an answer, if it may be kept.</summary>
    /// <param name="key">Its question's key.</param>
    /// <param name="now">The time, in milliseconds.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="response">The same, read.</param>
    public void Store(string key, long now, ReadOnlySpan<byte> answer, in DnsResponse response)
    {
        var ttl = Math.Min(response.Ttl, response.IsNegative ? LongestNegativeTtl : LongestTtl);
        if (key.Length == 0 || ttl == 0 || response.IsTruncated || response.IsFailure)
            return;
        if (_entries.TryGetValue(key, out var old))
            Remove(old);
        // EDNS is between two neighbours: each client gets its own.
        var kept = answer[..response.EdnsAt].ToArray();
        if (kept.Length < answer.Length)
            BinaryPrimitives.WriteUInt16BigEndian(kept.AsSpan(10), (ushort)(BinaryPrimitives.ReadUInt16BigEndian(answer[10..]) - 1));
        var entry = new Entry(key, kept, now, now + ttl * 1000L);
        _entries.Add(key, _byUse.AddFirst(entry));
        _bytes += entry.Size;
        while (_entries.Count > mostEntries || _bytes > mostBytes)
            Remove(_byUse.Last!);
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _entries.Remove(node.Value.Key);
        _byUse.Remove(node);
        _bytes -= node.Value.Size;
    }

    private sealed record Entry(string Key, byte[] Answer, long Stored, long Expires)
    {
        /// <summary>What it costs, the objects about it included.</summary>
        public int Size => Answer.Length + 2 * Key.Length + 200;
    }
}
