namespace Gantry.Build.Attestations;

/// <summary>A package that is installed in an image.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Url">What it is for everybody: a package URL.</param>
internal sealed record SoftwarePackage(string Name, string Version, string Url)
{
    /// <summary>The licence that it declares; empty: none, or in no known form.</summary>
    public string License { get; init; } = "";

    /// <summary>Who made it; empty: it does not say.</summary>
    public string Supplier { get; init; } = "";

    /// <summary>The file that tells of it.</summary>
    public required string Source { get; init; }
}
