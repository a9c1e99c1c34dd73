using System.Collections.Concurrent;
using Gantry.Os;
using Gantry.Os.Polling;

namespace Gantry.Runtime.Cli.Keeper.Loop;

/// <summary>Is told when a descriptor is ready.</summary>
internal interface IPollHandler
{
    /// <summary>The descriptor is ready, or has hung up.</summary>
    void OnReady(PollEvents events);
}

/// <summary>
/// One thread that waits for descriptors, timers and what other threads post to it, and runs what they lead to. Everything of the keeper that
/// is not said to belong to another thread belongs to this one and needs no locks. Nothing it runs may wait.
/// </summary>
internal sealed class EventLoop : IDisposable
{
    private readonly Epoll _epoll = new();
    private readonly EventFd _wake = new();
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly List<Watch?> _watches = [null];
    private readonly Stack<int> _freeSlots = new();
    private readonly PriorityQueue<Action, long> _timers = new();
    private uint _generation;
    private bool _stopped;

    public EventLoop() => _epoll.Add(_wake.Descriptor, PollEvents.Readable, 0);

    /// <summary>Read buffer for whoever runs on the loop; its content does not outlive one call.</summary>
    public byte[] Scratch { get; } = new byte[64 * 1024];

    /// <summary>Watches a descriptor.</summary>
    public Watch Add(Fd fd, PollEvents events, IPollHandler handler)
    {
        if (!_freeSlots.TryPop(out var slot))
        {
            slot = _watches.Count;
            _watches.Add(null);
        }
        var watch = new Watch(this, fd, handler, slot, (ulong)++_generation << 32 | (uint)slot);
        _watches[slot] = watch;
        watch.Set(events);
        return watch;
    }

    /// <summary>Runs something on the loop's thread, soon. The one method for other threads.</summary>
    public void Post(Action action)
    {
        _posted.Enqueue(action);
        _wake.Signal();
    }

    /// <summary>Runs something later. It cannot be cancelled: the action checks whether it is still wanted.</summary>
    public void After(int milliseconds, Action action) => _timers.Enqueue(action, Clock.MonotonicMilliseconds + milliseconds);

    /// <summary>Makes <see cref="Run"/> return.</summary>
    public void Stop() => _stopped = true;

    /// <summary>Runs until it is stopped.</summary>
    public void Run()
    {
        Span<PollResult> results = stackalloc PollResult[64];
        while (!_stopped)
        {
            var count = _epoll.Wait(results, NextTimeout());
            foreach (var result in results[..count])
                Dispatch(result);
            while (_posted.TryDequeue(out var action))
                action();
            RunTimers();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _epoll.Dispose();
        _wake.Dispose();
    }

    private void Dispatch(PollResult result)
    {
        if (result.Token == 0)
        {
            _wake.Reset();
            return;
        }
        // A handler before this one may have closed the descriptor, and its slot may have a new owner: the token tells.
        var watch = _watches[(int)(uint)result.Token];
        if (watch?.Token == result.Token)
            watch.Handler.OnReady(result.Events);
    }

    private int NextTimeout() => !_posted.IsEmpty ? 0
        : _timers.TryPeek(out _, out var due) ? (int)Math.Clamp(due - Clock.MonotonicMilliseconds, 0, int.MaxValue)
        : -1;

    private void RunTimers()
    {
        while (_timers.TryPeek(out var action, out var due) && due <= Clock.MonotonicMilliseconds)
        {
            _timers.Dequeue();
            action();
        }
    }

    /// <summary>A watched descriptor. Disposing it ends the watch and leaves the descriptor open.</summary>
    internal sealed class Watch(EventLoop loop, Fd fd, IPollHandler handler, int slot, ulong token) : IDisposable
    {
        private PollEvents _events;
        private bool _disposed;

        internal IPollHandler Handler => handler;

        internal ulong Token => token;

        /// <summary>
        /// What it is watched for. With nothing it is taken out of epoll altogether, as hang-ups would be reported again and again
        /// to somebody who cannot act on them now.
        /// </summary>
        public void Set(PollEvents events)
        {
            if (_disposed || events == _events)
                return;
            if (_events == PollEvents.None)
                loop._epoll.Add(fd, events, token);
            else if (events == PollEvents.None)
                loop._epoll.Remove(fd);
            else
                loop._epoll.Modify(fd, events, token);
            _events = events;
        }

        public void Dispose()
        {
            if (_disposed)
                return;
            Set(PollEvents.None);
            _disposed = true;
            loop._watches[slot] = null;
            loop._freeSlots.Push(slot);
        }
    }
}
