using Gantry.Oci.Images;

namespace Gantry.Images.Pull;

/// <summary>
/// Transfers that several pulls want at the same time, each done once. It goes on while anybody waits for it; when the last one gives up, it is
/// cancelled.
/// </summary>
internal sealed class SharedTransfers
{
    private readonly Dictionary<Digest, Transfer> _running = [];
    private readonly Lock _gate = new();

    /// <summary>Takes part in the transfer of a blob, which is begun when there is none.</summary>
    /// <param name="blob">What is transferred.</param>
    /// <param name="progress">Is told how it goes, also when somebody else began it.</param>
    /// <param name="work">The transfer: it reports to all who wait and stops when nobody does.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    internal async Task RunAsync(
        Digest blob, Action<ImageProgress> progress, Func<Action<ImageProgress>, CancellationToken, Task> work, CancellationToken cancellation)
    {
        while (true)
        {
            var (transfer, dying, isOwn) = Join(blob, progress, work);
            if (transfer is null)
            {
                // What was given up still holds the unfinished file: its end is awaited, and then it is begun anew.
                await dying.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellation.ThrowIfCancellationRequested();
                continue;
            }
            try
            {
                await transfer.Work.WaitAsync(cancellation);
                return;
            }
            catch (Exception) when (!isOwn && !cancellation.IsCancellationRequested)
            {
                // Somebody else's registry, or credentials, were no good: one's own may be better.
            }
            finally
            {
                // Whoever gives up last goes when it has ended, so that nothing of a pull outlives it.
                if (Leave(transfer, progress))
                    await transfer.Work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private (Transfer? Joined, Task Dying, bool IsOwn) Join(
        Digest blob, Action<ImageProgress> progress, Func<Action<ImageProgress>, CancellationToken, Task> work)
    {
        lock (_gate)
        {
            if (_running.TryGetValue(blob, out var transfer))
            {
                if (transfer.Observers.Count == 0)
                    return (null, transfer.Work, false);
                transfer.Observers.Add(progress);
                return (transfer, transfer.Work, false);
            }
            transfer = new Transfer();
            transfer.Observers.Add(progress);
            _running.Add(blob, transfer);
            transfer.Work = Task.Run(async () =>
            {
                try
                {
                    await work(message => Report(transfer, message), transfer.Cancellation.Token);
                }
                finally
                {
                    lock (_gate)
                        _running.Remove(blob);
                }
            });
            return (transfer, transfer.Work, true);
        }
    }

    /// <returns>Whether nobody is left.</returns>
    private bool Leave(Transfer transfer, Action<ImageProgress> progress)
    {
        lock (_gate)
        {
            transfer.Observers.Remove(progress);
            if (transfer.Observers.Count > 0)
                return false;
        }
        transfer.Cancellation.Cancel();
        return true;
    }

    private void Report(Transfer transfer, ImageProgress message)
    {
        Action<ImageProgress>[] observers;
        lock (_gate)
            observers = [.. transfer.Observers];
        foreach (var observer in observers)
            observer(message);
    }

    private sealed class Transfer
    {
        internal List<Action<ImageProgress>> Observers { get; } = [];

        internal CancellationTokenSource Cancellation { get; } = new();

        internal Task Work { get; set; } = Task.CompletedTask;
    }
}
