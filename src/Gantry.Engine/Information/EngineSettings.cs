namespace Gantry.Engine.Information;

/// <summary>What a daemon is set to that can change while it runs; shown by <c>docker info</c>.</summary>
public sealed record EngineSettings
{
    /// <summary>Labels of the engine, <c>key=value</c>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Whether much is logged.</summary>
    public bool Debug { get; init; }

    /// <summary>Whether containers run on when the daemon ends.</summary>
    public bool LiveRestore { get; init; } = true;

    /// <summary>Registries that need no certificate.</summary>
    public IReadOnlyList<string> InsecureRegistries { get; init; } = [];

    /// <summary>Mirrors of docker.io.</summary>
    public IReadOnlyList<string> RegistryMirrors { get; init; } = [];

    /// <summary>The logging driver of containers that name none.</summary>
    public string LoggingDriver { get; init; } = "json-file";
}
