using System.Globalization;

namespace Gantry.Cli.Commands.Containers.Creating;

/// <summary>The value of <c>--network</c>: a name, or fields such as <c>name=net,alias=web,ip=10.0.0.5</c>.</summary>
internal sealed class NetworkAttachment
{
    /// <summary>Name or ID of the network.</summary>
    public string Target { get; private set; } = "";

    /// <summary>Names of the container in the network.</summary>
    public List<string> Aliases { get; } = [];

    /// <summary>Options of the network's driver for this container.</summary>
    public Dictionary<string, string> DriverOptions { get; } = new(StringComparer.Ordinal);

    /// <summary>Linked containers.</summary>
    public List<string> Links { get; } = [];

    /// <summary>Fixed IPv4 address, or empty.</summary>
    public string IPv4 { get; set; } = "";

    /// <summary>Fixed IPv6 address, or empty.</summary>
    public string IPv6 { get; set; } = "";

    /// <summary>Link-local addresses.</summary>
    public List<string> LinkLocal { get; } = [];

    /// <summary>Fixed MAC address, or empty.</summary>
    public string Mac { get; set; } = "";

    /// <summary>Which network gives the default route: the highest.</summary>
    public int GatewayPriority { get; private set; }

    /// <summary>The network of a container that names none.</summary>
    public static NetworkAttachment Default => new() { Target = "default" };

    /// <summary>Whether the network is one that somebody created, not a mode such as <c>host</c>.</summary>
    public bool IsUserDefined => Target is not ("" or "default" or "bridge" or "host" or "none") && !Target.StartsWith("container:", StringComparison.Ordinal);

    /// <summary>Whether anything is said besides its name.</summary>
    public bool IsDescribed =>
        Aliases.Count + DriverOptions.Count + Links.Count + LinkLocal.Count > 0 || IPv4.Length + IPv6.Length + Mac.Length > 0 || GatewayPriority != 0;

    /// <summary>Reads a value.</summary>
    /// <exception cref="FormatException">A field is unknown or wrong.</exception>
    public static NetworkAttachment Parse(string text)
    {
        if (!text.Contains('=', StringComparison.Ordinal))
            return new NetworkAttachment { Target = text };
        var network = new NetworkAttachment();
        foreach (var field in CsvFields.Split(text))
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw new FormatException($"invalid field {field}");
            network.Take(field[..equals].Trim().ToLowerInvariant(), field[(equals + 1)..].Trim());
        }
        return network.Target.Length > 0 ? network : throw new FormatException("network name/id is not specified");
    }

    private void Take(string key, string value)
    {
        switch (key)
        {
            case "name":
                Target = value;
                break;
            case "alias":
                Aliases.Add(value);
                break;
            case "ip":
                IPv4 = FlagChecks.IpAddress(value);
                break;
            case "ip6":
                IPv6 = FlagChecks.IpAddress(value);
                break;
            case "mac-address":
                Mac = value;
                break;
            case "link-local-ip":
                LinkLocal.Add(FlagChecks.IpAddress(value));
                break;
            case "driver-opt":
                var equals = value.IndexOf('=', StringComparison.Ordinal);
                if (equals <= 0)
                    throw new FormatException("invalid key/value pair format in driver options");
                DriverOptions[value[..equals].Trim().ToLowerInvariant()] = value[(equals + 1)..].Trim();
                break;
            case "gw-priority":
                GatewayPriority = int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var priority)
                    ? priority
                    : throw new FormatException($"invalid gw-priority ({value}): invalid syntax");
                break;
            default:
                throw new FormatException($"invalid field key {key}");
        }
    }
}
