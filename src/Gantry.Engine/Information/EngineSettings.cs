using Gantry.Build.Cache;

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

    /// <summary>The filter of system calls of containers that name none: <c>builtin</c>, <c>unconfined</c> or a file.</summary>
    public string SeccompProfile { get; init; } = "builtin";

    /// <summary>Where vendors' descriptions of devices are (CDI); what is in a later folder counts more.</summary>
    public IReadOnlyList<string> DeviceFolders { get; init; } = ["/etc/cdi", "/var/run/cdi"];

    /// <summary>How much of what builds leave stays.</summary>
    public CacheCollection BuildCache { get; init; } = new();

    /// <summary>Whether containers that do not say let no process gain privileges.</summary>
    public bool NoNewPrivileges { get; init; }
}
