using System.Buffers.Binary;
using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Logs;

/// <summary>
/// Whole entries of a <see cref="PagedLog"/>, without the headers of pages. Attributes that a page says to hold come as an entry, where they are not known yet.
/// What is damaged is passed over, up to a page from which it can be gone on.
/// </summary>
internal sealed class PagedBlock : LogBlock
{
    private const int ReadSize = 4 * PagedLog.PageSize;

    private readonly byte[] _raw = new byte[ReadSize];
    private readonly byte[] _entries = new byte[ReadSize + 2 * (PagedLog.LongestText + PagedLog.EntryHeaderSize)];
    private int _taken, _length;
    private bool _isLost;

    internal override ReadOnlyMemory<byte>? Read(LogSegment segment, ref long position)
    {
        // 1. What was given is done with; the beginning of the next entry stays.
        _entries.AsSpan(_taken, _length - _taken).CopyTo(_entries);
        (_length, _taken) = (_length - _taken, 0);

        // 2. Up to the end of a page, so that its header can be looked at as a whole; nothing of one that is not all there yet.
        var start = position;
        var inPage = (int)(position % PagedLog.PageSize);
        var raw = _raw.AsSpan(0, segment.Read(_raw.AsSpan(0, ReadSize - inPage), position));
        if (raw.IsEmpty)
            return null;
        if (inPage != 0)
            Take(raw[..Math.Min(raw.Length, PagedLog.PageSize - inPage)], ref position);
        while (position - start < raw.Length && TakePage(raw[(int)(position - start)..], ref position))
            continue;
        if (position == start)
            return null;

        // 3. Only what is whole.
        CountWhole();
        if (_length - _taken >= PagedLog.EntryHeaderSize && !PagedLog.TryReadEntry(_entries.AsSpan(_taken, _length - _taken), out _))
            Lose();
        return _entries.AsMemory(0, _taken);
    }

    internal override ReadOnlyMemory<byte> TakeRest()
    {
        // The beginning of an entry is none: nothing tells what is missing of it.
        _length = _taken = 0;
        _isLost = false;
        return default;
    }

    private bool TakePage(ReadOnlySpan<byte> raw, ref long position)
    {
        var page = raw[..Math.Min(raw.Length, PagedLog.PageSize)];
        if (page.Length < PagedLog.PageHeaderSize
            || BinaryPrimitives.ReadInt32LittleEndian(page[4..]) is var length && length <= PagedLog.PageSize && page.Length < length)
            return false;
        if (!PagedLog.TryReadPage(page, out var header))
        {
            CountWhole();
            Lose();
            position += page.Length;
            return true;
        }
        // What ends an entry of which the beginning is not known is nothing.
        var isContinued = !_isLost && _length > 0;
        var first = isContinued ? header.HeaderLength : header.FirstEntry;
        if (first > page.Length)
            return false;
        _isLost = false;
        if (!isContinued)
            PutAttributes(page[PagedLog.PageHeaderSize..header.HeaderLength]);
        position += first;
        Take(page[first..], ref position);
        return true;
    }

    private void Take(ReadOnlySpan<byte> raw, ref long position)
    {
        position += raw.Length;
        if (_isLost)
            return;
        raw.CopyTo(_entries.AsSpan(_length));
        _length += raw.Length;
    }

    private void CountWhole()
    {
        for (var rest = _entries.AsSpan(_taken, _length - _taken); PagedLog.TryReadEntry(rest, out var entry)
            && entry.Length <= rest.Length; rest = rest[entry.Length..])
            _taken += entry.Length;
    }

    /// <summary>What is not whole yet will not become so.</summary>
    private void Lose() => (_length, _isLost) = (_taken, true);

    private void PutAttributes(ReadOnlySpan<byte> attributes)
    {
        PagedLog.WriteEntry(_entries.AsSpan(_length), PagedLogKind.Attributes, attributes.Length, 0);
        attributes.CopyTo(_entries.AsSpan(_length + PagedLog.EntryHeaderSize));
        _length += PagedLog.EntryHeaderSize + attributes.Length;
    }
}
