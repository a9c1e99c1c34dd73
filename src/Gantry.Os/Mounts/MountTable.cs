using System.Globalization;
using System.Text;

namespace Gantry.Os.Mounts;

/// <summary>One mount of this process's mount namespace (proc_pid_mountinfo(5)).</summary>
/// <param name="Id">The kernel's number of the mount.</param>
/// <param name="MountPoint">Where it is, an absolute path.</param>
/// <param name="Type">The filesystem's type.</param>
/// <param name="IsShared">Whether it sends mounts made below it to its peers.</param>
/// <param name="IsSlave">Whether it receives mounts from its master.</param>
public sealed record MountTableEntry(int Id, string MountPoint, string Type, bool IsShared, bool IsSlave);

/// <summary>The mounts that this process sees, in the kernel's order: a later one at the same place covers an earlier one.</summary>
public static class MountTable
{
    /// <summary>Reads it.</summary>
    /// <exception cref="IOException">There is no /proc.</exception>
    public static IReadOnlyList<MountTableEntry> Read() => Parse(File.ReadAllText("/proc/self/mountinfo"));

    /// <summary>The mount that <paramref name="path"/>, in which no symbolic link is, lies on.</summary>
    public static MountTableEntry? Find(IReadOnlyList<MountTableEntry> mounts, string path) => mounts
        .Where(mount => mount.MountPoint == "/" || path == mount.MountPoint || path.StartsWith(mount.MountPoint + "/", StringComparison.Ordinal))
        .Select((mount, order) => (mount, order))
        .OrderByDescending(found => found.mount.MountPoint.Length).ThenByDescending(found => found.order)
        .Select(found => found.mount).FirstOrDefault();

    // 36 35 98:0 /root /mount/point rw,noatime shared:1 master:2 - type source super-options
    /// <summary>Reads the text of a mountinfo file.</summary>
    public static IReadOnlyList<MountTableEntry> Parse(string text)
    {
        var result = new List<MountTableEntry>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var separator = line.IndexOf(" - ", StringComparison.Ordinal);
            if (separator < 0)
                continue;
            var fields = line[..separator].Split(' ');
            if (fields.Length < 6)
                continue;
            var type = line[(separator + 3)..].Split(' ')[0];
            result.Add(new MountTableEntry(
                int.Parse(fields[0], CultureInfo.InvariantCulture), Unescape(fields[4]), type,
                fields.AsSpan(6).ToArray().Any(static field => field.StartsWith("shared:", StringComparison.Ordinal)),
                fields.AsSpan(6).ToArray().Any(static field => field.StartsWith("master:", StringComparison.Ordinal))));
        }
        return result;
    }

    // The kernel writes blanks, line ends and backslashes of paths as three octal digits.
    private static string Unescape(string path)
    {
        if (!path.Contains('\\'))
            return path;
        var bytes = Encoding.UTF8.GetBytes(path);
        var result = new List<byte>(bytes.Length);
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == '\\' && i + 3 < bytes.Length)
            {
                result.Add((byte)((bytes[i + 1] - '0') * 64 + (bytes[i + 2] - '0') * 8 + bytes[i + 3] - '0'));
                i += 3;
            }
            else
            {
                result.Add(bytes[i]);
            }
        }
        return Encoding.UTF8.GetString([.. result]);
    }
}
