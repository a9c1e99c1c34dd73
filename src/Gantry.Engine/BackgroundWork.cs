namespace Gantry.Engine;

/// <summary>
/// Work that nobody waits for, such as giving back what a container held: it may take long (an unmount writes back dirty data), so it has
/// a thread of its own, and what is left of it is done before the engine stops.
/// </summary>
/// <remarks>A queue with a monitor: who waits for a <c>BlockingCollection</c> looks a hundred times for work before it sleeps.</remarks>
internal sealed class BackgroundWork : IDisposable
{
    private readonly object _gate = new();
    private readonly Queue<(string What, Action Work)> _queue = [];
    private readonly Thread _thread;
    private readonly EngineLog _log;
    private bool _isEnding;

    public BackgroundWork(EngineLog log)
    {
        _log = log;
        _thread = new Thread(Loop) { IsBackground = true, Name = "background work" };
        _thread.Start();
    }

    /// <summary>
    /// Queues work; what it throws is logged under <paramref name="what"/>. Once the engine stops nothing is taken any more: what is left
    /// lying is found by the next start.
    /// </summary>
    public void Run(string what, Action work)
    {
        lock (_gate)
        {
            if (_isEnding)
                return;
            _queue.Enqueue((what, work));
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Finishes what is queued.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isEnding = true;
            Monitor.Pulse(_gate);
        }
        _thread.Join();
    }

    private void Loop()
    {
        while (TryTake(out var item))
        {
            try
            {
                item.Work();
            }
            catch (Exception e)
            {
                _log.BackgroundWorkFailed(item.What, e);
            }
        }
    }

    /// <summary>Waits for the next; false: there will be none.</summary>
    private bool TryTake(out (string What, Action Work) item)
    {
        lock (_gate)
        {
            while (_queue.Count == 0 && !_isEnding)
                Monitor.Wait(_gate);
            return _queue.TryDequeue(out item);
        }
    }
}
