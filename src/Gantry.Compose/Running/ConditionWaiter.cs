using Gantry.Api.Model;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Progress;

namespace Gantry.Compose.Running;

/// <summary>Waits until services are in the state that others depend on: healthy, or ended well.</summary>
/// <param name="engine">The daemon.</param>
/// <param name="project">The project.</param>
/// <param name="state">The containers.</param>
internal sealed class ConditionWaiter(EngineAccess engine, Project project, ObservedState state)
{
    /// <summary>The condition of <c>--wait</c>: healthy, or running when there is no health check.</summary>
    public const string RunningOrHealthy = "running_or_healthy";

    private const string Completed = "service_completed_successfully";

    // How a container gets healthy is not among what can be awaited in one call.
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(500);

    /// <summary>Waits for all that a service depends on.</summary>
    /// <param name="dependent">Who depends, for messages.</param>
    /// <param name="dependencies">The services and conditions.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="ComposeException">One will never be in its state.</exception>
    public Task WaitAsync(string dependent, IReadOnlyDictionary<string, Dependency> dependencies, CancellationToken cancellation) =>
        Threads.ForEachAsync(dependencies.Where(dependency => MustWait(dependency.Key, dependency.Value)).ToArray(),
            dependency => WaitAsync(dependent, dependency.Key, dependency.Value, cancellation));

    /// <summary>Whether anything that a service depends on has to be more than started.</summary>
    public bool HasToWait(IReadOnlyDictionary<string, Dependency> dependencies) => dependencies.Any(dependency => MustWait(dependency.Key, dependency.Value));

    private bool MustWait(string name, Dependency dependency) => dependency.Condition != "service_started"
        && project.Services.TryGetValue(name, out var service) && service.Scale > 0 && service.Map("provider") is null;

    private async Task WaitAsync(string dependent, string name, Dependency dependency, CancellationToken cancellation)
    {
        var containers = state.Of(name);
        if (containers.Count == 0)
        {
            if (dependency.Required)
                throw new ComposeException($"{dependent} is missing dependency {name}");
            engine.Warn($"{dependent} is missing dependency {name}");
            return;
        }
        foreach (var container in containers)
            engine.Progress.Working(container.Shown(), "Waiting");
        try
        {
            await Task.WhenAll(containers.Select(container => WaitAsync(container, dependency.Condition, name, cancellation))).ConfigureAwait(false);
        }
        catch (ComposeException error)
        {
            var completes = dependency.Condition == Completed;
            var skipped = "optional dependency " + (completes ? error.Message["service ".Length..] : $"\"{name}\" failed to start");
            foreach (var container in dependency.Condition == RunningOrHealthy ? [] : containers)
                engine.Progress.Report(dependency.Required
                    ? new Step(container.Shown(), StepState.Error, completes ? error.Message : "Error")
                    : new Step(container.Shown(), StepState.Warning, "Skipped: " + skipped));
            if (dependency.Required)
                throw;
            engine.Warn(completes ? skipped : $"{skipped}: {error.Message["dependency failed to start: ".Length..]}");
        }
    }

    private async Task WaitAsync(ContainerSummary container, string condition, string service, CancellationToken cancellation)
    {
        while (!engine.IsDryRun)
        {
            cancellation.ThrowIfCancellationRequested();
            var inspected = await engine.Client.InspectContainerAsync(container.Id, cancellation).ConfigureAwait(false);
            if (condition == Completed ? HasCompleted(inspected, service) : IsHealthy(inspected, condition))
            {
                if (condition == RunningOrHealthy && inspected.State.Health is null)
                    await CheckStaysAsync(inspected, cancellation).ConfigureAwait(false);
                break;
            }
            await Task.Delay(s_interval, cancellation).ConfigureAwait(false);
        }
        engine.Progress.Done(container.Shown(), condition == Completed ? "Exited" : "Healthy");
    }

    // What ends right after its start did not come up. The daemon's clock may be another.
    private async Task CheckStaysAsync(ContainerInspectResponse container, CancellationToken cancellation)
    {
        var left = s_shortest - (DateTimeOffset.UtcNow - container.State.StartedAt);
        if (left <= TimeSpan.Zero)
            return;
        await Task.Delay(left < s_shortest ? left : s_shortest, cancellation).ConfigureAwait(false);
        IsHealthy(await engine.Client.InspectContainerAsync(container.Id, cancellation).ConfigureAwait(false), RunningOrHealthy);
    }

    private static bool HasCompleted(ContainerInspectResponse container, string service)
    {
        if (container.State.Status is not ("exited" or "dead"))
            return false;
        return container.State.ExitCode == 0 ? true
            : throw new ComposeException($"service \"{service}\" didn't complete successfully: exit {container.State.ExitCode}");
    }

    private static bool IsHealthy(ContainerInspectResponse container, string condition)
    {
        var name = container.Name.TrimStart('/');
        var failure = condition == RunningOrHealthy ? "" : "dependency failed to start: ";
        if (container.State.Status is "exited" or "dead")
            throw new ComposeException($"{failure}container {name} exited ({container.State.ExitCode})");
        if (container.State.Health is not { } health)
        {
            if (condition == RunningOrHealthy && container.Config.Healthcheck?.Test is null or { Count: 0 } or ["NONE", ..])
                return container.State.Status == "running";
            // A container that has not come up yet has no health either.
            return container.Config.Healthcheck is null || container.State.Status == "running"
                ? throw new ComposeException($"{failure}container {name} has no healthcheck configured")
                : false;
        }
        return health.Status switch
        {
            "healthy" => true,
            "unhealthy" => throw new ComposeException($"{failure}container {name} is unhealthy"),
            _ => false,
        };
    }
}
