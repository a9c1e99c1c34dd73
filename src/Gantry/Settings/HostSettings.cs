namespace Gantry.Settings;

/// <summary>What the daemon's settings say of all containers together.</summary>
internal sealed record HostSettings
{
    /// <summary>Whether containers that do not say have the engine's init.</summary>
    public bool Init { get; init; }

    /// <summary>The cgroup in which that of all containers is.</summary>
    public required string CgroupRoot { get; init; }

    /// <summary>How long the logs of removed containers stay.</summary>
    public TimeSpan KeepRemovedLogs { get; init; }

    /// <summary>What logs may take that say nothing of it; null: a part of the disk.</summary>
    public long? LogBudget { get; init; }
}
