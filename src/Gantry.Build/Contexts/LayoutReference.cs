using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Build.Contexts;

/// <summary>An image in an OCI layout: <c>oci-layout://NAME[:TAG][@DIGEST]</c>.</summary>
/// <param name="Name">Whatever whoever opens layouts calls it.</param>
/// <param name="Tag">The entry of its index.</param>
/// <param name="Digest">The manifest or index itself; default: what the tag means.</param>
public sealed record LayoutReference(string Name, string Tag, Digest Digest)
{
    /// <summary>What it begins with.</summary>
    public const string Scheme = "oci-layout://";

    /// <summary>Whether a text is one.</summary>
    public static bool IsOne(string text) => text.StartsWith(Scheme, StringComparison.Ordinal);

    /// <summary>Reads one.</summary>
    /// <exception cref="GantryException">The digest is malformed.</exception>
    public static LayoutReference Parse(string text)
    {
        var place = text[Scheme.Length..];
        var at = place.IndexOf('@', StringComparison.Ordinal);
        var digest = at < 0 ? default : Digest.Parse(place[(at + 1)..]);
        place = at < 0 ? place : place[..at];
        // A path may have a colon in one of its folders.
        var colon = place.LastIndexOf(':');
        return colon > place.LastIndexOf('/') ? new LayoutReference(place[..colon], place[(colon + 1)..], digest)
            : new LayoutReference(place, ImageReference.DefaultTag, digest);
    }
}
