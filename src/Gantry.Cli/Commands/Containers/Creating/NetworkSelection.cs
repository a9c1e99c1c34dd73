using Gantry.Api.Model;

namespace Gantry.Cli.Commands.Containers.Creating;

/// <summary>The networks of a new container, of <c>--network</c> and the flags that describe the first one.</summary>
internal sealed class NetworkSelection
{
    private readonly List<NetworkAttachment> _networks;

    /// <summary>Combines the flags.</summary>
    /// <exception cref="CommandException">They contradict each other.</exception>
    public NetworkSelection(ContainerFlags flags)
    {
        _networks = flags.Network.Values.Count > 0 ? [.. flags.Network.Values] : [NetworkAttachment.Default];
        if (_networks.Count > 1 && _networks.Exists(static network => !network.IsUserDefined) && _networks.Exists(static network => network.IsUserDefined))
            throw new CommandException("conflicting options: cannot attach both user-defined and non-user-defined network-modes");
        foreach (var network in _networks)
            if (_networks.FindAll(other => other.Target == network.Target).Count > 1)
                throw new CommandException($"network \"{network.Target}\" is specified multiple times");
        Describe(_networks[0], flags);
        Mode = _networks[0].Target;
    }

    /// <summary>The network or mode that the container is created with.</summary>
    public string Mode { get; }

    /// <summary>The endpoint of each network.</summary>
    public NetworkingConfig BuildConfig() => new()
    {
        // The modes bridge, host, none and container:… have an endpoint of their own only if something is said of it, which the daemon may refuse.
        EndpointsConfig = _networks.Where(static network => network.IsUserDefined || network.Target == "default" || network.IsDescribed)
            .ToDictionary(static network => network.Target, static network => (EndpointSettings?)BuildEndpoint(network)),
    };

    private static void Describe(NetworkAttachment first, ContainerFlags flags)
    {
        Merge(first.Aliases, flags.NetworkAlias.Values, "--network-alias and per-network alias");
        if (first.Aliases.Count > 0 && !first.IsUserDefined)
            throw new CommandException("network-scoped aliases are only supported for user-defined networks");
        if (first.IsUserDefined)
            Merge(first.Links, flags.Link.Values, "--link and per-network links");
        Merge(first.LinkLocal, flags.LinkLocalIp.Values, "--link-local-ip and per-network link-local-ip addresses");
        first.IPv4 = Merge(first.IPv4, flags.Ip.Value, "--ip and per-network IPv4 address");
        first.IPv6 = Merge(first.IPv6, flags.Ip6.Value, "--ip6 and per-network IPv6 address");
        first.Mac = Merge(first.Mac, flags.MacAddress.Value, "--mac-address and per-network MAC address");
        if (first.Mac.Length > 0 && !IsMac(first.Mac))
            throw new CommandException($"{first.Mac} is not a valid mac address");
    }

    private static EndpointSettings BuildEndpoint(NetworkAttachment network)
    {
        var addresses = network.IPv4.Length > 0 || network.IPv6.Length > 0 || network.LinkLocal.Count > 0;
        return new EndpointSettings
        {
            IPAMConfig = addresses
                ? new EndpointIPAMConfig { IPv4Address = network.IPv4, IPv6Address = network.IPv6, LinkLocalIPs = network.LinkLocal.Count > 0
                    ? network.LinkLocal : null }
                : null,
            Aliases = network.Aliases.Count > 0 ? network.Aliases : null,
            Links = network.Links.Count > 0 ? network.Links : null,
            DriverOpts = network.DriverOptions.Count > 0 ? network.DriverOptions : null,
            MacAddress = network.Mac,
            GwPriority = network.GatewayPriority,
        };
    }

    private static void Merge(List<string> own, IReadOnlyList<string> given, string conflict)
    {
        if (given.Count == 0)
            return;
        if (own.Count > 0)
            throw new CommandException($"conflicting options: cannot specify both {conflict}");
        own.AddRange(given);
    }

    private static string Merge(string own, string given, string conflict) =>
        own.Length > 0 && given.Length > 0 ? throw new CommandException($"conflicting options: cannot specify both {conflict}") : own + given;

    private static bool IsMac(string text)
    {
        var parts = text.Split(':', '-');
        return parts.Length is 6 or 8 && Array.TrueForAll(parts, static part => part.Length == 2 && part.All(char.IsAsciiHexDigit));
    }
}
