using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Gantry.Engine.Events;

/// <summary>
/// Carries events from the services to whoever listens. The last <see cref="Kept"/> are kept for listeners that ask for the past, also those of
/// earlier daemons.
/// A listener that does not read is dropped from, oldest event first, and never holds back the one who publishes.
/// </summary>
public sealed class EventBus : IDisposable
{
    /// <summary>How many past events can be replayed (moby keeps as many).</summary>
    public const int Kept = 256;

    private const int ListenerBuffer = 4096;

    private readonly TimeProvider _clock;
    private readonly EventJournal? _journal;
    private readonly Lock _lock = new();
    private readonly Queue<EngineEvent> _past = new(Kept);
    private readonly List<Channel<EngineEvent>> _listeners = [];
    private readonly Dictionary<(string Type, string Action), long> _counts = [];

    /// <summary>Opens it.</summary>
    /// <param name="clock">Where event times come from.</param>
    /// <param name="journal">The file for the past; null: it ends with this process.</param>
    public EventBus(TimeProvider clock, string? journal = null)
    {
        _clock = clock;
        if (journal is null)
            return;
        _journal = new EventJournal(journal, Kept);
        foreach (var message in _journal.Past)
            _past.Enqueue(message);
    }

    /// <summary>How many listen now.</summary>
    public int Listeners
    {
        get
        {
            lock (_lock)
                return _listeners.Count;
        }
    }

    /// <summary>How many events there were, by type and action; an action is what is before its first colon.</summary>
    public IReadOnlyDictionary<(string Type, string Action), long> Counts()
    {
        lock (_lock)
            return new Dictionary<(string Type, string Action), long>(_counts);
    }

    /// <summary>Publishes an event that happens now.</summary>
    public void Publish(string type, string action, string actorId, IReadOnlyDictionary<string, string> attributes)
    {
        var message = new EngineEvent(type, action, actorId, attributes, _clock.GetUtcNow());
        lock (_lock)
        {
            var key = (type, action.Split(':', 2)[0]);
            _counts[key] = _counts.GetValueOrDefault(key) + 1;
            if (_past.Count == Kept)
                _past.Dequeue();
            _past.Enqueue(message);
            _journal?.Add(message, _past);
            foreach (var listener in _listeners)
                listener.Writer.TryWrite(message);
        }
    }

    /// <summary>
    /// Events from <paramref name="since"/> on (null: from now), until <paramref name="until"/> (null: until cancelled). The listener is
    /// registered when this method returns, so that nothing published after is missed.
    /// </summary>
    public IAsyncEnumerable<EngineEvent> Listen(DateTimeOffset? since, DateTimeOffset? until, CancellationToken cancellation)
    {
        var channel = Channel.CreateBounded<EngineEvent>(
            new BoundedChannelOptions(ListenerBuffer) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        List<EngineEvent> past;
        lock (_lock)
        {
            past = since is null ? [] : [.. _past.Where(e => e.Time >= since && (until is null || e.Time <= until))];
            _listeners.Add(channel);
        }

        return Deliver(channel, past, until, cancellation);
    }

    /// <summary>Closes the journal; what is published after is not written.</summary>
    public void Dispose()
    {
        lock (_lock)
            _journal?.Dispose();
    }

    private async IAsyncEnumerable<EngineEvent> Deliver(
        Channel<EngineEvent> channel, List<EngineEvent> past, DateTimeOffset? until, [EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            foreach (var message in past)
                yield return message;

            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            if (until is { } end)
            {
                var left = end - _clock.GetUtcNow();
                if (left <= TimeSpan.Zero)
                    yield break;
                deadline.CancelAfter(left);
            }

            while (await Next(channel, deadline.Token) is { } message)
                yield return message;
        }
        finally
        {
            lock (_lock)
                _listeners.Remove(channel);
        }
    }

    private static async Task<EngineEvent?> Next(Channel<EngineEvent> channel, CancellationToken end)
    {
        try
        {
            return await channel.Reader.ReadAsync(end);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
