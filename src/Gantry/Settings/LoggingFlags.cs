using Gantry.Cli.Flags;
using Microsoft.Extensions.Logging;

namespace Gantry.Settings;

/// <summary>The flags for the daemon's own messages.</summary>
internal sealed class LoggingFlags(FlagSet flags)
{
    private readonly BoolFlag _debug = flags.Bool("debug", 'D', "Log more");
    private readonly ValueFlag<LogLevel> _level = flags.Value(
        "log-level", 'l', "string", "Least level of messages (debug, info, warn, error, fatal)", ParseLevel, LogLevel.Information, "info");
    private readonly ValueFlag<bool> _isJson = flags.Value("log-format", '\0', "text|json", "Form of messages", ParseFormat, false, "text");

    /// <summary>The least level that is told.</summary>
    public LogLevel Level => _debug.Value ? LogLevel.Debug : _level.Value;

    /// <summary>Whether each message is a JSON document.</summary>
    public bool IsJson => _isJson.Value;

    private static LogLevel ParseLevel(string text) => text switch
    {
        "trace" => LogLevel.Trace,
        "debug" => LogLevel.Debug,
        "info" => LogLevel.Information,
        "warn" or "warning" => LogLevel.Warning,
        "error" => LogLevel.Error,
        "fatal" or "panic" => LogLevel.Critical,
        _ => throw new FormatException($"invalid logging level: {text}"),
    };

    private static bool ParseFormat(string text) => text switch
    {
        "text" => false,
        "json" => true,
        _ => throw new FormatException($"invalid log format: {text}"),
    };
}
