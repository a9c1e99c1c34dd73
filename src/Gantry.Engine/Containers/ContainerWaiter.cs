using Gantry.Oci;

namespace Gantry.Engine.Containers;

/// <summary>Waits for an end of a container's process or for its removal.</summary>
public sealed class ContainerWaiter
{
    /// <summary>
    /// Waits until <paramref name="condition"/> holds. The wait is registered when this returns its task: what happens after is not missed.
    /// </summary>
    public Task<WaitResult> WaitAsync(Container container, WaitCondition condition, CancellationToken cancellation)
    {
        var wait = condition switch
        {
            WaitCondition.NextExit => container.Signals.NextExit,
            WaitCondition.Removed => container.Signals.Removed,
            WaitCondition.NotRunning => NotRunning(container),
            _ => throw new GantryException(ErrorKind.InvalidArgument, $"invalid condition: \"{condition}\""),
        };
        return wait.WaitAsync(cancellation);
    }

    private static Task<WaitResult> NotRunning(Container container)
    {
        // Taken before the state is looked at: an exit in between completes it.
        var next = container.Signals.NextExit;
        var state = container.State;
        return state.IsRunning || state.Status is ContainerStatus.Restarting ? next : Task.FromResult(Result(state));
    }

    internal static WaitResult Result(ContainerState state) => new(state.ExitCode, state.Error.Length > 0 && state.ExitCode == 255 ? state.Error : null);
}
