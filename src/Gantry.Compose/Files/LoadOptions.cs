namespace Gantry.Compose.Files;

/// <summary>How a project is loaded: what the flags of <c>compose</c> and of its commands say.</summary>
public sealed record LoadOptions
{
    /// <summary>The files, <c>-</c> for standard input; empty to look for them.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Files of variables; empty for <c>.env</c> in the project's folder.</summary>
    public IReadOnlyList<string> EnvironmentFiles { get; init; } = [];

    /// <summary>The profiles to activate; empty for those of <c>COMPOSE_PROFILES</c>.</summary>
    public IReadOnlyList<string> Profiles { get; init; } = [];

    /// <summary>The project's name, or empty to derive it.</summary>
    public string ProjectName { get; init; } = "";

    /// <summary>The project's folder, or empty for that of the first file.</summary>
    public string ProjectFolder { get; init; } = "";

    /// <summary>Whether names are joined by underscores, as they were once.</summary>
    public bool Compatibility { get; init; }

    /// <summary>Whether resources that no service uses are kept.</summary>
    public bool AllResources { get; init; }

    /// <summary>Whether variables are replaced.</summary>
    public bool Interpolate { get; init; } = true;

    /// <summary>Whether what is implied is made explicit.</summary>
    public bool Normalize { get; init; } = true;

    /// <summary>Whether paths are made absolute.</summary>
    public bool ResolvePaths { get; init; } = true;

    /// <summary>Whether references between elements are checked.</summary>
    public bool CheckConsistency { get; init; } = true;

    /// <summary>Whether the names of files of labels are kept after these were read.</summary>
    public bool KeepLabelFiles { get; init; }

    /// <summary>Whether files of variables are read into the services' environment.</summary>
    public bool ResolveEnvironment { get; init; } = true;
}

/// <summary>What surrounds a load.</summary>
public sealed record LoadContext
{
    /// <summary>The current folder, absolute.</summary>
    public required string CurrentFolder { get; init; }

    /// <summary>The process's environment.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Takes warnings for the user.</summary>
    public required Action<string> Warn { get; init; }

    /// <summary>Reads standard input for the file <c>-</c>.</summary>
    public required Func<string> ReadInput { get; init; }

    /// <summary>Fetches what a file in a git repository or registry names into a local folder; null when that cannot be done.</summary>
    public Func<string, string>? FetchRemote { get; init; }
}
