using Gantry.Oci;

namespace Gantry.Networking.Drivers;

/// <summary>The options of one endpoint, read from their texts.</summary>
/// <param name="LinkName">The interface inside the container; null: the next number.</param>
/// <param name="Settings">Settings of the kernel for the interface: paths below <c>/proc/sys</c> with <see cref="Placeholder"/>, and values.</param>
internal sealed record EndpointOptions(string? LinkName, IReadOnlyList<(string Path, string Value)> Settings)
{
    /// <summary>What stands in a setting for the interface, whose name nobody knows before it is made.</summary>
    internal const string Placeholder = "IFNAME";

    private const string LinkNameKey = "com.docker.network.endpoint.ifname", SettingsKey = "com.docker.network.endpoint.sysctls";

    /// <exception cref="GantryException">An option is malformed (InvalidArgument) or not known (NotImplemented).</exception>
    internal static EndpointOptions Parse(EndpointRequest request)
    {
        var options = new EndpointOptions(null, []);
        foreach (var (key, value) in request.Options)
        {
            options = key switch
            {
                LinkNameKey => options with { LinkName = DriverOptions.LinkName("interface name", value) },
                SettingsKey => options with { Settings = [.. value.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(ParseSetting)] },
                _ => throw GantryException.NotImplemented($"this version of Gantry does not know the endpoint option {key}"),
            };
        }
        return options;
    }

    /// <summary>Reads <c>net.ipv4.conf.IFNAME.log_martians=1</c>.</summary>
    private static (string Path, string Value) ParseSetting(string text)
    {
        var equals = text.IndexOf('=');
        var parts = (equals < 0 ? text : text[..equals]).Trim().Split('.');
        // Docker's client writes options of its long form in lower case, as it reads them.
        if (parts.Length == 5 && parts[3].Equals(Placeholder, StringComparison.OrdinalIgnoreCase))
            parts[3] = Placeholder;
        var isValid = equals > 0 && parts is ["net", "ipv4" or "ipv6" or "mpls", _, Placeholder, _]
            && parts.All(static part => part.Length > 0 && part.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'));
        return isValid
            ? ($"/proc/sys/{string.Join('/', parts)}", text[(equals + 1)..].Trim())
            : throw GantryException.Invalid(
                $"unrecognised network interface sysctl '{text}'; represent 'net.X.Y.ethN.Z=V' as 'net.X.Y.{Placeholder}.Z=V', 'X' must be 'ipv4', 'ipv6' or 'mpls'");
    }
}
