namespace Gantry.Registry.Client.Errors;

/// <summary>What a request to a registry was about; every error names it.</summary>
/// <param name="Registry">The registry as it stands in image names, e.g. <c>docker.io</c>.</param>
/// <param name="Repository">The repository within it, or null when the request was about the registry itself.</param>
/// <param name="Reference">A tag or a digest, or null.</param>
public sealed record RegistrySubject(string Registry, string? Repository = null, string? Reference = null)
{
    /// <summary>The repository as docker prints it: <c>busybox</c>, <c>localhost:5000/app</c>.</summary>
    public string FamiliarName
    {
        get
        {
            if (Repository is null)
                return Registry;
            if (Registry != Oci.Images.ImageReference.DefaultDomain)
                return $"{Registry}/{Repository}";
            const string official = "library/";
            return Repository.StartsWith(official, StringComparison.Ordinal) ? Repository[official.Length..] : Repository;
        }
    }

    /// <summary>The subject as docker prints it, with its tag or digest.</summary>
    public string Familiar => FamiliarName + Suffix;

    private string Suffix => Reference is null ? "" : Reference.Contains(':', StringComparison.Ordinal) ? "@" + Reference : ":" + Reference;

    /// <summary>The whole name: <c>docker.io/library/busybox:latest</c>.</summary>
    public override string ToString() => (Repository is null ? Registry : $"{Registry}/{Repository}") + Suffix;
}
