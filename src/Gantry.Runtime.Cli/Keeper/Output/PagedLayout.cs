using System.Text;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Runtime.Cli.Keeper.Output;

/// <summary>
/// Entries in pages (<see cref="PagedLog"/>): puts the headers in between, and finds out what is to be in the next one when a file is taken up.
/// </summary>
/// <param name="attributes">The attributes of the log's lines; null: none.</param>
internal sealed class PagedLayout(string? attributes) : LogLayout
{
    private readonly byte[] _attributes = attributes is null ? [] : Encoding.UTF8.GetBytes(attributes);
    private byte[] _buffer = [];
    private byte[] _inFile = [];
    private State _written, _arranged;
    private int _length;

    /// <summary>Where in the file, lines and latest time before that.</summary>
    private record struct State(long Position, long Lines, long Latest, bool AttributesHold);

    /// <inheritdoc/>
    public override void Begin() => (_written, _inFile) = (default, []);

    /// <inheritdoc/>
    public override long Open(Fd file, long size, bool isWhole)
    {
        var page = new byte[PagedLog.PageSize];
        Begin();
        // From the last page back to one that is whole enough to be gone on from: what crosses into a page that is not is torn.
        for (var end = size; end > 0;)
        {
            var start = (end - 1) / PagedLog.PageSize * PagedLog.PageSize;
            var content = page.AsSpan(0, FileData.ReadAt(file, page.AsSpan(0, (int)(end - start)), start));
            if (PagedLog.TryReadPage(content, out var header) && header.FirstEntry <= content.Length)
            {
                TakeUp(content, header, start);
                break;
            }
            end = start;
        }
        return _written.Position;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Arrange(ReadOnlySpan<byte> lines)
    {
        (_arranged, _length) = (_written, 0);
        if (!_arranged.AttributesHold && !_attributes.AsSpan().SequenceEqual(_arranged.Position > 0 ? _inFile : _attributes))
            PutAttributes();
        _arranged.AttributesHold = true;
        while (PagedLog.TryReadEntry(lines, out var entry))
        {
            Put(lines[..entry.Length], entry);
            lines = lines[entry.Length..];
        }
        return _buffer.AsSpan(0, _length);
    }

    /// <inheritdoc/>
    public override void Wrote() => _written = _arranged;

    /// <inheritdoc/>
    public override long FirstTime(Fd file)
    {
        var start = new byte[PagedLog.PageSize];
        var content = start.AsSpan(0, FileData.ReadAt(file, start, 0));
        if (!PagedLog.TryReadPage(content, out var page))
            return 0;
        for (content = content[Math.Min(page.FirstEntry, content.Length)..]; PagedLog.TryReadEntry(content, out var entry); content = content[entry.Length..])
            if (entry.Kind != PagedLogKind.Attributes || entry.Length > content.Length)
                return entry.Time;
        return 0;
    }

    /// <summary>Reads a page's entries up to the last whole one.</summary>
    private void TakeUp(ReadOnlySpan<byte> content, PagedLogPage page, long start)
    {
        _inFile = content[PagedLog.PageHeaderSize..page.HeaderLength].ToArray();
        var state = new State(0, page.LinesBefore, page.LatestBefore, false);
        var at = page.FirstEntry;
        while (PagedLog.TryReadEntry(content[at..], out var entry) && at + entry.Length <= content.Length)
        {
            if (entry.Kind == PagedLogKind.Attributes)
                _inFile = content.Slice(at + PagedLog.EntryHeaderSize, entry.TextLength).ToArray();
            else
                (state.Lines, state.Latest) = (state.Lines + 1, Math.Max(state.Latest, entry.Time));
            at += entry.Length;
        }
        _written = state with { Position = start + at };
    }

    private void PutAttributes()
    {
        Span<byte> entry = new byte[PagedLog.EntryHeaderSize + _attributes.Length];
        PagedLog.WriteEntry(entry, PagedLogKind.Attributes, _attributes.Length, 0);
        _attributes.CopyTo(entry[PagedLog.EntryHeaderSize..]);
        Put(entry, new PagedLogEntry(PagedLogKind.Attributes, _attributes.Length, 0));
    }

    private void Put(ReadOnlySpan<byte> entry, PagedLogEntry header)
    {
        var room = entry.Length + 2 * (PagedLog.PageHeaderSize + _attributes.Length);
        if (_buffer.Length - _length < room)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + room));
        // An entry that begins with a page belongs to that page: its header does not count it yet.
        if (_arranged.Position % PagedLog.PageSize == 0)
            PutPage(restOfEntry: 0);
        if (header.Kind != PagedLogKind.Attributes)
            (_arranged.Lines, _arranged.Latest) = (_arranged.Lines + 1, Math.Max(_arranged.Latest, header.Time));
        while (true)
        {
            var count = (int)Math.Min(entry.Length, PagedLog.PageSize - _arranged.Position % PagedLog.PageSize);
            entry[..count].CopyTo(_buffer.AsSpan(_length));
            _length += count;
            _arranged.Position += count;
            entry = entry[count..];
            if (entry.IsEmpty)
                return;
            PutPage(entry.Length);
        }
    }

    private void PutPage(int restOfEntry)
    {
        var length = PagedLog.WritePage(_buffer.AsSpan(_length), restOfEntry, _arranged.Lines, _arranged.Latest, _attributes);
        _length += length;
        _arranged.Position += length;
    }
}
