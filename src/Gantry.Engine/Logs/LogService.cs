using System.IO.Pipelines;
using Gantry.Engine.Containers;
using Gantry.Oci;

namespace Gantry.Engine.Logs;

/// <summary>Reads containers' logs.</summary>
/// <param name="reader">Reads the files.</param>
public sealed class LogService(LogReader reader)
{
    /// <summary>Writes what <paramref name="query"/> picks, raw for a container with a terminal, else in docker's frames.</summary>
    /// <exception cref="GantryException">The container has no log that can be read (NotImplemented).</exception>
    public async Task WriteAsync(Container container, LogQuery query, PipeWriter output, CancellationToken cancellation)
    {
        if (container.HostConfig.LogConfig.Type == "none")
            throw GantryException.NotImplemented("configured logging driver does not support reading");
        // Taken before the file is read: what is written until the end is then before it in the file.
        var ended = container.State.IsRunning ? container.Signals.NextExit : Task.CompletedTask;
        await reader.WriteAsync(container.LogPath, query, framed: !container.Config.Tty, ended, output, cancellation);
    }
}
