using System.Collections.Concurrent;
using Gantry.Build;
using Gantry.Build.Contexts;
using Gantry.Build.History;
using Gantry.Build.Progress;
using Gantry.BuildKit.Llb;
using Gantry.BuildKit.Messages;
using Gantry.BuildKit.Sessions;
using Gantry.Engine.Build;

namespace Gantry.BuildKit.Control;

/// <summary>A build of a client: from its request to its answer. Results that a frontend gave names to live as long as it does.</summary>
internal sealed class BuildJob : IDisposable
{
    private readonly ConcurrentDictionary<string, (OpenBuild Build, IBuildContexts Contexts)> _builds = new();
    private readonly IDisposable _hold;

    /// <param name="request">What is asked for.</param>
    /// <param name="session">The client.</param>
    /// <param name="builds">The builder.</param>
    /// <param name="hold">Keeps contents of contexts; owned.</param>
    /// <param name="clock">The time.</param>
    /// <param name="cancellation">Cancelled when the client gives it up.</param>
    public BuildJob(SolveRequest request, ClientSession session, BuildService builds, IDisposable hold, TimeProvider clock, CancellationToken cancellation)
    {
        (Request, Session, _hold, Cancellation) = (request, session, hold, cancellation);
        // What clients do for themselves, such as to ask for a worker's properties, is no build of the user's.
        Record = request.Internal ? null : builds.History.Begin(request.Ref, request.Frontend, request.FrontendAttributes);
        Progress = new BuildProgress(clock, status =>
        {
            Record?.Tell(status);
            Feed.Tell(status);
        });
        Agents = new AgentSockets(session, builds.Agents);
        Caches = new JobCaches(builds, session, Progress);
        StartedAt = clock.GetUtcNow();
    }

    public SolveRequest Request { get; }

    public ClientSession Session { get; }

    public AgentSockets Agents { get; }

    public JobCaches Caches { get; }

    public CancellationToken Cancellation { get; }

    public DateTimeOffset StartedAt { get; }

    public StatusFeed Feed { get; } = new();

    /// <summary>What stays of it; null: nothing.</summary>
    public BuildRecorder? Record { get; }

    public BuildProgress Progress { get; }

    /// <summary>What the client's own build function came to, for a build that has no frontend.</summary>
    public TaskCompletionSource<ReturnRequest> Returned { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Takes a build, and gives it a name.</summary>
    /// <param name="build">The build; owned.</param>
    /// <param name="contexts">Where its folders come from.</param>
    public string Add(OpenBuild build, IBuildContexts contexts)
    {
        var name = Guid.NewGuid().ToString("N");
        _builds[name] = (build, contexts);
        return name;
    }

    /// <summary>A build by its name; null: there is none.</summary>
    public OpenBuild? Find(string name) => _builds.TryGetValue(name, out var found) ? found.Build : null;

    /// <summary>A build that another one stands on; null: there is none.</summary>
    public async Task<SharedResult?> ShareAsync(string name) =>
        _builds.TryGetValue(name, out var found) ? new SharedResult(name, await found.Build.CompileAsync(Cancellation), found.Contexts) : null;

    public void Dispose()
    {
        Feed.Complete();
        Agents.Dispose();
        foreach (var (build, _) in _builds.Values)
            build.Dispose();
        _builds.Clear();
        _hold.Dispose();
    }
}
