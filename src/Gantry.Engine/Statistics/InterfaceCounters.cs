using System.Globalization;
using Gantry.Api.Model;

namespace Gantry.Engine.Statistics;

/// <summary>What went through the interfaces of a network namespace, as /proc/PID/net/dev tells of it (proc_net(5)).</summary>
internal static class InterfaceCounters
{
    /// <summary>By interface, without the loopback; null when the process has ended.</summary>
    public static IReadOnlyDictionary<string, NetworkStats>? Read(int process)
    {
        try
        {
            return Parse(File.ReadAllText($"/proc/{process}/net/dev"));
        }
        catch (IOException)
        {
            return null;
        }
    }

    public static Dictionary<string, NetworkStats> Parse(string text)
    {
        var result = new Dictionary<string, NetworkStats>();
        foreach (var line in text.Split('\n').Skip(2)) // Two lines of titles.
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || line.AsSpan(0, colon).Trim() is "lo")
                continue;
            // Receive: bytes packets errs drop fifo frame compressed multicast; transmit: bytes packets errs drop ...
            ulong[] figures = [.. line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(figure => ulong.Parse(figure, CultureInfo.InvariantCulture))];
            if (figures.Length < 12)
                continue;
            result[line[..colon].Trim()] = new NetworkStats
            {
                ReceivedBytes = figures[0],
                ReceivedPackets = figures[1],
                ReceiveErrors = figures[2],
                ReceiveDropped = figures[3],
                SentBytes = figures[8],
                SentPackets = figures[9],
                SendErrors = figures[10],
                SendDropped = figures[11],
            };
        }
        return result;
    }
}
