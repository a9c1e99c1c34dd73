using System.Globalization;
using Gantry.Api.Model;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Progress;

namespace Gantry.Compose.Running;

/// <summary>When containers that are there are replaced.</summary>
public enum RecreatePolicy
{
    /// <summary>When they are no longer what the files say.</summary>
    Diverged,

    /// <summary>Always.</summary>
    Force,

    /// <summary>Never.</summary>
    Never,
}

/// <summary>Brings the containers of one service to the number and configuration that the files say. It starts none of them.</summary>
/// <param name="engine">The daemon.</param>
/// <param name="project">The project.</param>
/// <param name="state">The containers that are there.</param>
/// <param name="maker">Creates containers.</param>
/// <param name="stopper">Stops and removes containers.</param>
/// <param name="networks">The identifiers of the networks by name in the model.</param>
internal sealed class ServiceConverger(
    EngineAccess engine, Project project, ObservedState state, ContainerMaker maker, ContainerStopper stopper, IReadOnlyDictionary<string, string> networks)
{
    /// <summary>Whether anonymous volumes of replaced containers are kept.</summary>
    public bool Inherit { get; init; } = true;

    /// <summary>Whether containers are replaced one by one, each when the one before is healthy.</summary>
    public bool Rolling { get; init; }

    /// <summary>The grace period in seconds, or null for the containers' own.</summary>
    public long? Timeout { get; init; }

    /// <summary>What has to be done to bring a service to its state; null when it is there, which is told.</summary>
    public Func<Task>? Plan(Service service, RecreatePolicy policy)
    {
        if (service.Map("provider") is not null)
            return () => new ServiceProvider(engine, project).UpAsync(service);
        var resolved = new ServiceReferences(state).Resolve(service);
        var containers = state.Of(service.Name);
        var outdated = Outdated(resolved, containers, policy);

        // What is too many goes: first what would have to be replaced anyway, then the highest numbers. Of two with one number, which a client that was
        // killed can leave, one goes.
        var ordered = containers.OrderBy(container => outdated.Contains(container.Id)).ThenBy(static container => container.Number()).ToArray();
        var kept = ordered.DistinctBy(static container => container.Number() > 0 ? container.Number().ToString(CultureInfo.InvariantCulture) : container.Id)
            .Take(service.Scale).ToArray();
        if (kept.Length == ordered.Length && kept.Length == service.Scale && outdated.Count == 0 && kept.All(container => !IsMisnamed(service, container)))
        {
            TellRunning(kept);
            state.Set(service.Name, kept);
            return null;
        }
        return () => ConvergeAsync(resolved, ordered, kept, kept.Where(container => outdated.Contains(container.Id)).ToArray());
    }

    private async Task ConvergeAsync(Service service, IReadOnlyList<ContainerSummary> containers, ContainerSummary[] kept, ContainerSummary[] outdated)
    {
        // 1. What is too many goes.
        var surplus = Threads.ForEachAsync(containers.Except(kept).ToArray(), container =>
            stopper.StopAndRemoveAsync(container, service, Timeout, volumes: false));

        // 2. What has changed is replaced; what depends on it and wants a restart is stopped, and started with it later.
        var result = kept.ToList();
        if (outdated.Length > 0 && Rolling)
        {
            var replaced = await new RollingReplacer(engine, project, state, maker).ReplaceAsync(service, outdated, Inherit, Timeout).ConfigureAwait(false);
            for (var index = 0; index < outdated.Length; index++)
                result[Array.IndexOf(kept, outdated[index])] = replaced[index];
        }
        else if (outdated.Length > 0)
        {
            await StopDependentsAsync(service).ConfigureAwait(false);
            await Threads.ForEachAsync(outdated, async container =>
            {
                var recreated = await maker.RecreateAsync(service, container, Inherit, Timeout).ConfigureAwait(false);
                lock (result)
                    result[Array.IndexOf(kept, container)] = recreated;
            }).ConfigureAwait(false);
        }
        TellRunning(kept.Except(outdated));

        // 3. What is missing is created.
        var next = containers.Select(static container => container.Number()).DefaultIfEmpty().Max() + 1;
        var missing = Enumerable.Range(next, service.Scale - kept.Length).ToArray();
        await Threads.ForEachAsync(missing, async number =>
        {
            var created = await maker.CreateAsync(service, number, ContainerNames.Of(project, service, number)).ConfigureAwait(false);
            lock (result)
                result.Add(created);
        }).ConfigureAwait(false);
        await surplus.ConfigureAwait(false);

        // 4. What a client that was killed left under the name it had meanwhile.
        for (var index = 0; index < result.Count; index++)
            result[index] = await NameAsync(service, result[index]).ConfigureAwait(false);
        state.Set(service.Name, result.OrderBy(static container => container.Number()));
    }

    private void TellRunning(IEnumerable<ContainerSummary> containers)
    {
        foreach (var container in containers.Where(static container => container.State == "running"))
            engine.Progress.Done(container.Shown(), "Running");
    }

    private async Task<ContainerSummary> NameAsync(Service service, ContainerSummary container)
    {
        if (!IsMisnamed(service, container))
            return container;
        var name = NameOf(service, container);
        await engine.Client.RenameContainerAsync(container.Id, name).ConfigureAwait(false);
        return container with { Names = ["/" + name] };
    }

    private bool IsMisnamed(Service service, ContainerSummary container) =>
        container.Labels.ContainsKey(Labels.Replace) && container.Name().EndsWith("_" + NameOf(service, container), StringComparison.Ordinal);

    private string NameOf(Service service, ContainerSummary container) => ContainerNames.Of(project, service, Math.Max(container.Number(), 1));

    private HashSet<string> Outdated(Service expected, IReadOnlyList<ContainerSummary> containers, RecreatePolicy policy)
    {
        if (policy == RecreatePolicy.Never || containers.Count == 0)
            return [];
        var hash = ConfigHash.Of(expected);
        return [.. containers.Where(container => policy == RecreatePolicy.Force || HasDiverged(expected, hash, container))
            .Select(static container => container.Id)];
    }

    private bool HasDiverged(Service expected, string hash, ContainerSummary actual)
    {
        if (actual.Labels.GetValueOrDefault(Labels.ConfigHash) != hash || actual.Labels.GetValueOrDefault(Labels.Image, "") != expected.ImageDigest)
            return true;
        if (actual.State == "running" && expected.Networks.Keys.Any(name => networks.TryGetValue(name, out var id)
            && !actual.NetworkSettings.Networks.Values.Any(endpoint => endpoint.NetworkID == id)))
            return true;
        return expected.Maps("volumes").Any(volume => volume.Text("type") == "volume" && volume.Text("source") is { Length: > 0 } source
            && !actual.Mounts.Any(mount => mount.Type == "volume" && mount.Name == project.Volumes[source].Text("name")));
    }

    private async Task StopDependentsAsync(Service service)
    {
        var dependents = project.DependentsOf(service.Name).Where(dependent => dependent.DependsOn[service.Name].Restart).ToArray();
        foreach (var dependent in dependents)
        {
            var containers = state.Of(dependent.Name);
            await Threads.ForEachAsync(containers.Where(static container => container.State == "running").ToArray(), container =>
                stopper.StopAsync(container, dependent, null)).ConfigureAwait(false);
            state.Set(dependent.Name, containers.Select(static container => container with { State = "exited" }));
        }
    }
}
