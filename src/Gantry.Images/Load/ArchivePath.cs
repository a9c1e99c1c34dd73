using System.Text;
using Gantry.Oci;

namespace Gantry.Images.Load;

/// <summary>Paths inside an image archive. Nothing is ever written under them, but what leaves the archive is refused all the same.</summary>
internal static class ArchivePath
{
    /// <summary>The path in its one spelling: no <c>.</c>, no empty parts, no slash at either end.</summary>
    /// <exception cref="GantryException">It is absolute, leaves the archive, or is no text.</exception>
    internal static string Normalize(ReadOnlySpan<byte> name)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(name);
        }
        catch (DecoderFallbackException e)
        {
            throw GantryException.Invalid($"image archive entry {Encoding.UTF8.GetString(name)}: the name is not UTF-8", e);
        }
        return Combine("", text);
    }

    /// <summary>What <paramref name="target"/> means in the folder of the link <paramref name="link"/>.</summary>
    internal static string ResolveLink(string link, ReadOnlySpan<byte> target)
    {
        var slash = link.LastIndexOf('/');
        return Combine(slash < 0 ? "" : link[..slash], Encoding.UTF8.GetString(target));
    }

    private static string Combine(string folder, string path)
    {
        if (path.StartsWith('/'))
            throw GantryException.Invalid($"image archive entry {path}: absolute paths are refused");
        var parts = new List<string>(folder.Split('/', StringSplitOptions.RemoveEmptyEntries));
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".")
                continue;
            if (part != "..")
                parts.Add(part);
            else if (parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else
                throw GantryException.Invalid($"image archive entry {path}: the path leaves the archive");
        }
        return string.Join('/', parts);
    }
}
