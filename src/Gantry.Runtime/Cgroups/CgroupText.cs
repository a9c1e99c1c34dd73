using System.Globalization;
using System.Text;

namespace Gantry.Runtime.Cgroups;

/// <summary>The forms in which control files give numbers.</summary>
internal static class CgroupText
{
    /// <summary>A file with one number; null when there is none: no such file, <c>max</c>, or not a number.</summary>
    internal static ulong? Number(CgroupFolder folder, string file) =>
        ulong.TryParse(folder.TryReadText(file), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A file of lines <c>key number</c>; empty when there is no such file.</summary>
    internal static Dictionary<string, ulong> Map(CgroupFolder folder, string file)
    {
        var map = new Dictionary<string, ulong>();
        foreach (var line in Encoding.ASCII.GetString(folder.TryRead(file, out _) ?? []).AsSpan().EnumerateLines())
        {
            var blank = line.IndexOf(' ');
            if (blank > 0 && ulong.TryParse(line[(blank + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                map[line[..blank].ToString()] = number;
        }
        return map;
    }

    /// <summary>A device's <c>major:minor</c>.</summary>
    internal static bool TryParseDevice(string text, out ulong major, out ulong minor)
    {
        var colon = text.IndexOf(':');
        minor = 0;
        return ulong.TryParse(text.AsSpan(0, Math.Max(colon, 0)), NumberStyles.None, CultureInfo.InvariantCulture, out major)
            && ulong.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out minor);
    }
}
