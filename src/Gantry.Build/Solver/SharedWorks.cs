using Gantry.Build.Steps;
using Gantry.Oci.Images;

namespace Gantry.Build.Solver;

/// <summary>Work that several builds may wait for: it goes on as long as one of them does.</summary>
internal sealed class SharedWorks
{
    private readonly Dictionary<Digest, Work> _running = [];
    private readonly Lock _gate = new();

    /// <summary>Does the work, or waits for somebody else's that does it already.</summary>
    /// <param name="key">What is done.</param>
    /// <param name="log">Gets what it writes, from its first byte on.</param>
    /// <param name="work">Does it; given where to write and what stops it.</param>
    /// <param name="cancellation">The caller gives up.</param>
    public async Task<LayerResult> RunAsync(
        Digest key, Action<int, ReadOnlyMemory<byte>> log, Func<Action<int, ReadOnlyMemory<byte>>, CancellationToken, Task<LayerResult>> work,
        CancellationToken cancellation)
    {
        Work shared;
        lock (_gate)
        {
            if (!_running.TryGetValue(key, out shared!))
            {
                shared = new Work();
                _running[key] = shared;
                shared.Task = Task.Run(() => work(shared.Write, shared.Stop.Token), CancellationToken.None);
                _ = RemoveAtEndAsync(key, shared);
            }
            shared.Join(log);
        }
        try
        {
            return await shared.Task.WaitAsync(cancellation);
        }
        finally
        {
            Leave(key, shared, log);
        }
    }

    private async Task RemoveAtEndAsync(Digest key, Work work)
    {
        await ((Task)work.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Remove(key, work);
    }

    private void Leave(Digest key, Work work, Action<int, ReadOnlyMemory<byte>> log)
    {
        var isLast = work.Leave(log);
        if (!isLast || work.Task.IsCompleted)
            return;
        // Whoever comes now begins anew: this one is being stopped.
        Remove(key, work);
        work.Stop.Cancel();
    }

    private void Remove(Digest key, Work work)
    {
        lock (_gate)
        {
            if (_running.GetValueOrDefault(key) == work)
                _running.Remove(key);
        }
    }

    private sealed class Work
    {
        private readonly List<(int Stream, byte[] Data)> _written = [];
        private readonly List<Action<int, ReadOnlyMemory<byte>>> _logs = [];
        private readonly Lock _logGate = new();

        public Task<LayerResult> Task { get; set; } = null!;

        public CancellationTokenSource Stop { get; } = new();

        public void Join(Action<int, ReadOnlyMemory<byte>> log)
        {
            lock (_logGate)
            {
                foreach (var (stream, data) in _written)
                    log(stream, data);
                _logs.Add(log);
            }
        }

        public bool Leave(Action<int, ReadOnlyMemory<byte>> log)
        {
            lock (_logGate)
            {
                _logs.Remove(log);
                return _logs.Count == 0;
            }
        }

        public void Write(int stream, ReadOnlyMemory<byte> data)
        {
            const int most = 1 << 20;
            lock (_logGate)
            {
                // Who comes late sees the beginning; a flood of output is not kept for that.
                if (_written.Sum(part => part.Data.Length) < most)
                    _written.Add((stream, data.ToArray()));
                foreach (var log in _logs)
                    log(stream, data);
            }
        }
    }
}
