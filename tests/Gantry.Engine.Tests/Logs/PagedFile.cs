using System.Text;
using Gantry.Engine.Logs;
using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Tests.Logs;

/// <summary>Writes a file of a log in pages, entry by entry.</summary>
internal sealed class PagedFile(string path)
{
    private long _position, _lines, _latest;
    private byte[] _attributes = [];

    /// <summary>Appends a line of the n-th second of the log.</summary>
    internal void Append(string text, int second, bool isError = false, string? attributes = null)
    {
        if (attributes is not null)
            _attributes = Encoding.UTF8.GetBytes(attributes);
        var time = LogTime.Of(LogFolder.Second(second)) + 120_000_345;
        var entry = new byte[PagedLog.EntryHeaderSize + Encoding.UTF8.GetByteCount(text)];
        PagedLog.WriteEntry(entry, isError ? PagedLogKind.Error : PagedLogKind.Output, entry.Length - PagedLog.EntryHeaderSize, time);
        Encoding.UTF8.GetBytes(text, entry.AsSpan(PagedLog.EntryHeaderSize));
        var bytes = new List<byte>();
        for (var rest = entry.AsSpan(); ;)
        {
            if (_position % PagedLog.PageSize == 0)
            {
                var page = new byte[PagedLog.PageHeaderSize + _attributes.Length];
                var begun = rest.Length < entry.Length;
                _position += PagedLog.WritePage(
                    page, begun ? rest.Length : 0, _lines + (begun ? 1 : 0), begun ? Math.Max(_latest, time) : _latest, _attributes);
                bytes.AddRange(page);
            }
            var count = (int)Math.Min(rest.Length, PagedLog.PageSize - _position % PagedLog.PageSize);
            bytes.AddRange(rest[..count]);
            _position += count;
            rest = rest[count..];
            if (rest.IsEmpty)
                break;
        }
        (_lines, _latest) = (_lines + 1, Math.Max(_latest, time));
        using var file = new FileStream(path, FileMode.Append);
        file.Write([.. bytes]);
    }
}
