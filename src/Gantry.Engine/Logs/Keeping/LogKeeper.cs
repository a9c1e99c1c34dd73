using Gantry.Engine.Containers;
using Gantry.Oci;
using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Logs.Keeping;

/// <summary>
/// Looks after the logs of the host: deletes what is too old, and what is more than the budget. Each container's files are bounded by the process that writes
/// them; this is for what only who sees all of them can know, and for containers that write nothing any more.
/// </summary>
internal sealed class LogKeeper : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(15);

    private readonly ContainerRegistry _registry;
    private readonly RemovedLogs _removed;
    private readonly LogBudget _budget;
    private readonly ProcessKeeper _processes;
    private readonly ContainerFolder _folder;
    private readonly EngineLog _log;
    private readonly ITimer _timer;
    private readonly Dictionary<Container, KeptLog> _logs = [];
    private int _busy;

    public LogKeeper(ContainerRegistry registry, RemovedLogs removed, LogBudget budget, ProcessKeeper processes, ContainerFolder folder, TimeProvider clock,
        EngineLog log)
    {
        (_registry, _removed, _budget, _processes, _folder, _log) = (registry, removed, budget, processes, folder, log);
        _timer = clock.CreateTimer(_ => _ = RunAsync(), null, s_interval, s_interval);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private async Task RunAsync()
    {
        if (Interlocked.Exchange(ref _busy, 1) != 0)
            return;
        try
        {
            // 1. Removed containers whose time is over.
            foreach (var folder in _removed.Expire())
                _folder.DeleteLater(folder);
            // 2. Lines that are too old.
            Meet();
            foreach (var (container, kept) in _logs)
            {
                if (kept.MaxAge > TimeSpan.Zero)
                    await DropOldAsync(container, kept);
            }
            // 3. What is too much.
            if (_budget.Bytes > 0 && Count() is > 0 and var excess)
                KeepToBudget(excess);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or GantryException)
        {
            _log.LogsNotKept(e);
        }
        finally
        {
            Volatile.Write(ref _busy, 0);
        }
    }

    /// <summary>Takes note of new containers that there is something to do for, and forgets those that are gone.</summary>
    private void Meet()
    {
        foreach (var container in _registry.Unordered)
        {
            if (container.State.StartedAt is not null && !_logs.ContainsKey(container))
                _logs.Add(container, KeptLog.Of(container));
        }
        // Removing the entry one is at is allowed.
        foreach (var container in _logs.Keys)
        {
            if (!_registry.Contains(container.Id))
                _logs.Remove(container);
        }
    }

    private async Task DropOldAsync(Container container, KeptLog kept)
    {
        kept.Seen.Refresh();
        if (kept.Seen.Length == 0)
            return;
        // Nobody starts it, and writes into the current file, meanwhile.
        using var gate = await ContainerGate.EnterAsync(container);
        // Asked how far it is, the keeper closes a file that has come to its age, also of a process that is silent.
        if (container.State.IsRunning)
            await _processes.FlushLogAsync(container.Id);
        kept.Seen.Refresh();
        foreach (var file in kept.Seen.Files.Where(file =>
            file.LastWriteTimeUtc < DateTime.UtcNow - kept.MaxAge && (!file.IsCurrent || !container.State.IsRunning)))
            File.Delete(file.Path);
    }

    /// <summary>How many bytes there are beyond the budget; not more than 0 when there are none.</summary>
    private long Count()
    {
        var length = _removed.Length - _budget.Bytes;
        foreach (var (_, kept) in _logs)
        {
            if (!kept.TakesPart)
                continue;
            kept.Seen.Refresh();
            length += kept.Seen.Length;
        }
        return length;
    }

    /// <summary>Deletes the oldest closed files, those of removed containers first, until all others fit.</summary>
    /// <remarks>When files are renamed in just that moment, it is the next one that is hit: the next to go.</remarks>
    private void KeepToBudget(long excess)
    {
        foreach (var log in _removed.List().Reverse().TakeWhile(_ => excess > 0))
        {
            _folder.DeleteLater(_removed.Forget(log));
            excess -= log.Length;
        }
        var closed = _logs.Values.Where(static kept => kept.TakesPart).SelectMany(static kept => kept.Seen.Files).Where(static file => !file.IsCurrent);
        foreach (var file in closed.OrderBy(static file => file.LastWriteTimeUtc).TakeWhile(_ => excess > 0))
        {
            File.Delete(file.Path);
            excess -= file.Length;
        }
    }

    /// <param name="Seen">Its files.</param>
    /// <param name="MaxAge">How long its lines stay; zero: for ever.</param>
    /// <param name="TakesPart">Whether it is part of the host's budget.</param>
    private sealed record KeptLog(SeenLog Seen, TimeSpan MaxAge, bool TakesPart)
    {
        // What a container's log options are never changes.
        internal static KeptLog Of(Container container)
        {
            var settings = LogOptions.Read(container.HostConfig.LogConfig);
            return new KeptLog(new SeenLog(container.LogPlace), settings.MaxAge,
                container.HostConfig.LogConfig.Type is "" or "json-file" && !settings.IsBounded);
        }
    }
}
