using System.Collections.Concurrent;

namespace Gantry.Engine;

/// <summary>
/// Work that nobody waits for, such as giving back what a container held: it may take long (an unmount writes back dirty data), so it has
/// a thread of its own, and what is left of it is done before the engine stops.
/// </summary>
internal sealed class BackgroundWork : IDisposable
{
    private readonly BlockingCollection<(string What, Action Work)> _queue = [];
    private readonly Thread _thread;
    private readonly EngineLog _log;

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
        try
        {
            _queue.Add((what, work));
        }
        catch (InvalidOperationException)
        {
            // An end that was told while the engine stopped.
        }
    }

    /// <summary>Finishes what is queued.</summary>
    public void Dispose()
    {
        _queue.CompleteAdding();
        _thread.Join();
        _queue.Dispose();
    }

    private void Loop()
    {
        foreach (var (what, work) in _queue.GetConsumingEnumerable())
        {
            try
            {
                work();
            }
            catch (Exception e)
            {
                _log.BackgroundWorkFailed(what, e);
            }
        }
    }
}
