using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Logs;

/// <summary>Takes the lines out of what a <see cref="LogBlock"/> gave, in the order of the log.</summary>
internal abstract class LineDecoder
{
    /// <summary>The decoder of a format.</summary>
    internal static LineDecoder For(LogFormat format) => format == LogFormat.Paged ? new PagedLineDecoder() : new JsonLineDecoder();

    /// <summary>Takes the next line; false: the block has no more. What is no line is passed over.</summary>
    internal abstract bool TryTake(ref ReadOnlySpan<byte> block, out LogLine line);
}

/// <summary>Lines of JSON. One that a crash has torn is passed over.</summary>
internal sealed class JsonLineDecoder : LineDecoder
{
    internal override bool TryTake(ref ReadOnlySpan<byte> block, out LogLine line)
    {
        while (!block.IsEmpty)
        {
            var end = block.IndexOf((byte)'\n');
            var text = end < 0 ? block : block[..end];
            block = end < 0 ? [] : block[(end + 1)..];
            if (JsonLogLine.TryParse(text, out line))
                return true;
        }
        line = default;
        return false;
    }
}

/// <summary>Entries of pages, of which the pages' headers were taken out.</summary>
internal sealed class PagedLineDecoder : LineDecoder
{
    private byte[] _attributes = [];

    internal override bool TryTake(ref ReadOnlySpan<byte> block, out LogLine line)
    {
        while (PagedLog.TryReadEntry(block, out var entry) && entry.Length <= block.Length)
        {
            var text = block[PagedLog.EntryHeaderSize..entry.Length];
            block = block[entry.Length..];
            if (entry.Kind != PagedLogKind.Attributes)
            {
                line = LogLine.OfPage(text, entry.Kind == PagedLogKind.Error, _attributes, entry.Time);
                return true;
            }
            _attributes = text.ToArray();
        }
        line = default;
        return false;
    }
}

/// <summary>Without the lines before those that a source was asked for: it begins to read at the page in which they begin.</summary>
internal sealed class SkippingDecoder(LogSource source, LineDecoder lines) : LineDecoder
{
    private int _skipped;

    internal override bool TryTake(ref ReadOnlySpan<byte> block, out LogLine line)
    {
        while (lines.TryTake(ref block, out line))
            if (_skipped >= source.Skip)
                return true;
            else
                _skipped++;
        return false;
    }
}
