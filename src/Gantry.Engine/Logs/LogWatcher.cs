using Gantry.Os;
using Gantry.Os.Polling;

namespace Gantry.Engine.Logs;

/// <summary>
/// Tells followers of logs that something happened in a folder. All share one inotify instance, of which a user may have only 128, and one
/// thread, which starts with the first of them.
/// </summary>
public sealed class LogWatcher : IDisposable
{
    private const ulong InotifyToken = 0, StopToken = 1;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, List<LogWatch>> _watches = [];
    private readonly EventFd _stop = new();
    private Inotify? _inotify;
    private Thread? _thread;

    /// <summary>Watches a folder until the result is disposed.</summary>
    /// <exception cref="OsException">There is no such folder, or no more can be watched.</exception>
    internal LogWatch Watch(string folder)
    {
        lock (_lock)
        {
            _inotify ??= new Inotify();
            var number = _inotify.Watch(folder, DirectoryEvents.Modified | DirectoryEvents.MovedTo | DirectoryEvents.Created);
            if (!_watches.TryGetValue(number, out var sharing))
                _watches[number] = sharing = [];
            var watch = new LogWatch(this, number);
            sharing.Add(watch);
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "log watcher" };
                _thread.Start();
            }
            return watch;
        }
    }

    /// <summary>Ends all watches.</summary>
    public void Dispose()
    {
        _stop.Signal();
        _thread?.Join();
        _inotify?.Dispose();
        _stop.Dispose();
    }

    internal void Remove(LogWatch watch)
    {
        lock (_lock)
        {
            if (!_watches.TryGetValue(watch.Number, out var sharing) || !sharing.Remove(watch) || sharing.Count > 0)
                return;
            _watches.Remove(watch.Number);
            _inotify!.Unwatch(watch.Number);
        }
    }

    private void Run()
    {
        using var poll = new Epoll();
        poll.Add(_inotify!.Descriptor, PollEvents.Readable, InotifyToken);
        poll.Add(_stop.Descriptor, PollEvents.Readable, StopToken);
        var results = new PollResult[2];
        var buffer = new byte[1 << 16];
        while (true)
        {
            var count = poll.Wait(results, -1);
            if (results.AsSpan(0, count).ContainsAny([new PollResult(StopToken, PollEvents.Readable)]))
                return;
            _inotify.Read(buffer, Report);
        }
    }

    private void Report(int number, DirectoryEvents events)
    {
        lock (_lock)
        {
            var concerned = events.HasFlag(DirectoryEvents.Overflow) ? _watches.Values.SelectMany(list => list)
                : _watches.TryGetValue(number, out var sharing) ? sharing : [];
            foreach (var watch in concerned)
                watch.Signal();
        }
    }
}
