using Gantry.Os;
using Gantry.Os.Processes;
using Gantry.Runtime.Cli.Keeper.Loop;

namespace Gantry.Runtime.Cli.Keeper;

/// <summary>What became of a spawn.</summary>
/// <param name="Result">The child, or the operation that failed; null when there was no child at all.</param>
/// <param name="StartTicks">When it started, in clock ticks since boot.</param>
/// <param name="StartedAt">When it started, in nanoseconds since 1970.</param>
/// <param name="Failure">Why there was no child.</param>
internal readonly record struct SpawnOutcome(SpawnResult? Result, long StartTicks, long StartedAt, OsException? Failure);

/// <summary>Starts processes on threads of their own: creating one lasts until its execve, and mounts and disks are in between.</summary>
internal sealed class Spawner(EventLoop loop)
{
    private const int StackSize = 256 * 1024;

    private readonly ProcessSpawner _spawner = new();

    /// <summary>Starts a process.</summary>
    /// <param name="program">What it does.</param>
    /// <param name="descriptors">What the program refers to; closed afterwards.</param>
    /// <param name="finished">Called on the loop.</param>
    /// <param name="started">Called before, on the spawn's thread, after a success: for what touches the disk.</param>
    public void Start(ProcessProgram program, IReadOnlyList<Fd> descriptors, Action<SpawnOutcome> finished, Action<SpawnOutcome> started)
    {
        var thread = new Thread(() =>
        {
            var outcome = Spawn(program, descriptors);
            foreach (var descriptor in descriptors)
                descriptor.Dispose();
            // Before the loop tells of it: a record written later could come after that of the same ID's next process.
            if (outcome.Result is { Pid: > 0 })
                started(outcome);
            loop.Post(() => finished(outcome));
        }, StackSize)
        { Name = "spawn", IsBackground = true };
        thread.Start();
    }

    private SpawnOutcome Spawn(ProcessProgram program, IReadOnlyList<Fd> descriptors)
    {
        try
        {
            var startedAt = Clock.RealTimeNanoseconds;
            var result = _spawner.Spawn(program, [.. descriptors.Select(d => d.Number)]);
            return new SpawnOutcome(result, result.Pid > 0 ? PidFd.StartTicks(result.Pid) ?? 0 : 0, startedAt, null);
        }
        catch (OsException error)
        {
            return new SpawnOutcome(null, 0, 0, error);
        }
    }
}
