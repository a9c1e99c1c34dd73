namespace Gantry.Engine.Logs;

/// <summary>What becomes of a line.</summary>
internal enum LogVerdict
{
    Skip,
    Take,

    /// <summary>It is later than all that is wanted.</summary>
    Stop,
}

/// <summary>Chooses the lines that a query wants. Times are read only where it has any.</summary>
internal sealed class LogSelection(LogQuery query)
{
    private readonly long _since = query.Since is { } since ? LogTime.Of(since) : long.MinValue;
    private readonly long _until = query.Until is { } until ? LogTime.Of(until) : long.MaxValue;
    private readonly bool _hasTimes = query.Since is not null || query.Until is not null;

    internal LogVerdict Judge(in LogLine line)
    {
        if (_hasTimes && line.TryGetTime(out var time))
        {
            // A query's times have the precision of a tick, 100 ns: a line's own time has to find the line.
            time -= time % 100;
            if (time > _until)
                return LogVerdict.Stop;
            if (time < _since)
                return LogVerdict.Skip;
        }
        return (line.IsError ? query.Stderr : query.Stdout) ? LogVerdict.Take : LogVerdict.Skip;
    }
}
