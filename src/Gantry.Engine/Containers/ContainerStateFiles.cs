using System.Collections.Concurrent;
using System.Text.Json;
using Gantry.Os.Files;

namespace Gantry.Engine.Containers;

/// <summary>
/// Writes the <c>state.json</c> of containers. A full disk must neither end a container nor keep its end from those who wait for it: what
/// cannot be written is logged, and tried again each second.
/// </summary>
/// <param name="log">Told of the first failure for a container.</param>
/// <param name="clock">Where the second comes from.</param>
internal sealed class ContainerStateFiles(EngineLog log, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Container> _unwritten = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>The file in a container's folder.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, "state.json");

    /// <summary>
    /// Replaces the file. Synced if the container has a restart policy: what that does after a power cut depends on whether the container ran,
    /// and on whether a user had stopped it.
    /// </summary>
    public void Write(Container container)
    {
        if (TryWrite(container) is not { } failure || !_unwritten.TryAdd(container.Id, container))
            return;
        log.StateNotWritten(container.Id, failure);
        _ = WriteLaterAsync(container);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private static IOException? TryWrite(Container container)
    {
        // The state may change meanwhile: whoever comes last writes what holds then.
        lock (container.StateLock)
        {
            try
            {
                AtomicFile.Write(
                    PathIn(container.Folder),
                    JsonSerializer.SerializeToUtf8Bytes(container.State, EngineJson.Default.ContainerState),
                    sync: container.HostConfig.RestartPolicy.Name is not ("" or "no"));
                return null;
            }
            catch (IOException e)
            {
                return e;
            }
        }
    }

    private async Task WriteLaterAsync(Container container)
    {
        try
        {
            do
                await Task.Delay(s_pause, clock, _stopping.Token);
            while (!container.Signals.Removed.IsCompleted && TryWrite(container) is not null);
            _unwritten.TryRemove(container.Id, out _);
        }
        catch (OperationCanceledException)
        {
            // The daemon stops; the next one asks the keeper.
        }
    }
}
