using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Gantry.Oci;

namespace Gantry.Runtime.Cli.CommandLine;

/// <summary>Where errors go: to standard error, or into the file of <c>--log</c> from which engines read what went wrong; as runc formats them.</summary>
internal sealed class RuntimeLog
{
    private readonly FileStream? _file;
    private readonly bool _json;
    private readonly bool _debug;

    private RuntimeLog(FileStream? file, bool json, bool debug) => (_file, _json, _debug) = (file, json, debug);

    /// <summary>The log for the time until the options are known.</summary>
    internal static RuntimeLog StandardError { get; } = new(null, false, false);

    /// <summary>Checks the options, and opens the file, which stays open as long as the program runs.</summary>
    /// <exception cref="GantryException">The format is not known, or the file cannot be written.</exception>
    internal static RuntimeLog From(CommandOptions options) => new(Open(options.Value("log")), options.Value("log-format") switch
    {
        null or "text" => false,
        "json" => true,
        var other => throw GantryException.Invalid($"invalid log-format: {other}"),
    }, options.Has("debug"));

    /// <summary>Writes what <c>--debug</c> asks for: into the file, or to standard error.</summary>
    internal void Debug(string message)
    {
        if (_debug)
            WriteLine(Format("debug", message));
    }

    /// <summary>Writes an error; into a file, and then plainly to standard error as well.</summary>
    internal void Error(string message)
    {
        WriteLine(Format("error", message));
        if (_file is not null)
            StandardStreams.Write(2, message + "\n");
    }

    private static FileStream? Open(string? path)
    {
        if (string.IsNullOrEmpty(path))
            return null;
        try
        {
            return new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw GantryException.Invalid($"open {path}: {(Directory.Exists(path) ? "is a directory" : error.Message)}", error);
        }
    }

    private string Format(string level, string message)
    {
        var time = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var quoted = JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(message);
        return _json
            ? $"{{\"level\":\"{level}\",\"msg\":\"{quoted}\",\"time\":\"{time}\"}}\n"
            : $"time=\"{time}\" level={level} msg=\"{quoted}\"\n";
    }

    private void WriteLine(string line)
    {
        if (_file is null)
            StandardStreams.Write(2, line);
        else
            _file.Write(Encoding.UTF8.GetBytes(line));
    }
}
