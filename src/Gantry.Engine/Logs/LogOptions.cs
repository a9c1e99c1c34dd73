using System.Globalization;
using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Oci;
using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Logs;

/// <summary>What the keeper is told about a container's log.</summary>
internal static class LogOptions
{
    /// <summary>The log of a container; null when it has none.</summary>
    public static LogRequest? For(Container container)
    {
        var config = container.HostConfig.LogConfig;
        if (config.Type == "none")
            return null;
        var (maxSize, maxFiles) = Options(config);
        return new LogRequest { Path = container.LogPath, MaxSize = maxSize, MaxFiles = maxFiles };
    }

    /// <summary>The options of the json-file driver: the size in bytes at which a file is rotated (0: never), and how many files there are.</summary>
    /// <exception cref="GantryException">An option is unknown or malformed (InvalidArgument).</exception>
    public static (long MaxSize, int MaxFiles) Options(LogConfig config)
    {
        long maxSize = 0;
        var maxFiles = 1;
        foreach (var (name, value) in config.Config ?? new Dictionary<string, string>())
        {
            switch (name)
            {
                case "max-size":
                    maxSize = Size(value);
                    break;
                case "max-file":
                    if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out maxFiles) || maxFiles < 1)
                        throw GantryException.Invalid($"invalid max-file \"{value}\" in log options: a number from 1 on");
                    break;
                case "mode" when value is "blocking":
                    break;
                default:
                    throw GantryException.Invalid($"unknown log opt '{name}' for {config.Type} log driver");
            }
        }

        if (maxFiles > 1 && maxSize == 0)
            throw GantryException.Invalid("max-file cannot be used without max-size in log options");
        return (maxSize, maxFiles);
    }

    private static long Size(string text)
    {
        var digits = text.TrimEnd('b', 'B', 'i');
        var shift = digits.Length == 0 ? 0 : char.ToLowerInvariant(digits[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, 't' => 40, _ => 0 };
        var number = shift == 0 ? digits : digits[..^1];
        return decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var size) && size > 0
            ? (long)(size * (1L << shift))
            : throw GantryException.Invalid($"invalid max-size \"{text}\" in log options: a size such as 10m");
    }
}
