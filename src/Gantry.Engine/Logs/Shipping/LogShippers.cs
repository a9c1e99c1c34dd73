using Gantry.Oci;

namespace Gantry.Engine.Logs.Shipping;

/// <summary>The drivers that send lines elsewhere.</summary>
internal static class LogShippers
{
    /// <summary>Their names.</summary>
    public static readonly IReadOnlyList<string> Drivers = ["syslog", "journald", "gelf", "fluentd"];

    /// <summary>Whether a driver has an option of its own by that name.</summary>
    public static bool Knows(string driver, string option) => driver switch
    {
        "syslog" => SyslogMessages.Options.Contains(option),
        "gelf" => GelfMessages.Options.Contains(option),
        "fluentd" => FluentdMessages.Options.Contains(option),
        _ => false,
    };

    /// <summary>Checks the options of a driver.</summary>
    /// <exception cref="GantryException">One is malformed or missing (InvalidArgument).</exception>
    public static void Check(string driver, IReadOnlyDictionary<string, string> options)
    {
        switch (driver)
        {
            case "syslog":
                _ = SyslogMessages.Read(options);
                break;
            case "gelf":
                _ = GelfMessages.Read(options);
                break;
            case "fluentd":
                _ = FluentdMessages.Read(options);
                break;
            case "journald" when !File.Exists(JournaldMessages.Address.Host):
                throw GantryException.Invalid("journald is not enabled on this host");
        }
    }

    /// <summary>A shipper of the container's driver; null when its driver sends nothing.</summary>
    public static ILogShipper? Create(LogSubject subject) => subject.Container.HostConfig.LogConfig.Type switch
    {
        "syslog" => new SocketShipper(SyslogMessages.Read(subject.Options).Address, new SyslogMessages(subject).Encode),
        "gelf" => new SocketShipper(GelfMessages.Read(subject.Options).Address, new GelfMessages(subject).Encode),
        "fluentd" => new SocketShipper(FluentdMessages.Read(subject.Options).Address, new FluentdMessages(subject).Encode),
        "journald" => new SocketShipper(JournaldMessages.Address, new JournaldMessages(subject).Encode),
        _ => null,
    };
}
