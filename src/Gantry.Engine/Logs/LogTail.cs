namespace Gantry.Engine.Logs;

/// <summary>Finds where the last lines of a log begin, reading backwards.</summary>
internal static class LogTail
{
    private const int BlockSize = 1 << 16;

    /// <summary>The segment (by index) and the position in it at which the last <paramref name="lines"/> lines begin.</summary>
    internal static (int Segment, long Position) Find(IReadOnlyList<LogSegment> segments, int lines)
    {
        var buffer = new byte[BlockSize];
        long left = lines;
        for (var i = segments.Count - 1; i >= 0; i--)
            if (FindWithin(segments[i], buffer, ref left) is { } position)
                return (i, position);
        return (0, 0);
    }

    /// <summary>The position, or null when the segment has fewer lines: then they are taken off <paramref name="left"/>.</summary>
    private static long? FindWithin(LogSegment segment, byte[] buffer, ref long left)
    {
        var position = segment.Length;
        // A line ends with its line feed; the beginning of the n-th last one is behind the feed of that before it.
        var feeds = 0L;
        while (position > 0)
        {
            var size = (int)Math.Min(position, buffer.Length);
            position -= size;
            var block = buffer.AsSpan(0, segment.Read(buffer.AsSpan(0, size), position));
            for (int feed; (feed = block.LastIndexOf((byte)'\n')) >= 0; block = block[..feed])
                if (feeds++ == left)
                    return position + feed + 1;
        }
        left -= feeds;
        return left == 0 ? 0 : null;
    }
}
