using System.Runtime.CompilerServices;
using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Logs;

/// <summary>
/// Reads the files of a log as blocks of whole lines, over rotations, and follows the current one. No line is lost or comes twice, unless
/// more files are rotated away than the reader can keep up with, or the log has one file only, which is emptied when it is full.
/// </summary>
/// <param name="place">The current file and its format.</param>
/// <param name="query">Where to begin, and whether to follow.</param>
/// <param name="watcher">Tells of changes.</param>
/// <param name="ended">Completes when all that there will ever be is in the files.</param>
internal sealed class LogSource(LogPlace place, LogQuery query, LogWatcher watcher, Task ended)
{
    private readonly LogFiles _files = new(place.Path);
    private readonly LogBlock _block = LogBlock.For(place.Format);
    private readonly Queue<LogSegment> _next = [];
    private LogSegment? _current;
    private long _position;

    /// <summary>How many lines from the beginning are not wanted: known when the first block was read.</summary>
    internal int Skip { get; private set; }

    /// <summary>The blocks. Each is valid until the next is asked for; an empty one says that there is nothing more for now.</summary>
    internal async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var watch = query.Follow ? watcher.Watch(Path.GetDirectoryName(place.Path)!) : null;
        using var deadline = watch is null ? null : SignalAtEnd(watch);
        try
        {
            Open();
            while (true)
            {
                // 1. Note changes from here on, and whether there can be any: then look at the files.
                watch?.Reset();
                var isLast = watch is null || ended.IsCompleted || query.Until <= DateTimeOffset.UtcNow;

                // 2. Read up to the end; and once more when the file has successors, for it was written to until it was rotated.
                while (ReadLines() is { } lines)
                    yield return lines;
                if (FindSuccessors())
                    while (ReadLines() is { } lines)
                        yield return lines;

                // 3. Go on with the next file, or wait for more.
                if (_next.Count > 0 || isLast)
                    yield return _block.TakeRest();
                if (_next.Count > 0)
                    Advance();
                else if (isLast)
                    yield break;
                else if (!RestartIfEmptied())
                {
                    yield return default;
                    await watch!.Changed.WaitAsync(cancellation);
                }
            }
        }
        finally
        {
            _current?.Dispose();
            foreach (var segment in _next)
                segment.Dispose();
        }
    }

    private void Open()
    {
        var segments = _files.OpenAll();
        // A process may write faster than a client reads: what is not followed ends with what is there now.
        if (!query.Follow && segments.Count > 0)
            segments[^1].EndAtPresentLength();
        var first = 0;
        if (query.Tail is { } lines && place.Format == LogFormat.Paged)
            (first, _position, Skip) = PagedSeek.FindTail(segments, lines);
        else if (query.Tail is not null)
            (first, _position) = LogTail.Find(segments, query.Tail.Value);
        else if (query.Since is { } since)
            // What was written to last before that time has nothing later.
            first = segments.FindIndex(segment => segment.Modified >= LogTime.Of(since)) is var index and >= 0 ? index : Math.Max(segments.Count - 1, 0);
        if (query is { Since: { } time, Tail: null } && place.Format == LogFormat.Paged && segments.Count > 0)
            _position = PagedSeek.FindTime(segments[first], LogTime.Of(time));
        for (var i = 0; i < segments.Count; i++)
            if (i < first)
                segments[i].Dispose();
            else
                _next.Enqueue(segments[i]);
        _next.TryDequeue(out _current);
    }

    private ReadOnlyMemory<byte>? ReadLines() => _current is null ? null : _block.Read(_current, ref _position);

    /// <summary>Whether the current file was rotated while it was read; the files that came after are then next.</summary>
    private bool FindSuccessors()
    {
        if (!query.Follow || _next.Count > 0)
            return false;
        foreach (var segment in _current is null ? _files.OpenAll() : _files.OpenAfter(_current))
            _next.Enqueue(segment);
        return _next.Count > 0;
    }

    private void Advance()
    {
        _current?.Dispose();
        _current = _next.Dequeue();
        _position = 0;
    }

    /// <summary>A log of one file is emptied when it is full, or by its owner: it is read from its beginning then.</summary>
    private bool RestartIfEmptied()
    {
        if (_current is null || _current.Length >= _position)
            return false;
        _block.TakeRest();
        _position = 0;
        return true;
    }

    private Timer SignalAtEnd(LogWatch watch)
    {
        _ = ended.ContinueWith(_ => watch.Signal(), TaskScheduler.Default);
        var timer = new Timer(_ => watch.Signal());
        if (query.Until is { } until)
        {
            var left = until - DateTimeOffset.UtcNow;
            // Timers take 49 days at most, and go by another clock than that of the date: they may come too early by it. Then it is looked at again.
            timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(left.TotalMilliseconds + 1, 0, 40L * 24 * 3600 * 1000)), TimeSpan.FromMilliseconds(100));
        }
        return timer;
    }
}
