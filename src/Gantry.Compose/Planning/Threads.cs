namespace Gantry.Compose.Planning;

/// <summary>Runs calls that block their thread, as those of the command line's client do, side by side.</summary>
public static class Threads
{
    /// <summary>Runs one on a thread of its own.</summary>
    public static Task RunAsync(Func<Task> call) =>
        Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    /// <summary>Runs one that has a result on a thread of its own.</summary>
    public static Task<T> RunAsync<T>(Func<Task<T>> call) =>
        Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    /// <summary>Runs one for each element, a single one right here.</summary>
    public static async Task ForEachAsync<T>(IReadOnlyCollection<T> elements, Func<T, Task> call)
    {
        if (elements.Count == 1)
            await call(elements.First()).ConfigureAwait(false);
        else if (elements.Count > 1)
            await Task.WhenAll(elements.Select(element => RunAsync(() => call(element)))).ConfigureAwait(false);
    }
}
