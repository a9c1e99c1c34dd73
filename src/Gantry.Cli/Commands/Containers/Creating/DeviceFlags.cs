using System.Globalization;
using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Oci.Values;

namespace Gantry.Cli.Commands.Containers.Creating;

/// <summary>The values of the flags for devices.</summary>
internal static class DeviceFlags
{
    /// <summary>Whether a device is named as a CDI device, <c>vendor/class=name</c>, not by a path.</summary>
    public static bool IsQualifiedName(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && equals > slash + 1 && equals < text.Length - 1 && char.IsAsciiLetter(text[0]);
    }

    /// <summary>Checks <c>--device</c>: <c>/dev/on-host[:/dev/inside][:rwm]</c>, or a CDI name.</summary>
    public static string Check(string text)
    {
        if (IsQualifiedName(text))
            return text;
        var parts = text.Split(':');
        if (parts.Length > 3 || parts[0].Length == 0)
            throw new FormatException($"bad format for path: {text}");
        if (parts.Length == 3 && !IsMode(parts[2]))
            throw new FormatException($"bad mode specified: {parts[2]}");
        var inside = parts.Length > 1 && !(parts.Length == 2 && IsMode(parts[1])) ? parts[1] : parts[0];
        return inside.StartsWith('/') ? text : throw new FormatException($"{inside} is not an absolute path");
    }

    /// <summary>Reads a value that <see cref="Check"/> let pass.</summary>
    public static DeviceMapping ParseMapping(string text)
    {
        var parts = text.Split(':');
        var mode = parts.Length == 3 ? parts[2] : parts.Length == 2 && IsMode(parts[1]) ? parts[1] : "rwm";
        var inside = parts.Length == 3 || parts.Length == 2 && !IsMode(parts[1]) ? parts[1] : parts[0];
        return new DeviceMapping { PathOnHost = parts[0], PathInContainer = inside, CgroupPermissions = mode };
    }

    /// <summary>Checks <c>--device-cgroup-rule</c>, e.g. <c>c 42:* rmw</c>.</summary>
    public static string CheckRule(string text)
    {
        var words = text.Split(' ');
        var numbers = words.Length == 3 ? words[1].Split(':') : [];
        return words.Length == 3 && words[0] is "a" or "b" or "c" && numbers.Length == 2 && Array.TrueForAll(numbers, IsNumberOrStar)
            && words[2].Length is >= 1 and <= 3 && words[2].All(static letter => letter is 'r' or 'w' or 'm')
            ? text
            : throw new FormatException($"invalid device cgroup format '{text}'");
    }

    /// <summary>Reads <c>path:weight</c>.</summary>
    public static WeightDevice ParseWeight(string text)
    {
        var (path, value) = Split(text);
        return ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var weight) && weight is 0 or (>= 10 and <= 1000)
            ? new WeightDevice { Path = path, Weight = weight }
            : throw new FormatException($"invalid weight for device: {text}");
    }

    /// <summary>Reads <c>path:bytes</c>, with a unit.</summary>
    public static ThrottleDevice ParseBytesRate(string text)
    {
        var (path, value) = Split(text);
        try
        {
            var rate = ByteSize.Parse(value);
            return new ThrottleDevice { Path = path, Rate = (ulong)rate };
        }
        catch (FormatException)
        {
            throw new FormatException(
                $"invalid rate for device: {text}. The correct format is <device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb");
        }
    }

    /// <summary>Reads <c>path:count</c>.</summary>
    public static ThrottleDevice ParseCountRate(string text)
    {
        var (path, value) = Split(text);
        return ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var rate)
            ? new ThrottleDevice { Path = path, Rate = rate }
            : throw new FormatException($"invalid rate for device: {text}. The correct format is <device-path>:<number>. Number must be a positive integer");
    }

    private static bool IsMode(string text) =>
        text.Length > 0 && text.All(static letter => letter is 'r' or 'w' or 'm') && text.Distinct().Count() == text.Length;

    private static bool IsNumberOrStar(string text) => text == "*" || text.Length > 0 && text.All(char.IsAsciiDigit);

    private static (string Path, string Value) Split(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0)
            throw new FormatException($"bad format: {text}");
        return text.StartsWith("/dev/", StringComparison.Ordinal) ? (text[..colon], text[(colon + 1)..])
            : throw new FormatException($"bad format for device path: {text}");
    }
}
