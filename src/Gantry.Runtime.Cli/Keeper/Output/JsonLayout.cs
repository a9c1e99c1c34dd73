using System.Buffers.Text;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Runtime.Cli.Keeper.Output;

/// <summary>Lines one after another.</summary>
internal sealed class JsonLayout : LogLayout
{
    // No line of ours is longer: 16 KiB of which each byte is escaped to six, and what is around it.
    private const int LongestLine = OutputRing.MaximumLine * 8;

    /// <inheritdoc/>
    public override long Open(Fd file, long size, bool isWhole)
    {
        if (isWhole)
            return size;
        var tail = new byte[Math.Min(size, LongestLine)];
        var count = FileData.ReadAt(file, tail, size - tail.Length);
        var end = tail.AsSpan(0, count).LastIndexOf((byte)'\n');
        return end >= 0 || count == size ? size - count + end + 1 : size;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Arrange(ReadOnlySpan<byte> lines) => lines;

    /// <inheritdoc/>
    public override long FirstTime(Fd file)
    {
        var line = new byte[LongestLine];
        var text = line.AsSpan(0, FileData.ReadAt(file, line, 0));
        var end = text.IndexOf((byte)'\n');
        var key = "\"time\":\""u8;
        var time = end < 0 ? -1 : text[..end].LastIndexOf(key);
        return time < 0 ? 0 : SecondsOf(text[(time + key.Length)..end]) * 1_000_000_000;
    }

    /// <summary>The seconds since 1970 of <c>2026-01-01T00:00:00...</c>, in UTC; 0: it is no such text.</summary>
    private static long SecondsOf(ReadOnlySpan<byte> time)
    {
        Span<int> parts = [0, 0, 0, 0, 0, 0];
        Span<int> starts = [0, 5, 8, 11, 14, 17];
        for (var i = 0; i < parts.Length; i++)
            if (time.Length < 19 || !Utf8Parser.TryParse(time.Slice(starts[i], i == 0 ? 4 : 2), out parts[i], out _))
                return 0;
        var isDate = parts is [>= 1970 and < 9999, >= 1 and <= 12, >= 1 and <= 31, >= 0 and < 24, >= 0 and < 60, >= 0 and < 60]
            && parts[2] <= DateTime.DaysInMonth(parts[0], parts[1]);
        return isDate ? (new DateTime(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond : 0;
    }
}
