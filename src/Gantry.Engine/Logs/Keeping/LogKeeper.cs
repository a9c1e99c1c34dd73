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
    private int _busy;

    public LogKeeper(ContainerRegistry registry, RemovedLogs removed, LogBudget budget, ProcessKeeper processes, ContainerFolder folder, TimeProvider clock, EngineLog log)
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
            foreach (var container in _registry.List().Where(static container => container.HostConfig.LogConfig.Config?.ContainsKey("max-age") is true))
                await DropOldAsync(container);
            // 3. What is too much.
            KeepToBudget();
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

    private async Task DropOldAsync(Container container)
    {
        var age = LogOptions.Read(container.HostConfig.LogConfig).MaxAge;
        // Nobody starts it, and writes into the current file, meanwhile.
        using var gate = await ContainerGate.EnterAsync(container);
        // Asked how far it is, the keeper closes a file that has come to its age, also of a process that is silent.
        if (container.State.IsRunning)
            await _processes.FlushLogAsync(container.Id);
        foreach (var file in FilesOf(container.LogPlace).Where(file => file.LastWriteTimeUtc < DateTime.UtcNow - age && (!file.IsCurrent || !container.State.IsRunning)))
            File.Delete(file.Path);
    }

    /// <summary>Deletes the oldest closed files, those of removed containers first, until all others fit.</summary>
    /// <remarks>When files are renamed in just that moment, it is the next one that is hit: the next to go.</remarks>
    private void KeepToBudget()
    {
        if (_budget.Bytes <= 0)
            return;
        var removed = _removed.List();
        var files = _registry.List().Where(TakesPart).SelectMany(container => FilesOf(container.LogPlace)).ToList();
        var sizes = removed.ToDictionary(log => log, log => FilesOf(log.Place).Sum(file => file.Length));
        var excess = files.Sum(file => file.Length) + sizes.Values.Sum() - _budget.Bytes;
        foreach (var log in removed.Reverse().TakeWhile(_ => excess > 0))
        {
            _folder.DeleteLater(_removed.Forget(log));
            excess -= sizes[log];
        }
        foreach (var file in files.Where(file => !file.IsCurrent).OrderBy(file => file.LastWriteTimeUtc).TakeWhile(_ => excess > 0))
        {
            File.Delete(file.Path);
            excess -= file.Length;
        }
    }

    private static bool TakesPart(Container container) =>
        container.HostConfig.LogConfig.Type is "" or "json-file" && container.State.StartedAt is not null && !LogOptions.Read(container.HostConfig.LogConfig).IsBounded;

    private static IEnumerable<LogFileInfo> FilesOf(LogPlace place)
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(place.Path)!);
        if (!folder.Exists)
            return [];
        return [.. folder.EnumerateFiles(Path.GetFileName(place.Path) + "*").Where(file => file.Exists)
            .Select(file => new LogFileInfo(file.FullName, file.Length, file.LastWriteTimeUtc, file.FullName == place.Path))];
    }

    private readonly record struct LogFileInfo(string Path, long Length, DateTime LastWriteTimeUtc, bool IsCurrent);
}
