using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Logs;

/// <summary>Finds a place in a paged log by the headers of its pages: a few reads, however large it is.</summary>
internal static class PagedSeek
{
    /// <summary>Where the last lines begin: the segment (by index), the page in it, and how many lines of that page come before.</summary>
    internal static (int Segment, long Position, int Skip) FindTail(IReadOnlyList<LogSegment> segments, long lines)
    {
        for (var i = segments.Count - 1; i >= 0; i--)
        {
            var count = CountLines(segments[i]);
            if (count < lines)
            {
                lines -= count;
                continue;
            }
            var wanted = count - lines;
            var page = LastPage(segments[i], header => header.LinesBefore <= wanted);
            var before = page > 0 && TryRead(segments[i], page, out var found) ? found.LinesBefore : 0;
            return (i, page * PagedLog.PageSize, (int)(wanted - before));
        }
        return (0, 0, 0);
    }

    /// <summary>The first page that can hold a line of a time (nanoseconds since 1970) or later, as a position.</summary>
    internal static long FindTime(LogSegment segment, long time) =>
        LastPage(segment, header => header.LatestBefore < time) * PagedLog.PageSize;

    /// <summary>The last page whose header has a property that no page has after one that has it not. A header that cannot be read has it not.</summary>
    private static long LastPage(LogSegment segment, Func<PagedLogPage, bool> holds)
    {
        var (low, high) = (0L, (segment.Length + PagedLog.PageSize - 1) / PagedLog.PageSize);
        while (high - low > 1)
        {
            var middle = low + (high - low) / 2;
            if (TryRead(segment, middle, out var header) && holds(header))
                low = middle;
            else
                high = middle;
        }
        return low;
    }

    private static long CountLines(LogSegment segment)
    {
        var content = new byte[PagedLog.PageSize];
        for (var page = (segment.Length - 1) / PagedLog.PageSize; page >= 0 && segment.Length > 0; page--)
        {
            var rest = content.AsSpan(0, segment.Read(content, page * PagedLog.PageSize));
            if (!PagedLog.TryReadPage(rest, out var header))
                continue; // Being written, or damaged.
            var lines = header.LinesBefore;
            rest = rest[Math.Min(header.FirstEntry, rest.Length)..];
            while (PagedLog.TryReadEntry(rest, out var entry))
            {
                lines += entry.Kind == PagedLogKind.Attributes ? 0 : 1;
                rest = rest[Math.Min(entry.Length, rest.Length)..];
            }
            return lines;
        }
        return 0;
    }

    private static bool TryRead(LogSegment segment, long page, out PagedLogPage header)
    {
        Span<byte> bytes = stackalloc byte[PagedLog.PageHeaderSize];
        return PagedLog.TryReadPage(bytes[..segment.Read(bytes, page * PagedLog.PageSize)], out header);
    }
}
