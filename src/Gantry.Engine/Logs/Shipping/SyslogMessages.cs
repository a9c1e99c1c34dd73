using System.Globalization;
using System.Text;
using Gantry.Oci;

namespace Gantry.Engine.Logs.Shipping;

/// <summary>Lines as messages of syslog, in docker's three formats (RFC 3164, RFC 5424) and the one for the local daemon.</summary>
internal sealed class SyslogMessages
{
    /// <summary>The options of the driver.</summary>
    public static readonly IReadOnlyList<string> Options = ["syslog-address", "syslog-facility", "syslog-format"];

    private const int Informational = 6, Error = 3;

    private static readonly string[] s_facilities =
    [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "", "", "", "",
        "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
    ];

    private readonly string _format;
    private readonly int _facility;
    private readonly string _tag;
    private readonly string _host = Environment.MachineName;

    public SyslogMessages(LogSubject subject)
    {
        (_, _facility, _format) = Read(subject.Options);
        _tag = subject.Tag;
    }

    /// <summary>Reads the options.</summary>
    /// <exception cref="GantryException">One is malformed (InvalidArgument).</exception>
    public static (LogAddress Address, int Facility, string Format) Read(IReadOnlyDictionary<string, string> options)
    {
        const int Port = 514, Daemon = 3;
        var address = LogAddress.Parse(options.GetValueOrDefault("syslog-address", "unixgram:///dev/log"), Port, "udp", "tcp", "unix", "unixgram");
        var facility = Daemon;
        if (options.GetValueOrDefault("syslog-facility") is { Length: > 0 } text)
            facility = Array.IndexOf(s_facilities, text) is >= 0 and var named ? named
                : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < s_facilities.Length ? number
                : throw GantryException.Invalid($"invalid syslog facility: {text}");
        var format = options.GetValueOrDefault("syslog-format", "");
        if (format is not ("" or "rfc3164" or "rfc5424" or "rfc5424micro"))
            throw GantryException.Invalid("Invalid syslog format");
        return (address, facility, format);
    }

    /// <summary>The one message of a line.</summary>
    public IEnumerable<byte[]> Encode(LogEntry entry)
    {
        var priority = _facility * 8 + (entry.IsError ? Error : Informational);
        var time = DateTimeOffset.UnixEpoch.AddTicks(entry.Time / 100);
        var process = Environment.ProcessId;
        var head = _format switch
        {
            "rfc3164" => $"<{priority}>{Stamp(time)} {_host} {_tag}[{process}]: ",
            "rfc5424" => $"<{priority}>1 {time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)} {_host} {_tag} {process} {_tag} - ",
            "rfc5424micro" =>
                $"<{priority}>1 {time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture)} {_host} {_tag} {process} {_tag} - ",
            _ => $"<{priority}>{Stamp(time)} {_tag}[{process}]: ",
        };
        return [[.. Encoding.UTF8.GetBytes(head), .. entry.Text.Span.TrimEnd("\r\n"u8), (byte)'\n']];
    }

    private static string Stamp(DateTimeOffset time) =>
        $"{time.ToString("MMM", CultureInfo.InvariantCulture)} {time.Day,2} {time.ToString("HH:mm:ss", CultureInfo.InvariantCulture)}";
}
