using Gantry.Engine.Containers;
using Gantry.Engine.Health;
using Gantry.Engine.Networks;
using Gantry.Engine.Restart;
using Gantry.Os.Processes;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Keeper;
using Gantry.Storage.Snapshots;

namespace Gantry.Engine.Reconcile;

/// <summary>
/// Brings what an earlier daemon left, in whatever state, to what should be: containers that the keeper still holds are running, those whose
/// end was recorded have ended, the rest ended unseen; and what belongs to no container is removed.
/// </summary>
internal sealed class Reconciler(
    ContainerRegistry registry, ContainerFolder folder, ContainerStartParts parts, ContainerExitHandler exits, ContainerRemover remover,
    TimeProvider clock, EngineLog log)
{
    private const int UnknownExitCode = 255;

    /// <summary>Loads all containers. To be called once, before anything else uses the registry.</summary>
    /// <returns>Those that are to be started because their restart policy says so.</returns>
    public async Task<IReadOnlyList<Container>> RunAsync()
    {
        // 1. The containers on disk.
        foreach (var container in folder.LoadAll().OrderByDescending(c => c.Created))
        {
            // A power cut can undo a removal, and its name can be a newer container's by then.
            if (!registry.IsNameFree(container.Name))
                container.Document = container.Document with { Name = ContainerNames.Generate(registry.IsNameFree) };
            registry.ReserveName(container.Name, container.Id);
            registry.Add(container);
            container.Signals.Restore(ContainerWaiter.Result(container.State));
        }

        remover.FinishRemovals();
        KeepLayers();

        // 2. The processes that the keeper knows of.
        var kept = parts.Keeper.Processes.ToDictionary(p => p.Id);
        var recorded = Directory.EnumerateDirectories(parts.Paths.Processes).Select(f => Path.GetFileName(f)).ToHashSet();
        var ended = new List<Task>();
        foreach (var container in registry.List())
        {
            // Daemon and keeper may both have died; then its records lead to it.
            if (kept.Remove(container.Id, out var process)
                || (recorded.Contains(container.Id) && (process = await parts.Keeper.RecoverAsync(parts.Paths.ProcessState(container.Id))) is not null))
                ended.Add(Adopt(container, process));
            else if (container.State.IsRunning)
                ended.Add(EndedUnseenAsync(container));
            else if (container.HostConfig.AutoRemove)
                ended.Add(remover.RemoveAfterExitAsync(container)); // Its client died between create and start, or its end was unseen.
        }

        await Task.WhenAll(ended);

        // 3. What belongs to nobody.
        parts.Volumes.FreeUnused(registry.Contains);
        foreach (var orphan in kept.Values)
            await RemoveOrphanAsync(orphan);
        RemoveLeftovers();

        var containers = registry.List();
        log.Reconciled(containers.Count, containers.Count(c => c.State.IsRunning));
        return [.. containers.Where(c => !c.State.IsRunning && RestartPolicies.StartsWithDaemon(c))];
    }

    /// <summary>Containers that were never started have no writable layer on the disk that would keep the layers of a removed image.</summary>
    private void KeepLayers()
    {
        foreach (var container in registry.List().Where(c => c.State.StartedAt is null && parts.Snapshots.Find(c.Id) is null))
            parts.Snapshots.Restore(container.Id, container.Document.RootLayer);
    }

    private Task Adopt(Container container, KeptProcess process)
    {
        // The daemon that recorded its end died before it told the keeper.
        var state = container.State;
        if (process.Exit is not null && !state.IsRunning && state.StartedAt == process.StartedAt)
            return ForgetAsync(container, process);

        // One that died right after a start did not come to record it: what is known is of the run before.
        if (state.StartedAt != process.StartedAt)
            state = new ContainerState
            {
                RestartCount = state.RestartCount,
                FinishedAt = state.FinishedAt,
                Health = HealthStates.AtStart(container.Config, state.Health),
            };
        var cgroup = parts.Cgroups.Open(parts.CgroupPath(container));
        container.Run = new ContainerRun(process, cgroup, RootMount: null, parts.Volumes.Adopt(container), parts.Hooks.Restore(container));
        if (registry.TryGet(EndpointRequests.Shared(container.HostConfig.NetworkMode) ?? "", out _))
            parts.EtcFiles.Assign(container);
        container.State = state with
        {
            Status = cgroup.IsFrozen ? ContainerStatus.Paused : ContainerStatus.Running,
            Pid = process.Pid,
            StartedAt = process.StartedAt,
        };
        return process.Exit is { } exit ? exits.HandleAsync(container, exit) : parts.Networks.RestoreAsync(container);
    }

    private async Task ForgetAsync(Container container, KeptProcess process)
    {
        await parts.Hooks.StoppedAsync(container, parts.Hooks.Restore(container));
        await parts.Keeper.ForgetAsync(process.Id);
    }

    /// <summary>The host was restarted, or daemon and keeper were gone when it ended and nothing tells how.</summary>
    private Task EndedUnseenAsync(Container container)
    {
        Attempt($"cgroup of container {container.Id}", () => RemoveCgroup(parts.CgroupPath(container)));
        return exits.HandleAsync(container, new ProcessExit(container.Id, UnknownExitCode, Signal: null, clock.GetUtcNow(), Known: false));
    }

    private async Task RemoveOrphanAsync(KeptProcess orphan)
    {
        try
        {
            if (orphan.Exit is null && IsExec(orphan))
                return; // It may run on; its end is told like any other.
            if (orphan.Exit is null)
                PidFd.SendSignal(orphan.PidFd, 9);
            else
                await parts.Keeper.ForgetAsync(orphan.Id);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or Oci.GantryException)
        {
            log.LeftoverNotRemoved($"process {orphan.Pid}", e);
        }
    }

    /// <summary>Whether a process is in the cgroup of a container that runs.</summary>
    private bool IsExec(KeptProcess process)
    {
        var cgroups = File.ReadAllText($"/proc/{process.Pid}/cgroup");
        return registry.List().Any(c => c.State.IsRunning && cgroups.Contains(c.Id, StringComparison.Ordinal));
    }

    private void RemoveLeftovers()
    {
        foreach (var folder in Directory.EnumerateDirectories(parts.Paths.Processes).Where(f => !registry.IsRunning(Path.GetFileName(f))))
            Attempt(folder, () => Directory.Delete(folder, recursive: true));
        foreach (var snapshot in parts.Snapshots.List().Where(s => s.Writable && s.Key.Length == 64 && !registry.Contains(s.Key)))
            Attempt($"snapshot {snapshot.Key}", () => parts.Snapshots.Remove(snapshot.Key));
        foreach (var id in LeftCgroups().Where(id => !registry.IsRunning(id)))
            Attempt($"cgroup {id}", () => RemoveCgroup($"{parts.CgroupParent}/{id}"));
    }

    /// <summary>What still runs in it belongs to no container that is known: nobody else will ever end it.</summary>
    private void RemoveCgroup(string path)
    {
        var cgroup = parts.Cgroups.Open(path);
        cgroup.KillAll();
        cgroup.Delete();
    }

    private HashSet<string> LeftCgroups()
    {
        var folders = parts.Cgroups.Hierarchies.Select(h => h.MountPoint + parts.CgroupParent).Where(Directory.Exists);
        return [.. folders.SelectMany(Directory.EnumerateDirectories).Select(d => Path.GetFileName(d))];
    }

    private void Attempt(string what, Action remove)
    {
        try
        {
            remove();
        }
        catch (Exception e) when (e is IOException or Oci.GantryException)
        {
            log.LeftoverNotRemoved(what, e);
        }
    }
}
