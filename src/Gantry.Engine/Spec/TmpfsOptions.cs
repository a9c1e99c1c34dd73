namespace Gantry.Engine.Spec;

/// <summary>Mount options of a tmpfs: docker's defaults, overridden one by one by what the user gives.</summary>
internal static class TmpfsOptions
{
    private static readonly (string On, string Off)[] s_pairs =
        [("noexec", "exec"), ("nosuid", "suid"), ("nodev", "dev"), ("ro", "rw"), ("noatime", "atime")];

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
