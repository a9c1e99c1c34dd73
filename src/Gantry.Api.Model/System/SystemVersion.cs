using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>Answer of `GET /version`.</summary>
public sealed record SystemVersion
{
    /// <summary>Name of the product.</summary>
    public PlatformName Platform { get; set => field = value ?? new(); } = new();

    /// <summary>Its parts.</summary>
    public IReadOnlyList<VersionComponent> Components { get; set => field = value ?? []; } = [];

    /// <summary>Version of the engine.</summary>
    public string Version { get; set; } = "";

    /// <summary>Newest API version.</summary>
    public string ApiVersion { get; set; } = "";

    /// <summary>Oldest API version.</summary>
    public string MinAPIVersion { get; set; } = "";

    /// <summary>Commit it was built from.</summary>
    public string GitCommit { get; set; } = "";

    /// <summary>Version of the language's runtime.</summary>
    public string GoVersion { get; set; } = "";

    /// <summary>Operating system.</summary>
    public string Os { get; set; } = "";

    /// <summary>CPU architecture, in Go's names.</summary>
    public string Arch { get; set; } = "";

    /// <summary>Kernel release.</summary>
    public string KernelVersion { get; set; } = "";

    /// <summary>Whether experimental features are on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Experimental { get; set; }

    /// <summary>When it was built.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? BuildTime { get; set => field = OmitEmpty.Of(value); }
}

/// <summary>Name of the product.</summary>
public sealed record PlatformName
{
    /// <summary>The name.</summary>
    public string Name { get; set; } = "";
}

/// <summary>A part of the engine.</summary>
public sealed record VersionComponent
{
    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its version.</summary>
    public string Version { get; set; } = "";

    /// <summary>Further facts.</summary>
    public IReadOnlyDictionary<string, string>? Details { get; set; }
}
