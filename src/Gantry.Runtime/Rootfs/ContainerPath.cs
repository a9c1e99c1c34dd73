using Gantry.Oci;

namespace Gantry.Runtime.Rootfs;

/// <summary>Paths inside a container, brought to one form.</summary>
internal static class ContainerPath
{
    /// <summary>
    /// The path without <c>.</c>, <c>..</c>, doubled and trailing slashes, and without the leading one: relative to the root. Empty is the
    /// root itself. Resolving <c>..</c> by text is what runc does with destinations, too.
    /// </summary>
    internal static string Normalize(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..")
            {
                if (parts.Count > 0)
                    parts.RemoveAt(parts.Count - 1);
            }
            else if (part != ".")
            {
                parts.Add(part);
            }
        }
        return string.Join('/', parts);
    }

    /// <summary>The normalized destination of a mount or device.</summary>
    /// <exception cref="GantryException">It is the root itself.</exception>
    internal static string Destination(string path)
    {
        var normalized = Normalize(path);
        return normalized.Length > 0 ? normalized : throw GantryException.Invalid($"mount destination \"{path}\" is the root itself");
    }
}
