using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;

namespace Gantry.Compose.Running;

/// <summary>
/// Replaces the containers of a service one by one: the next one only when the new one is running or, with a health check, healthy. When one does not get
/// there, it is removed and the old one goes on; then those that were replaced before are taken back too, unless <c>deploy.update_config.failure_action</c>
/// says otherwise.
/// </summary>
/// <param name="engine">The daemon.</param>
/// <param name="project">The project.</param>
/// <param name="state">The containers that are there, by service.</param>
/// <param name="maker">Creates containers.</param>
internal sealed class RollingReplacer(EngineAccess engine, Project project, ObservedState state, ContainerMaker maker)
{
    /// <summary>Replaces containers.</summary>
    /// <param name="service">The service, its references resolved.</param>
    /// <param name="outdated">The containers.</param>
    /// <param name="inherit">Whether their anonymous volumes are kept.</param>
    /// <param name="timeout">The grace period in seconds, or null for the containers' own.</param>
    /// <returns>The containers that run now, in the same order: the new ones, but for those that failed and were tolerated.</returns>
    /// <exception cref="ComposeException">More new containers than are tolerated do not get healthy.</exception>
    public async Task<IReadOnlyList<ContainerSummary>> ReplaceAsync(Service service, IReadOnlyList<ContainerSummary> outdated, bool inherit, long? timeout)
    {
        var plan = UpdatePlan.ToUpdate(service, outdated.Count);
        var swaps = outdated.Select(old => new ContainerSwap(engine, project, state, service, old, timeout)).ToArray();
        var results = outdated.ToDictionary(static old => old.Id);
        var begun = new List<ContainerSwap>();
        var failures = new List<string>();
        foreach (var some in swaps.Chunk(plan.Width))
        {
            // 1. The next ones.
            if (some[0] != swaps[0])
                await Task.Delay(plan.Pause).ConfigureAwait(false);
            await Threads.ForEachAsync(some, swap => TryAsync(swap, inherit, plan, begun, failures)).ConfigureAwait(false);

            // 2. Whether to go on.
            if (plan.OnFailure != FailureAction.Continue && plan.IsTooMuch(failures.Count, swaps.Length))
            {
                if (plan.OnFailure == FailureAction.RollBack)
                    await RollBackAsync(service, begun).ConfigureAwait(false);
                else
                    await CommitAsync(begun, results).ConfigureAwait(false);
                throw new ComposeException(string.Join('\n', failures));
            }

            // 3. What can be taken back later keeps its old container until then.
            if (plan.OnFailure != FailureAction.RollBack)
                await CommitAsync(begun, results).ConfigureAwait(false);
        }
        await CommitAsync(begun, results).ConfigureAwait(false);
        failures.ForEach(engine.Warn);
        return [.. outdated.Select(old => results[old.Id])];
    }

    private async Task TryAsync(ContainerSwap swap, bool inherit, UpdatePlan plan, List<ContainerSwap> begun, List<string> failures)
    {
        try
        {
            await swap.BeginAsync(maker, inherit, plan).ConfigureAwait(false);
            lock (begun)
                begun.Add(swap);
        }
        catch (Exception error) when (error is ClientException or ComposeException)
        {
            lock (failures)
                failures.Add(error.Message);
        }
    }

    private static async Task CommitAsync(List<ContainerSwap> begun, Dictionary<string, ContainerSummary> results)
    {
        foreach (var swap in begun)
            results[swap.Old.Id] = await swap.CommitAsync().ConfigureAwait(false);
        begun.Clear();
    }

    // In reverse, as deploy.rollback_config says.
    private async Task RollBackAsync(Service service, List<ContainerSwap> begun)
    {
        var plan = UpdatePlan.ToRollBack(service, begun.Count);
        var failures = 0;
        foreach (var some in Enumerable.Reverse(begun).Chunk(plan.Width))
        {
            if (some[0] != begun[^1])
                await Task.Delay(plan.Pause).ConfigureAwait(false);
            await Threads.ForEachAsync(some, async swap =>
            {
                try
                {
                    await swap.RollBackAsync(plan).ConfigureAwait(false);
                }
                catch (Exception error) when (error is ClientException or ComposeException or OperationCanceledException)
                {
                    Interlocked.Increment(ref failures);
                    engine.Warn($"container {swap.Old.Name()} could not be taken back: {error.Message}");
                }
            }).ConfigureAwait(false);
            if (plan.OnFailure == FailureAction.Pause && plan.IsTooMuch(failures, begun.Count))
                return;
        }
    }
}
