using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using Gantry.Engine.Containers;

namespace Gantry.Engine.Logs.Shipping;

/// <summary>
/// Ships the logs of containers whose driver sends them elsewhere, out of the file that the keeper writes, at a position that is kept. So a process never
/// waits for a receiver, a receiver that is away gets everything later that the file still has, and the death of the daemon loses no line.
/// </summary>
internal sealed class LogShipping(LogReader reader, EngineLog log) : IDisposable
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_saveInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Task> _running = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Begins to ship the log of a container that was started, or found running; of one that ended, what is left of it.</summary>
    public void Watch(Container container)
    {
        if (!LogShippers.Drivers.Contains(container.HostConfig.LogConfig.Type))
            return;
        // Taken before the file is read: what is written until the end is then before it in the file.
        var ended = container.State.IsRunning ? container.Signals.NextExit : Task.CompletedTask;
        // A run that was short is still being shipped when the next one starts: one after the other.
        _running.AddOrUpdate(container.Id, _ => ShipAsync(container, Task.CompletedTask, ended), (_, before) => ShipAsync(container, before, ended));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Cancel();
        Task.WhenAll(_running.Values).Wait(TimeSpan.FromSeconds(1));
        _stopping.Dispose();
    }

    private async Task ShipAsync(Container container, Task before, Task ended)
    {
        await Task.Yield();
        var stop = _stopping.Token;
        await before;
        var state = new Progress(container);
        for (var pause = s_firstPause; ; pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause)
        {
            try
            {
                await ShipOnceAsync(container, state, ended, stop);
                return;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                if (pause == s_firstPause)
                    log.LogNotShipped(container.Id, e);
            }
            catch (Exception e)
            {
                log.LogNotShipped(container.Id, e);
                return;
            }
            finally
            {
                state.Save();
            }
            if (container.Signals.Removed.IsCompleted)
                return;
            await Task.Delay(pause, CancellationToken.None);
        }
    }

    private async Task ShipOnceAsync(Container container, Progress state, Task ended, CancellationToken stop)
    {
        await using var shipper = LogShippers.Create(new LogSubject(container))!;
        var start = state.Position;
        var query = new LogQuery
        {
            Stdout = true,
            Stderr = true,
            Follow = true,
            Since = start.Time > 0 ? DateTimeOffset.UnixEpoch.AddTicks(start.Time / 100) : null,
        };
        var repeated = 0;
        await foreach (var entry in reader.ReadAsync(container.LogPlace, query, ended, stop))
        {
            if (entry.Time < start.Time || (entry.Time == start.Time && repeated++ < start.Count))
                continue;
            await shipper.SendAsync(entry, stop);
            state.Advance(entry);
        }
    }

    private sealed class Progress(Container container)
    {
        private long _saved = Stopwatch.GetTimestamp();

        public LogPosition Position { get; private set; } = LogPosition.Load(container);

        public void Advance(LogEntry entry)
        {
            Position = Position.After(entry);
            if (Stopwatch.GetElapsedTime(_saved) >= s_saveInterval)
                Save();
        }

        public void Save()
        {
            _saved = Stopwatch.GetTimestamp();
            try
            {
                if (!container.Signals.Removed.IsCompleted)
                    Position.Save(container);
            }
            catch (IOException)
            {
                // A full disk, or the container was removed in this moment: lines may come twice.
            }
        }
    }
}
