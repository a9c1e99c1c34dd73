using System.Diagnostics;

namespace Gantry.Engine.Information;

/// <summary>How long actions took that succeeded, counted by the buckets of Prometheus' own clients.</summary>
/// <param name="actions">The actions; those that have not happened are there too, with zeros.</param>
internal sealed class ActionTimes(params string[] actions)
{
    private readonly Lock _lock = new();
    private readonly long[][] _counts = [.. actions.Select(static _ => new long[Bounds.Length + 1])];
    private readonly double[] _seconds = new double[actions.Length];

    /// <summary>Upper bounds of the buckets, in seconds; beyond the last is one more.</summary>
    internal static readonly double[] Bounds = [.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10];

    /// <summary>Counts an action that has just succeeded.</summary>
    /// <param name="action">One of the actions.</param>
    /// <param name="begun">When it began (<see cref="Stopwatch.GetTimestamp"/>).</param>
    internal void Took(string action, long begun)
    {
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        var (index, bucket) = (Array.IndexOf(actions, action), Array.FindIndex(Bounds, bound => seconds <= bound));
        lock (_lock)
        {
            _counts[index][bucket < 0 ? Bounds.Length : bucket]++;
            _seconds[index] += seconds;
        }
    }

    /// <summary>For each action how many fell into each bucket, and the seconds of all.</summary>
    internal IReadOnlyList<(string Action, IReadOnlyList<long> Counts, double Seconds)> Read()
    {
        lock (_lock)
            return [.. actions.Select((action, index) => (action, (IReadOnlyList<long>)[.. _counts[index]], _seconds[index]))];
    }
}

/// <summary>The actions of an engine that its metrics tell the times of, by docker's names.</summary>
internal sealed class EngineActions
{
    /// <summary>Those of containers.</summary>
    internal ActionTimes Containers { get; } = new("changes", "commit", "create", "delete", "start");

    /// <summary>Those of networks: all that a starting container is connected to, one connection, and what follows its end.</summary>
    internal ActionTimes Networks { get; } = new("allocate", "connect", "release");
}
