using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Engine.Logs.Shipping;
using Gantry.Oci;
using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Logs;

/// <summary>
/// The log drivers and their options. Every driver but <c>none</c> has a file of the keeper's: for <c>json-file</c> and <c>local</c> it is the log; the
/// others ship from it, and <c>logs</c> reads it.
/// </summary>
internal static class LogOptions
{
    /// <summary>The drivers.</summary>
    public static readonly IReadOnlyList<string> Drivers = ["json-file", "local", "none", .. LogShippers.Drivers];

    private const int MostAttributes = 3 * 1024; // What the keeper's buffer has room for.
    private const long BoundedSize = 20 << 20;
    private const int BoundedFiles = 5;

    private static readonly string[] s_ofAll = ["labels", "labels-regex", "env", "env-regex", "tag", "mode"];

    /// <summary>The log of a container; null when it has none.</summary>
    /// <exception cref="GantryException">What the options choose is too long (InvalidArgument).</exception>
    public static LogRequest? For(Container container)
    {
        var config = container.HostConfig.LogConfig;
        if (config.Type == "none")
            return null;
        var (maxSize, maxFiles) = Options(config);
        return new LogRequest { Path = container.LogPath, MaxSize = maxSize, MaxFiles = maxFiles, Attributes = Attributes(container) };
    }

    /// <summary>Checks the options of a driver, and reads how its file is bounded: at which size it is rotated (0: never), and how many there are.</summary>
    /// <exception cref="GantryException">An option is unknown or malformed (InvalidArgument), or not offered (NotImplemented).</exception>
    public static (long MaxSize, int MaxFiles) Options(LogConfig config)
    {
        var options = config.Config ?? new Dictionary<string, string>();
        var isFile = config.Type is "" or "json-file" or "local";
        var prefix = isFile ? "" : "cache-";
        var (maxSize, maxFiles) = config.Type is "" or "json-file" or "none" ? (0L, 1) : (BoundedSize, BoundedFiles);
        foreach (var (name, value) in options)
        {
            if (name == prefix + "max-size" && config.Type != "none")
                maxSize = value == "-1" && isFile ? 0 : Size(name, value);
            else if (name == prefix + "max-file" && config.Type != "none")
                maxFiles = Count(name, value);
            else if (name is "compress" or "cache-compress" or "cache-disabled" && config.Type != "none")
                RefuseIfOn(name, value);
            else if (name == "mode")
                CheckMode(isFile, value);
            else if (s_ofAll.Contains(name) && config.Type != "none")
                CheckCommon(name, value);
            else if (!LogShippers.Knows(config.Type, name))
                throw GantryException.Invalid($"unknown log opt '{name}' for {(config.Type.Length > 0 ? config.Type : "json-file")} log driver");
        }
        LogShippers.Check(config.Type, options);
        return (maxSize, maxFiles);
    }

    private static string? Attributes(Container container)
    {
        var subject = new LogSubject(container);
        var attributes = subject.Attributes();
        if (container.HostConfig.LogConfig.Type is not "json-file" and not "local")
            return null; // They are told by whoever ships.
        if (subject.Options.ContainsKey("tag"))
            attributes["tag"] = subject.Tag;
        if (attributes.Count == 0)
            return null;
        var json = JsonSerializer.Serialize(attributes, EngineJson.Lines.DictionaryStringString);
        return json.Length <= MostAttributes ? json
            : throw GantryException.Invalid($"the labels and variables in each line of the log would be longer than {MostAttributes} bytes: choose less by --log-opt labels and env");
    }

    private static void CheckCommon(string name, string value)
    {
        if (name == "tag")
            _ = LogSubject.ExpandTag(value, LogSubject.KnownField);
        if (!name.EndsWith("-regex", StringComparison.Ordinal))
            return;
        try
        {
            _ = new Regex(value, RegexOptions.CultureInvariant);
        }
        catch (ArgumentException e)
        {
            throw GantryException.Invalid($"invalid {name} \"{value}\" in log options: {e.Message}", e);
        }
    }

    /// <summary>Who ships never holds up a process, whatever the mode; a file is waited for.</summary>
    private static void CheckMode(bool isFile, string value)
    {
        if (value is not ("blocking" or "non-blocking"))
            throw GantryException.Invalid($"logger: logging mode not supported: {value}");
        if (isFile && value == "non-blocking")
            throw GantryException.NotImplemented("this version of Gantry does not write log files in the mode non-blocking");
    }

    private static void RefuseIfOn(string name, string value)
    {
        if (!bool.TryParse(value, out var on))
            throw GantryException.Invalid($"invalid {name} \"{value}\" in log options: true or false");
        if (on)
            throw GantryException.NotImplemented($"this version of Gantry does not do {name}=true in log options");
    }

    private static int Count(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1
            ? count
            : throw GantryException.Invalid($"invalid {name} \"{value}\" in log options: a number from 1 on");

    private static long Size(string name, string text)
    {
        var digits = text.TrimEnd('b', 'B', 'i');
        var shift = digits.Length == 0 ? 0 : char.ToLowerInvariant(digits[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, 't' => 40, _ => 0 };
        var number = shift == 0 ? digits : digits[..^1];
        return decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var size) && size > 0
            ? (long)(size * (1L << shift))
            : throw GantryException.Invalid($"invalid {name} \"{text}\" in log options: a size such as 10m");
    }
}
