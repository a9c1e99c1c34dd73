using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands.Buildx;

/// <summary><c>--timeout</c>: how long the builder has to tell of itself.</summary>
internal sealed class BuilderTimeout(FlagSet flags)
{
    private readonly ValueFlag<long> _timeout =
        flags.Value("timeout", '\0', "duration", "Override the default timeout for loading builder status", GoDuration.Parse, 20_000_000_000, "20s");

    /// <summary>Asks the daemon.</summary>
    /// <exception cref="CommandException">The answer did not come in time.</exception>
    public async Task<T> WithinAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            // The client's sockets block: who waits for no longer than this leaves another thread behind.
            return await Task.Run(ask).WaitAsync(TimeSpan.FromTicks(Math.Max(_timeout.Value, 0) / TimeSpan.NanosecondsPerTick)).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new CommandException("failed to load the builder: context deadline exceeded: give it more time by --timeout");
        }
    }
}
