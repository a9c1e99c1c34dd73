using Gantry.Oci;

namespace Gantry.Engine.Spec;

/// <summary>Mount options of a tmpfs: docker's defaults, overridden one by one by what the user gives.</summary>
internal static class TmpfsOptions
{
    private static readonly (string On, string Off)[] s_pairs =
        [("noexec", "exec"), ("nosuid", "suid"), ("nodev", "dev"), ("ro", "rw"), ("noatime", "atime")];

    /// <summary>Those of tmpfs(5) that have a value, and those of mount(8).</summary>
    private static readonly string[] s_values = ["size", "nr_blocks", "nr_inodes", "mode", "uid", "gid", "huge", "mpol"], s_flags =
    [
        "defaults", "ro", "rw", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "sync", "async", "dirsync", "mand", "nomand", "atime", "noatime",
        "diratime",
        "nodiratime", "relatime", "norelatime", "strictatime", "nostrictatime", "noswap", "inode32", "inode64", "private", "rprivate", "shared", "rshared",
        "slave", "rslave",
        "unbindable", "runbindable",
    ];

    /// <summary>Takes apart what <c>--tmpfs</c> has after its path.</summary>
    /// <exception cref="GantryException">An option is unknown (InvalidArgument).</exception>
    public static IReadOnlyList<string> Parse(string options)
    {
        var parts = options.Split(',', StringSplitOptions.RemoveEmptyEntries);
        foreach (var part in parts)
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (!(equals < 0 ? s_flags : s_values).Contains(equals < 0 ? part : part[..equals]))
                throw GantryException.Invalid($"invalid tmpfs option \"{(equals < 0 ? part : part[..equals])}\"");
        }
        return parts;
    }

    public static IEnumerable<string> Merge(IReadOnlyList<string> given)
    {
        var result = new List<string> { "nosuid", "nodev", "noexec" };
        foreach (var option in given)
        {
            result.Remove(Opposite(option));
            if (!result.Contains(option))
                result.Add(option);
        }

        return result;
    }

    private static string Opposite(string option)
    {
        foreach (var (on, off) in s_pairs)
        {
            if (option == on)
                return off;
            if (option == off)
                return on;
        }

        return "";
    }
}
