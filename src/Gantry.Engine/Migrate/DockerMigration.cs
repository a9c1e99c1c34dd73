namespace Gantry.Engine.Migrate;

/// <summary>What is to be taken over from a Docker.</summary>
public sealed record DockerMigration
{
    /// <summary>Its root folder, as an absolute path.</summary>
    public required string From { get; init; }

    /// <summary>Images, volumes and containers by name or ID; none: everything.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Whether it is only told what would be done.</summary>
    public bool DryRun { get; init; }
}
