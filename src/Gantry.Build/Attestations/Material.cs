using Gantry.Oci.Images;

namespace Gantry.Build.Attestations;

/// <summary>Something from outside that a build used.</summary>
/// <param name="Uri">What it is: a package URL of an image, an address, a repository.</param>
/// <param name="Algorithm">What the digest is by, e.g. <c>sha256</c>, or <c>sha1</c> for commits.</param>
/// <param name="Hex">The digest's digits; empty: its content is not known.</param>
internal sealed record Material(string Uri, string Algorithm, string Hex)
{
    public static Material Of(string uri, Digest digest) => new(uri, digest.Algorithm, digest.Hex);
}

/// <summary>Writes package URLs (purl).</summary>
internal static class PackageUrl
{
    /// <summary>An image's, e.g. <c>pkg:docker/alpine@3.20?platform=linux%2Famd64</c>.</summary>
    public static string OfImage(ImageReference reference, Platform platform)
    {
        var name = reference.WithDefaultTag();
        return $"pkg:docker/{name.FamiliarName}@{Escape(name.Tag ?? name.Digest?.ToString() ?? ImageReference.DefaultTag)}?platform={Escape(platform.ToString())}";
    }

    /// <summary>A package's.</summary>
    /// <param name="type">Its kind, e.g. <c>deb</c>.</param>
    /// <param name="space">Whose it is, e.g. <c>debian</c>; empty: nobody's.</param>
    /// <param name="name">Its name.</param>
    /// <param name="version">Its version.</param>
    /// <param name="qualifiers">What else tells it from others; those that are empty are left out.</param>
    public static string Of(string type, string space, string name, string version, params ReadOnlySpan<(string Key, string Value)> qualifiers)
    {
        var url = $"pkg:{type}/{(space.Length > 0 ? Escape(space) + "/" : "")}{Escape(name)}@{Escape(version)}";
        var separator = '?';
        foreach (var (key, value) in qualifiers)
        {
            if (value.Length == 0)
                continue;
            url += $"{separator}{key}={Escape(value)}";
            separator = '&';
        }
        return url;
    }

    private static string Escape(string text) => Uri.EscapeDataString(text);
}
