namespace Gantry.Engine.Logs;

/// <summary>One follower's watch of a folder: an event that is taken back by waiting for it.</summary>
internal sealed class LogWatch(LogWatcher watcher, int number) : IDisposable
{
    private TaskCompletionSource _changed = Fresh();

    /// <summary>Which of the watcher's watches it belongs to.</summary>
    internal int Number => number;

    /// <summary>Completes when something has happened since <see cref="Reset"/>.</summary>
    internal Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>Begins to note changes anew; to be called before looking at the files, so that a change during the look is noted.</summary>
    internal void Reset()
    {
        if (_changed.Task.IsCompleted)
            Volatile.Write(ref _changed, Fresh());
    }

    internal void Signal() => Volatile.Read(ref _changed).TrySetResult();

    public void Dispose() => watcher.Remove(this);

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
