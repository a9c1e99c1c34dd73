using System.Collections.Concurrent;
using Gantry.BuildKit.Grpc;
using Gantry.BuildKit.Llb;
using Gantry.Oci;

namespace Gantry.BuildKit.Control;

/// <summary>The builds that are under way, by the names that clients give them. Safe for use by several threads.</summary>
internal sealed class JobRegistry
{
    /// <summary>A client may follow a build before it has begun.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>A build may have ended before its client follows it: so many of those that did are remembered.</summary>
    private const int RememberedJobs = 32;

    private readonly ConcurrentDictionary<string, TaskCompletionSource<BuildJob>> _jobs = new();
    private readonly ConcurrentQueue<string> _ended = new();

    /// <summary>Makes a build known. It has ended when what is returned is disposed.</summary>
    /// <exception cref="GrpcException">There is another one of that name.</exception>
    public IDisposable Add(BuildJob job)
    {
        var entry = _jobs.GetOrAdd(job.Request.Ref, _ => Waiting());
        return entry.TrySetResult(job) ? new Entry(this, job.Request.Ref)
            : throw new GrpcException(GrpcCode.AlreadyExists, $"job ID {job.Request.Ref} already exists");
    }

    /// <summary>Whether a build is under way, or has just ended.</summary>
    public bool Has(string name) => _jobs.TryGetValue(name, out var entry) && entry.Task.IsCompleted;

    /// <summary>A build, which may be about to begin.</summary>
    /// <exception cref="GrpcException">It does not.</exception>
    public async Task<BuildJob> WaitAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return await _jobs.GetOrAdd(name, _ => Waiting()).Task.WaitAsync(s_patience, cancellation);
        }
        catch (TimeoutException error)
        {
            _jobs.TryRemove(name, out _);
            throw new GrpcException(GrpcCode.NotFound, $"no such job {name}", cause: error);
        }
    }

    /// <summary>A result of a build that is under way, for another one to stand on.</summary>
    /// <exception cref="GantryException">There is none of that name.</exception>
    public async Task<SharedResult> FindResultAsync(string name)
    {
        foreach (var job in _jobs.Values.Where(entry => entry.Task.IsCompletedSuccessfully).Select(entry => entry.Task.Result))
        {
            if (await job.ShareAsync(name) is { } found)
                return found;
        }
        throw GantryException.NotFound($"no such ref: {name}");
    }

    private static TaskCompletionSource<BuildJob> Waiting() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Entry(JobRegistry registry, string name) : IDisposable
    {
        public void Dispose()
        {
            registry._ended.Enqueue(name);
            if (registry._ended.Count > RememberedJobs && registry._ended.TryDequeue(out var oldest))
                registry._jobs.TryRemove(oldest, out _);
        }
    }
}
