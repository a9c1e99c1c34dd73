using System.Text.Json;
using System.Text.RegularExpressions;
using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Engine.Logs.Keeping;
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
    private const int StandardBuffer = 1 << 20;

    private static readonly string[] s_ofAll = ["labels", "labels-regex", "env", "env-regex", "tag"];

    /// <summary>How the lines of a driver lie in its file: docker's JSON is for whoever reads the file, the others' only for us.</summary>
    public static LogFormat FormatOf(string driver) => driver is "" or "json-file" ? LogFormat.JsonLines : LogFormat.Paged;

    /// <summary>The log of a container; null when it has none.</summary>
    /// <exception cref="GantryException">What the options choose is too long (InvalidArgument).</exception>
    public static LogRequest? For(Container container, LogBudget budget)
    {
        var config = container.HostConfig.LogConfig;
        if (config.Type == "none")
            return null;
        var settings = Read(config);
        var (size, files) = settings.IsBounded ? (settings.MaxSize, settings.MaxFiles) : budget.Share(settings.MaxFiles);
        return new LogRequest
        {
            Path = container.LogPlace.Path, Format = container.LogPlace.Format, MaxSize = size, MaxFiles = files, Attributes = Attributes(container),
            MaxAge = (long)settings.MaxAge.TotalSeconds, Compress = settings.Compress && files > 1, Buffer = settings.Buffer,
        };
    }

    /// <summary>Checks the options of a driver, and reads those of its file.</summary>
    /// <exception cref="GantryException">An option is unknown or malformed (InvalidArgument).</exception>
    public static LogSettings Read(LogConfig config)
    {
        var options = config.Config ?? new Dictionary<string, string>();
        var isFile = config.Type is "" or "json-file" or "local";
        var isJson = FormatOf(config.Type) == LogFormat.JsonLines;
        var settings = isJson ? new LogSettings() : new LogSettings { IsBounded = true, MaxSize = BoundedSize, MaxFiles = BoundedFiles, Compress = true };
        foreach (var (name, value) in options)
        {
            var known = config.Type == "none" ? null : ReadOfFile(settings, isFile ? name : Uncached(name), name, value, isFile);
            settings = known ?? settings;
            if (known is null && !IsCommon(config.Type, name, value) && !LogShippers.Knows(config.Type, name))
                throw GantryException.Invalid($"unknown log opt '{name}' for {(config.Type.Length > 0 ? config.Type : "json-file")} log driver");
        }
        if (settings.Compress && (settings.MaxFiles == 1 || settings is { IsBounded: true, MaxSize: 0, MaxAge.Ticks: 0 }))
        {
            if (isJson)
                throw GantryException.Invalid("compress cannot be true when max-file is less than 2 or max-size is not set");
            settings = settings with { Compress = false };
        }
        LogShippers.Check(config.Type, options);
        // One file that is emptied would lose all of what is younger.
        if (settings.MaxAge > TimeSpan.Zero && !options.ContainsKey("max-file"))
            settings = settings with { MaxFiles = BoundedFiles };
        return settings with { MaxFiles = settings.IsBounded ? Math.Max(settings.MaxFiles, 1) : settings.MaxFiles, Buffer = BufferOf(options) };
    }

    /// <summary>What the drivers that send lines elsewhere call the option of the file that they keep here; "" when it is none.</summary>
    private static string Uncached(string name) =>
        name == "cache-disabled" || name == "max-age" ? name : name.StartsWith("cache-", StringComparison.Ordinal) ? name["cache-".Length..] : "";

    /// <summary>Takes note of an option of the file; null: it is none.</summary>
    private static LogSettings? ReadOfFile(LogSettings settings, string option, string name, string value, bool isFile) => option switch
    {
        "max-size" when value == "-1" && isFile => settings with { IsBounded = true, MaxSize = 0 },
        "max-size" => settings with { IsBounded = true, MaxSize = LogValues.Size(name, value), MaxFiles = Math.Max(settings.MaxFiles, 1) },
        "max-file" => settings with { MaxFiles = LogValues.Count(name, value) },
        "max-age" => settings with { MaxAge = LogValues.Age(name, value) },
        "compress" => settings with { Compress = LogValues.Flag(name, value) },
        "cache-disabled" when !isFile => settings with { IsReadable = !LogValues.Flag(name, value) },
        _ => null,
    };

    private static bool IsCommon(string driver, string name, string value)
    {
        if (name == "mode")
            return value is "blocking" or "non-blocking" or "" ? true : throw GantryException.Invalid($"logger: logging mode not supported: {value}");
        if (name == "max-buffer-size")
            return true;
        if (driver == "none" || !s_ofAll.Contains(name))
            return false;
        CheckCommon(name, value);
        return true;
    }

    private static int BufferOf(IReadOnlyDictionary<string, string> options)
    {
        var isBlocking = options.GetValueOrDefault("mode", "") != "non-blocking";
        if (!options.TryGetValue("max-buffer-size", out var size))
            return isBlocking ? 0 : StandardBuffer;
        if (isBlocking)
            throw GantryException.Invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
        const int most = 128 << 20;
        return LogValues.Size("max-buffer-size", size) is var bytes && bytes <= most
            ? (int)bytes
            : throw GantryException.Invalid($"invalid max-buffer-size \"{size}\" in log options: it is memory, and at most 128m");
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
            : throw GantryException.Invalid(
                $"the labels and variables in each line of the log would be longer than {MostAttributes} bytes: choose less by --log-opt labels and env");
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
}
