using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Oci;

namespace Gantry.Cli.Commands.Containers;

/// <summary>The containers that a live <c>stats</c> shows, each followed on a connection of its own.</summary>
internal sealed class StatsBoard(EngineClient client) : IDisposable
{
    private readonly Dictionary<string, Followed> _followed = [];
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Whether any container is still followed.</summary>
    public bool IsAlive => _followed.Values.Any(followed => !followed.Reading.IsCompleted);

    /// <summary>Why a container cannot be followed; null when all can.</summary>
    public Exception? Failure => _followed.Values.Select(followed => followed.Failure).FirstOrDefault(failure => failure is not null);

    /// <summary>Follows these containers and no others; returns when there is a first reading of the new ones.</summary>
    public async Task FollowAsync(IReadOnlyList<string> names)
    {
        foreach (var gone in _followed.Keys.Except(names).ToList())
            _followed.Remove(gone);
        var added = names.Except(_followed.Keys).ToList();
        foreach (var name in added)
        {
            var followed = _followed[name] = new Followed();
            // The client's connections block: each has a thread.
            followed.Reading = Task.Factory.StartNew(() =>
                ReadAsync(name, followed).GetAwaiter().GetResult(), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        await Task.WhenAll(added.Select(name => _followed[name].First.Task)).ConfigureAwait(false);
    }

    /// <summary>The last readings, in the order in which the containers were named.</summary>
    public IEnumerable<StatsRow> Rows() => _followed.Select(static entry => new StatsRow(entry.Key, entry.Value.Last));

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task ReadAsync(string name, Followed followed)
    {
        try
        {
            using var readings = await client.FollowContainerStatsAsync(name, _stop.Token).ConfigureAwait(false);
            while (await readings.NextAsync(ApiJson.Wire.ContainerStatsResponse, _stop.Token).ConfigureAwait(false) is { } reading)
            {
                followed.Last = reading;
                followed.First.TrySetResult();
            }
        }
        catch (Exception error) when (error is ClientException or GantryException or EngineUnreachableException or IOException or OperationCanceledException)
        {
            followed.Failure = error;
        }
        finally
        {
            followed.Last = null;
            followed.First.TrySetResult();
        }
    }

    private sealed class Followed
    {
        public Task Reading { get; set; } = Task.CompletedTask;

        public TaskCompletionSource First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ContainerStatsResponse? Last { get; set; }

        public Exception? Failure { get; set; }
    }
}
