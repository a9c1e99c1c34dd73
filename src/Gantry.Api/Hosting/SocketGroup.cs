using System.Globalization;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Api.Hosting;

/// <summary>The group that may use a unix socket.</summary>
internal static class SocketGroup
{
    private const uint KeepOwner = uint.MaxValue;

    /// <summary>The ID of a group given by name or number; null for none.</summary>
    /// <exception cref="GantryException">There is no such group (400).</exception>
    public static int? Find(string? group)
    {
        if (string.IsNullOrEmpty(group)) return null;
        if (int.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
        foreach (var line in File.ReadLines("/etc/group"))
        {
            if (line.Split(':') is [var name, _, var id, ..] && name == group
                && int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var gid)) return gid;
        }
        throw GantryException.Invalid($"give the API socket to group {group}: no such group in /etc/group");
    }

    /// <summary>Makes the group the owner of a file.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static void Give(string path, int group)
    {
        var error = FileMetadata.TrySetOwner(null, KernelPath.FromText(path), KeepOwner, (uint)group);
        if (error != default) throw new OsException($"give {path} to group {group}", error);
    }
}
