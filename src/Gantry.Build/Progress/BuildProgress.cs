using Gantry.Build.Graph;

namespace Gantry.Build.Progress;

/// <summary>Tells one build's progress to whoever follows it. Safe for use by several threads.</summary>
/// <param name="clock">The time.</param>
/// <param name="sink">Is told, on any thread, one call at a time.</param>
public sealed class BuildProgress(TimeProvider clock, Action<BuildStatus> sink)
{
    private readonly Lock _gate = new();
    // Clients that show several builds at once tell steps apart by these names alone.
    private readonly string _own = Guid.NewGuid().ToString("N");
    private int _lastInternal;

    /// <summary>Begins a step of the builder itself, such as a look-up.</summary>
    public ProgressStep Begin(string name) => Begin($"sha256:{_own}{Interlocked.Increment(ref _lastInternal):x32}", name, [], null);

    /// <summary>Begins a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="instruction">The instruction as written, if it comes from one.</param>
    /// <param name="name">What it is called; null: as its label says.</param>
    public ProgressStep Begin(Node node, string? instruction = null, string? name = null) =>
        Begin(node.Digest.ToString(), name ?? node.Label.Name, [.. node.Inputs.Where(input => input is not null).Select(input => input!.Digest.ToString())],
            instruction);

    /// <summary>Tells what is doubtful.</summary>
    public void Warn(string text) => Tell(new BuildStatus { Warnings = [new StatusWarning { Short = System.Text.Encoding.UTF8.GetBytes(text) }] });

    internal DateTimeOffset Now => clock.GetUtcNow();

    internal void Tell(BuildStatus status)
    {
        lock (_gate)
            sink(status);
    }

    private ProgressStep Begin(string digest, string name, IReadOnlyList<string> inputs, string? instruction)
    {
        var vertex = new StatusVertex { Digest = digest, Name = name, Inputs = inputs.Count > 0 ? inputs : null, Started = Now, Instruction = instruction };
        Tell(new BuildStatus { Vertexes = [vertex] });
        return new ProgressStep(this, vertex);
    }
}

/// <summary>A step that is under way.</summary>
public sealed class ProgressStep
{
    private readonly BuildProgress _progress;
    private StatusVertex _vertex;

    internal ProgressStep(BuildProgress progress, StatusVertex vertex) => (_progress, _vertex) = (progress, vertex);

    /// <summary>It is done.</summary>
    /// <param name="cached">Whether its result was known.</param>
    public void Complete(bool cached = false)
    {
        _vertex = _vertex with { Completed = _progress.Now, Cached = cached };
        _progress.Tell(new BuildStatus { Vertexes = [_vertex] });
    }

    /// <summary>It failed.</summary>
    public void Fail(string error)
    {
        _vertex = _vertex with { Completed = _progress.Now, Error = error };
        _progress.Tell(new BuildStatus { Vertexes = [_vertex] });
    }

    /// <summary>Does the work of the step: it ends, or fails, when that does.</summary>
    /// <param name="work">The work, which may tell more of the step.</param>
    public async Task<T> RunAsync<T>(Func<ProgressStep, Task<T>> work)
    {
        try
        {
            var result = await work(this);
            Complete();
            return result;
        }
        catch (Exception error)
        {
            Fail(error.Message);
            throw;
        }
    }

    /// <summary>As the other, for work without a result.</summary>
    public Task RunAsync(Func<ProgressStep, Task> work) => RunAsync(async step =>
    {
        await work(step);
        return true;
    });

    /// <summary>Why it is run.</summary>
    public void Explain(string reason)
    {
        _vertex = _vertex with { Reason = reason };
        _progress.Tell(new BuildStatus { Vertexes = [_vertex] });
    }

    /// <summary>Something about it is doubtful.</summary>
    public void Warn(StatusWarning warning) => _progress.Tell(new BuildStatus { Warnings = [warning with { Vertex = _vertex.Digest }] });

    /// <summary>It wrote something.</summary>
    public void Log(int stream, ReadOnlyMemory<byte> data) => _progress.Tell(new BuildStatus
    {
        Logs = [new StatusLog { Vertex = _vertex.Digest, Stream = stream, Data = data.ToArray(), Timestamp = _progress.Now }],
    });

    /// <summary>How far a part of it is.</summary>
    public void Part(string id, string name, long current, long total, bool completed = false) => _progress.Tell(new BuildStatus
    {
        Statuses =
        [
            new StatusPart
            {
                Id = id, Vertex = _vertex.Digest, Name = name, Current = current, Total = total, Timestamp = _progress.Now,
                Started = _vertex.Started, Completed = completed ? _progress.Now : null,
            },
        ],
    });
}
