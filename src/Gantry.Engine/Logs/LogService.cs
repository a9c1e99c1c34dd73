using System.IO.Pipelines;
using Gantry.Engine.Containers;
using Gantry.Engine.Logs.Keeping;
using Gantry.Oci;

namespace Gantry.Engine.Logs;

/// <summary>Reads containers' logs.</summary>
public sealed class LogService
{
    private readonly LogReader _reader;
    private readonly RemovedLogs _removed;

    internal LogService(LogReader reader, RemovedLogs removed) => (_reader, _removed) = (reader, removed);

    /// <summary>Writes what <paramref name="query"/> picks, raw for a container with a terminal, else in docker's frames.</summary>
    /// <exception cref="GantryException">The container has no log that can be read (NotImplemented).</exception>
    public async Task WriteAsync(Container container, LogQuery query, PipeWriter output, CancellationToken cancellation)
    {
        if (container.HostConfig.LogConfig.Type == "none" || !LogOptions.Read(container.HostConfig.LogConfig).IsReadable)
            throw GantryException.NotImplemented("configured logging driver does not support reading");
        // Taken before the file is read: what is written until the end is then before it in the file.
        var ended = container.State.IsRunning ? container.Signals.NextExit : Task.CompletedTask;
        await _reader.WriteAsync(container.LogPlace, query, framed: !container.Config.Tty, ended, output, cancellation);
    }

    /// <summary>The log that is left of a removed container, by its name or ID; null: none is.</summary>
    public RemovedLog? FindRemoved(string reference) => _removed.Find(reference);

    /// <summary>The same of a removed container.</summary>
    public Task WriteAsync(RemovedLog log, LogQuery query, PipeWriter output, CancellationToken cancellation) =>
        _reader.WriteAsync(log.Place, query with { Follow = false }, framed: !log.Tty, Task.CompletedTask, output, cancellation);
}
