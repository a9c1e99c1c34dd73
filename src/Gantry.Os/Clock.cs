using System.Runtime.InteropServices;

namespace Gantry.Os;

/// <summary>The system's clocks (clock_gettime(2)).</summary>
public static partial class Clock
{
    /// <summary>Nanoseconds since 1970-01-01T00:00:00Z. .NET's own clock counts in steps of 100.</summary>
    public static long RealTimeNanoseconds => Read(0);

    /// <summary>Milliseconds since some point in the past; never set back.</summary>
    public static long MonotonicMilliseconds => Read(1) / 1_000_000;

    private static unsafe long Read(int clock)
    {
        var time = stackalloc long[2];
        // Cannot fail: the clock exists and the structure is this thread's own.
        _ = clock_gettime(clock, time);
        return time[0] * 1_000_000_000 + time[1];
    }

    [LibraryImport(Libc.Name)]
    private static unsafe partial int clock_gettime(int clock, long* time);
}
