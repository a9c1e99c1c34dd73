namespace Gantry.Engine.Containers;

/// <summary>How a wait for a container ended (Engine API, <c>ContainerWaitResponse</c>).</summary>
/// <param name="StatusCode">The exit code of its process.</param>
/// <param name="Error">Why the exit code is not known; null otherwise.</param>
public sealed record WaitResult(int StatusCode, string? Error);

/// <summary>The two things that clients wait for in the life of one container.</summary>
internal sealed class ContainerSignals
{
    private readonly Lock _lock = new();
    private TaskCompletionSource<WaitResult> _nextExit = Source();
    private readonly TaskCompletionSource<WaitResult> _removed = Source();
    private WaitResult _lastExit = new(0, null);

    /// <summary>The next end of the process.</summary>
    public Task<WaitResult> NextExit
    {
        get
        {
            lock (_lock)
                return _nextExit.Task;
        }
    }

    /// <summary>The removal; carries the last exit code.</summary>
    public Task<WaitResult> Removed => _removed.Task;

    /// <summary>The process ended.</summary>
    public void Exited(WaitResult result)
    {
        TaskCompletionSource<WaitResult> waiting;
        lock (_lock)
        {
            waiting = _nextExit;
            _nextExit = Source();
            _lastExit = result;
        }

        waiting.TrySetResult(result);
    }

    /// <summary>The container is gone; whoever still waits for an exit learns the last one.</summary>
    public void Gone()
    {
        _removed.TrySetResult(_lastExit);
        NextExitSource().TrySetResult(_lastExit);
    }

    /// <summary>What a container that was loaded from disk ended with.</summary>
    public void Restore(WaitResult result) => _lastExit = result;

    private TaskCompletionSource<WaitResult> NextExitSource()
    {
        lock (_lock)
            return _nextExit;
    }

    private static TaskCompletionSource<WaitResult> Source() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
