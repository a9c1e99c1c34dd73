namespace Gantry.Engine.Containers;

/// <summary>A snapshot of what is known of a container's process. Immutable: a change replaces the whole.</summary>
public sealed record ContainerState
{
    /// <summary>Where the container is in its life.</summary>
    public ContainerStatus Status { get; init; } = ContainerStatus.Created;

    /// <summary>Process id on the host of the container's first process; 0 when none runs.</summary>
    public int Pid { get; init; }

    /// <summary>Exit code of the last run: 0 to 255, 128+n for signal n; 255 when it could not be known, see <see cref="Error"/>.</summary>
    public int ExitCode { get; init; }

    /// <summary>Why the last start failed, or why the exit code is not known; empty otherwise.</summary>
    public string Error { get; init; } = "";

    /// <summary>Whether the kernel killed a process of the last run for want of memory.</summary>
    public bool OomKilled { get; init; }

    /// <summary>When the process was last started; null when never.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the process last ended; null when never.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>How often the restart policy started it again.</summary>
    public int RestartCount { get; init; }

    /// <summary>Whether a user asked for the stop: such a container is not started again by <c>unless-stopped</c>.</summary>
    public bool StoppedByUser { get; init; }

    /// <summary>What is known of its health; null: it has no health check.</summary>
    public Api.Model.Health? Health { get; init; }

    /// <summary>Whether a process of the container exists.</summary>
    public bool IsRunning => Status is ContainerStatus.Running or ContainerStatus.Paused;
}
