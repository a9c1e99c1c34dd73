using System.Globalization;

namespace Gantry.Engine.Health;

/// <summary>Durations as Go prints them, e.g. <c>1m30s</c>, <c>2.5s</c>, <c>100ms</c>.</summary>
internal static class GoDuration
{
    public static string Format(TimeSpan time)
    {
        if (time < TimeSpan.FromSeconds(1))
            return string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.######}ms");
        var seconds = string.Create(CultureInfo.InvariantCulture,
            $"{time.Seconds + time.Ticks % TimeSpan.TicksPerSecond / (double)TimeSpan.TicksPerSecond:0.#########}s");
        return time < TimeSpan.FromMinutes(1) ? seconds
            : time < TimeSpan.FromHours(1) ? $"{(int)time.TotalMinutes}m{seconds}"
            : $"{(long)time.TotalHours}h{time.Minutes}m{seconds}";
    }
}
