using Gantry.Build.Graph;
using Gantry.Os;

namespace Gantry.Build.Steps;

/// <summary>Runs the processes of build steps. The engine implements it with the runtime that runs its containers.</summary>
public interface IStepRunner
{
    /// <summary>Runs one process to its end; nothing of it is left then.</summary>
    /// <param name="request">What to run, and on what.</param>
    /// <param name="cancellation">Kills it.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="Oci.GantryException">It cannot be started.</exception>
    Task<int> RunAsync(StepRequest request, CancellationToken cancellation);
}

/// <summary>A process of a build step.</summary>
public sealed record StepRequest
{
    /// <summary>What is run.</summary>
    public required ExecOperation Operation { get; init; }

    /// <summary>The environment, secrets included.</summary>
    public required IReadOnlyList<string> Environment { get; init; }

    /// <summary>The root filesystem, writable, mounted nowhere; the caller keeps it.</summary>
    public required Fd Root { get; init; }

    /// <summary>What is mounted into it.</summary>
    public IReadOnlyList<ReadyMount> Mounts { get; init; } = [];

    /// <summary>Gets what the process writes: 1 is its output, 2 its errors.</summary>
    public required Action<int, ReadOnlyMemory<byte>> Output { get; init; }
}

/// <summary>A mount whose source is there.</summary>
/// <param name="Target">The absolute path in the step.</param>
/// <param name="Source">The source as a mount attached nowhere, which the caller keeps; null: a tmpfs.</param>
/// <param name="ReadOnly">Whether nothing can be written.</param>
/// <param name="TmpfsSize">The most bytes of a tmpfs; 0: the default.</param>
public sealed record ReadyMount(string Target, Fd? Source, bool ReadOnly, long TmpfsSize = 0);
