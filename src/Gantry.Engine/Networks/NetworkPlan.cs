using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Networking;
using Gantry.Oci;

namespace Gantry.Engine.Networks;

/// <summary>Which networks a container is to be connected to, and how: read once at its creation, changed by connect and disconnect.</summary>
public static class NetworkPlan
{
    private static readonly EndpointSettings s_nothingAsked = new();

    /// <summary>The name that means the network <c>bridge</c>.</summary>
    private const string Default = "default";

    /// <summary>The plan of a container without networks.</summary>
    public static NetworkingConfig Nothing => new() { EndpointsConfig = new Dictionary<string, EndpointSettings?>() };

    /// <summary>What is asked for, by the name of the network.</summary>
    public static IReadOnlyDictionary<string, EndpointSettings> Of(Container container)
    {
        var asked = container.Networking?.EndpointsConfig;
        if (asked is { Count: > 0 })
            return asked.ToDictionary(entry => entry.Key, entry => entry.Value ?? s_nothingAsked);
        // One whose last network was taken away has none; containers of before there were plans have their mode only.
        return container.Networking is { EndpointsConfig: { } } ? new Dictionary<string, EndpointSettings>()
            : new Dictionary<string, EndpointSettings> { [container.HostConfig.NetworkMode] = s_nothingAsked };
    }

    /// <summary>The plan of a new container: networks by name, the mode's among them.</summary>
    /// <param name="mode">The network mode, with docker's default in its gap.</param>
    /// <param name="asked">The networks asked for, by name or ID.</param>
    /// <param name="hardwareAddress">That of the whole container, by which clients before 1.44 mean the mode's network.</param>
    /// <param name="find">Finds a network by name or ID; null for one that does not exist, which its start reports.</param>
    /// <exception cref="GantryException">Networks and mode contradict each other (InvalidArgument).</exception>
    public static NetworkingConfig Make(string mode, NetworkingConfig? asked, string hardwareAddress, Func<string, Network?> find)
    {
        if (EndpointRequests.SharesOther(mode))
            return Nothing;
        string NameOf(string text) => find(text)?.Name ?? text;
        var first = NameOf(mode);
        var plan = new Dictionary<string, EndpointSettings?>();
        foreach (var (key, value) in asked?.EndpointsConfig ?? new Dictionary<string, EndpointSettings?>())
            plan[key == Default ? first : NameOf(key)] = Asked(value);
        var own = plan.GetValueOrDefault(first) ?? s_nothingAsked;
        plan[first] = own.MacAddress.Length > 0 || hardwareAddress.Length == 0 ? own : own with { MacAddress = hardwareAddress };
        foreach (var (name, settings) in plan)
            Check(name, find(name), settings!, plan.Count);
        return new NetworkingConfig { EndpointsConfig = plan };
    }

    /// <summary>What was asked for, without what a container got: clients send back what they were told.</summary>
    public static EndpointSettings Asked(EndpointSettings? settings) => settings is null ? s_nothingAsked : new EndpointSettings
    {
        IPAMConfig = settings.IPAMConfig,
        Links = settings.Links,
        Aliases = settings.Aliases,
        MacAddress = settings.MacAddress,
        DriverOpts = settings.DriverOpts,
        GwPriority = settings.GwPriority,
    };

    /// <summary>Refuses what a network cannot give a new container.</summary>
    /// <param name="name">The network's name.</param>
    /// <param name="network">The network; null when there is none of that name.</param>
    /// <param name="asked">What is asked for.</param>
    /// <param name="networks">How many networks the container is to have.</param>
    /// <exception cref="GantryException">InvalidArgument, with docker's texts.</exception>
    private static void Check(string name, Network? network, EndpointSettings asked, int networks)
    {
        if (networks > 1 && name is "host" or "none")
            throw GantryException.Invalid("conflicting options: cannot attach both user-defined and non-user-defined network-modes");
        if (asked.MacAddress.Length > 0 && !PhysicalAddress.TryParse(asked.MacAddress, out _))
            throw GantryException.Invalid($"invalid config for network {name}: invalid MAC address {asked.MacAddress}");
        if (Problems(name, network, asked) is { Count: > 0 } problems)
            throw GantryException.Invalid($"invalid config for network {name}: invalid endpoint settings:\n{Text(problems)}");
    }

    /// <summary>Refuses what a network cannot give a container that is connected later.</summary>
    /// <exception cref="GantryException">InvalidArgument, with docker's texts.</exception>
    public static void CheckConnect(Network network, EndpointSettings asked)
    {
        if (Problems(network.Name, network, asked) is { Count: > 0 } problems)
            throw GantryException.Invalid($"invalid endpoint settings:\n{Text(problems)}");
    }

    private static string Text(List<string> problems) =>
        problems.Count == 1 ? problems[0] : string.Join('\n', problems.Select(problem => $"* {problem}"));

    private static List<string> Problems(string name, Network? network, EndpointSettings asked)
    {
        var problems = (asked.IPAMConfig?.LinkLocalIPs ?? []).Where(static text => !IPAddress.TryParse(text, out _))
            .Select(static text => $"invalid link-local IP address: {text}").ToList();
        if (name is not ("host" or "none" or "bridge"))
        {
            AddAddressProblem(problems, network, asked.IPAMConfig?.IPv4Address, "IPv4", AddressFamily.InterNetwork);
            AddAddressProblem(problems, network, asked.IPAMConfig?.IPv6Address, "IPv6", AddressFamily.InterNetworkV6);
            return problems;
        }
        if (asked.Aliases is { Count: > 0 })
            problems.Add("network-scoped alias is supported only for containers in user defined networks");
        if (asked.IPAMConfig is { } addresses && (addresses.IPv4Address ?? addresses.IPv6Address) is not null)
        {
            problems.Add("user specified IP address is supported on user defined networks only");
            problems.Add("user specified IP address is supported only when connecting to networks with user configured subnets");
        }
        return problems;
    }

    private static void AddAddressProblem(List<string> problems, Network? network, string? text, string version, AddressFamily family)
    {
        if (string.IsNullOrEmpty(text))
            return;
        var isAddress = IPAddress.TryParse(text, out var address) && address.AddressFamily == family;
        if (!isAddress)
            problems.Add($"invalid {version} address: {text}");
        if (network is null)
            return;
        var subnets = (network.Addressing.Pools ?? []).Where(pool => pool.Subnet.Length > 0).Select(pool => IPNetwork.Parse(pool.Subnet))
            .Where(subnet => subnet.BaseAddress.AddressFamily == family).ToList();
        if (subnets.Count == 0)
            problems.Add("user specified IP address is supported only when connecting to networks with user configured subnets");
        else if (!(isAddress && subnets.Exists(subnet => subnet.Contains(address!))))
            problems.Add($"no configured subnet or ip-range contain the IP address {text}");
    }
}
