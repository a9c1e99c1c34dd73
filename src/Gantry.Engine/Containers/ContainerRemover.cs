using System.Diagnostics;
using Gantry.Engine.Information;
using Gantry.Engine.Logs.Keeping;
using Gantry.Oci;
using Gantry.Os.Processes;
using Gantry.Storage.Snapshots;
using Gantry.Volumes;

namespace Gantry.Engine.Containers;

/// <summary>Removes containers and all that is theirs.</summary>
public sealed class ContainerRemover
{
    private readonly ContainerRegistry _registry;
    private readonly ContainerFolder _folder;
    private readonly ContainerEvents _events;
    private readonly ISnapshotter _snapshots;
    private readonly VolumeStore _volumes;
    private readonly ContainerSizes _sizes;
    private readonly RemovedLogs _logs;
    private readonly ActionTimes _times;

    internal ContainerRemover(
        ContainerRegistry registry, ContainerFolder folder, ContainerEvents events, ISnapshotter snapshots, VolumeStore volumes, ContainerSizes sizes,
        RemovedLogs logs, ActionTimes times)
    {
        _times = times;
        _registry = registry;
        _folder = folder;
        _events = events;
        _snapshots = snapshots;
        _volumes = volumes;
        _sizes = sizes;
        _logs = logs;
    }

    /// <summary>Removes a container.</summary>
    /// <param name="container">The container.</param>
    /// <param name="force">Whether a running one is killed first.</param>
    /// <param name="volumes">Whether its anonymous volumes go with it.</param>
    /// <param name="cancellation">Ends the wait for a killed process; the removal itself is not interrupted.</param>
    /// <exception cref="GantryException">It runs or is paused, and <paramref name="force"/> is not set; or it is being removed already (Conflict).</exception>
    public async Task RemoveAsync(Container container, bool force, bool volumes, CancellationToken cancellation)
    {
        await EndAsync(container, force, cancellation);
        using var gate = await ContainerGate.EnterAsync(container, cancellation);
        if (container.Signals.Removed.IsCompleted)
            return; // By its own --rm, meanwhile.
        Remove(container, volumes);
    }

    /// <summary>Removes a container that was run with <c>--rm</c>, after its end.</summary>
    internal async Task RemoveAfterExitAsync(Container container)
    {
        using var gate = await ContainerGate.EnterAsync(container);
        if (!container.Signals.Removed.IsCompleted && !container.State.IsRunning)
            Remove(container, volumes: true);
    }

    /// <summary>Finishes the removals that a crash has interrupted. All containers must be known: one may use a volume of another.</summary>
    internal void FinishRemovals()
    {
        foreach (var (folder, container, volumes) in _folder.ListRemoved())
        {
            RemoveVolumes(volumes);
            if (container is null && RemovedLog.Load(folder) is { } log)
                _logs.Add(log);
            else
                _folder.DeleteLater(folder, container is null ? null : _logs.TryKeep(container, folder));
        }
    }

    /// <summary>Removes the containers that do not run and that <paramref name="filter"/> picks.</summary>
    /// <returns>Their ids, and the bytes that became free.</returns>
    public async Task<(IReadOnlyList<string> Ids, long Space)> PruneAsync(Func<Container, bool> filter, CancellationToken cancellation)
    {
        var removed = new List<string>();
        long space = 0;
        foreach (var container in _registry.List().Where(c => !c.State.IsRunning && filter(c)))
        {
            var size = _sizes.Of(container).SizeRw;
            try
            {
                await RemoveAsync(container, force: false, volumes: false, cancellation);
            }
            catch (GantryException e) when (e.Kind is ErrorKind.Conflict)
            {
                continue; // Started, or removed by another, since it was listed.
            }

            removed.Add(container.Id);
            space += size;
        }

        return (removed, space);
    }

    private void RemoveVolumes(IReadOnlyList<string> names)
    {
        foreach (var name in names)
            _volumes.RemoveAnonymous(name);
    }

    private async Task EndAsync(Container container, bool force, CancellationToken cancellation)
    {
        Task<WaitResult> ended;
        using (await ContainerGate.EnterAsync(container, cancellation))
        {
            var state = container.State;
            if (state.Status is ContainerStatus.Restarting)
                container.State = state with { Status = ContainerStatus.Exited, StoppedByUser = true };
            if (!state.IsRunning || container.Run is not { } run)
                return;
            if (!force)
                throw GantryException.Conflict(Refusal(container, state.Status));
            container.State = state with { StoppedByUser = true };
            ended = container.Signals.NextExit;
            PidFd.SendSignal(run.Process.PidFd, 9);
            run.Cgroup.Thaw();
        }

        await ended.WaitAsync(cancellation);
    }

    private static string Refusal(Container container, ContainerStatus status) =>
        $"cannot remove container \"{container.Name}\": container is "
        + (status is ContainerStatus.Paused ? "paused and must be unpaused first"
            : $"{status.ToString().ToLowerInvariant()}: stop the container before removing or force remove");

    private void Remove(Container container, bool volumes)
    {
        var begun = Stopwatch.GetTimestamp();
        container.State = container.State with { Status = ContainerStatus.Removing };
        string left;
        try
        {
            // The document goes first: what a crash leaves after that is nobody's, and the next start deletes it.
            left = _folder.Remove(container, volumes);
            _snapshots.Remove(container.Id);
        }
        catch
        {
            container.State = container.State with { Status = ContainerStatus.Dead };
            throw;
        }

        _registry.Remove(container); // From here on its volumes have one user less.
        if (volumes)
            RemoveVolumes(container.Document.AnonymousVolumes);
        _folder.DeleteLater(left, _logs.TryKeep(container, left));
        _times.Took("delete", begun);
        _events.Publish(container, "destroy");
        container.Signals.Gone();
    }
}
