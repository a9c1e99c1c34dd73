using System.Collections.Concurrent;
using Gantry.Engine.Containers;
using Gantry.Oci;

namespace Gantry.Engine.Logs.Keeping;

/// <summary>
/// The logs of removed containers, which can be read for a while. They stay where they were: in the container's folder, which has another name.
/// </summary>
/// <param name="keepFor">How long; zero: they go with the container.</param>
/// <param name="clock">Says when.</param>
internal sealed class RemovedLogs(TimeSpan keepFor, TimeProvider clock)
{
    /// <summary>How many there are at most: who runs containers by the thousand does not look for each.</summary>
    private const int Most = 1000;

    private readonly ConcurrentDictionary<string, RemovedLog> _logs = new();

    /// <summary>All of them, the latest first.</summary>
    public IReadOnlyList<RemovedLog> List() => [.. _logs.Values.OrderByDescending(log => log.RemovedAt)];

    /// <summary>The bytes of all of them.</summary>
    public long Length => _logs.Sum(static pair => pair.Value.Length);

    /// <summary>Takes the log of a container that was removed a moment ago, if it has one that can be read.</summary>
    /// <param name="container">The container.</param>
    /// <param name="folder">Where its files are now.</param>
    /// <returns>What to keep, which is in the list already and yet to be saved; null: the folder is to be deleted.</returns>
    public RemovedLog? TryKeep(Container container, string folder)
    {
        if (keepFor <= TimeSpan.Zero || container.HostConfig.LogConfig.Type == "none" || !LogOptions.Read(container.HostConfig.LogConfig).IsReadable)
            return null;
        var log = RemovedLog.Of(container, folder, clock.GetUtcNow());
        if (new FileInfo(log.Place.Path) is not { Exists: true } file || file.Length == 0 && !File.Exists(log.Place.Path + ".1"))
            return null;
        _logs[log.Id] = log;
        return log;
    }

    /// <summary>Takes one that an earlier daemon has kept.</summary>
    public void Add(RemovedLog log) => _logs[log.Id] = log;

    /// <summary>The log of a container by its name (of several, the one that was removed last), its ID, or a beginning of that which is unique.</summary>
    public RemovedLog? Find(string reference)
    {
        var name = reference.TrimStart('/');
        if (_logs.TryGetValue(reference, out var exact))
            return exact;
        if (List().FirstOrDefault(log => log.Name == name) is { } named)
            return named;
        return reference.Length > 0 && List().Where(log => log.Id.StartsWith(reference, StringComparison.Ordinal)).Take(2).ToList() is [var single]
            ? single : null;
    }

    /// <summary>Forgets those whose time is over, and those that are too many.</summary>
    /// <returns>The folders to delete.</returns>
    public IReadOnlyList<string> Expire()
    {
        if (_logs.IsEmpty)
            return [];
        var oldest = clock.GetUtcNow() - keepFor;
        return [.. List().Where((log, index) => index >= Most || log.RemovedAt < oldest).ToList().Select(Forget)];
    }

    /// <summary>Forgets one.</summary>
    /// <returns>The folder to delete.</returns>
    public string Forget(RemovedLog log)
    {
        _logs.TryRemove(log.Id, out _);
        return log.Folder;
    }
}
