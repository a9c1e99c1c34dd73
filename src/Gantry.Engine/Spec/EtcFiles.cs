using System.Net;
using System.Text;
using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Engine.Networks;
using Gantry.Networking;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Runtime.NetHelper;

namespace Gantry.Engine.Spec;

/// <summary>
/// The files shown as a container's <c>/etc/hostname</c>, <c>/etc/hosts</c> and <c>/etc/resolv.conf</c>. They are made at each start, beside
/// the keeper's records: what they say can be said again, so a container that was only created has none, and none is ever synced.
/// </summary>
/// <param name="registry">Where the container is found whose files another shares.</param>
/// <param name="links">The links of the default bridge.</param>
/// <param name="hostGateway">The address that <c>host-gateway</c> means; null where there is none.</param>
/// <param name="defaults">The name servers of containers that name none.</param>
internal sealed class EtcFiles(ContainerRegistry registry, ContainerLinks links, Func<string?> hostGateway, ContainerDefaults defaults)
{
    private const string HostHosts = "/etc/hosts";
    private const string HostGateway = "host-gateway";

    /// <summary>Says where a container's files are. One that shares the network of another has that one's, and its name.</summary>
    /// <exception cref="GantryException">There is no such container.</exception>
    public void Assign(Container container)
    {
        container.EtcFolder = container.ProcessFolder;
        if (EndpointRequests.Shared(container.HostConfig.NetworkMode) is not { } other)
            return;
        var joined = Joined(other);
        container.EtcFolder = joined.EtcFolder;
        var config = container.Config with { Hostname = joined.Config.Hostname, Domainname = joined.Config.Domainname };
        container.Document = container.Document with { Config = config };
    }

    private Container Joined(string other) => registry.TryGet(other, out var container)
        ? container
        : throw GantryException.NotFound($"joining network namespace of container: No such container: {other}");

    /// <summary>Makes them, unless another container has. The container's folder exists.</summary>
    /// <param name="container">The container.</param>
    /// <param name="endpoints">What it is connected with.</param>
    /// <param name="asksHelper">Whether its resolver is the net helper.</param>
    /// <exception cref="OsException">Writing failed, e.g. there is no space left.</exception>
    /// <exception cref="GantryException">A name cannot be resolved.</exception>
    public void Write(Container container, IReadOnlyList<Endpoint> endpoints, bool asksHelper)
    {
        if (container.EtcFolder != container.ProcessFolder)
            return;
        Write(container.HostnamePath, container.Config.Hostname + "\n");
        Write(container.HostsPath, Hosts(container, endpoints));
        Write(container.ResolvConfPath, ResolvConf(container.HostConfig, asksHelper, defaults));
    }

    /// <summary>Checks a name and address that the user adds.</summary>
    /// <exception cref="GantryException">It is not of the form <c>name:address</c>.</exception>
    public static void CheckExtraHost(string entry)
    {
        var colon = entry.IndexOf(':');
        if (colon <= 0 || colon == entry.Length - 1)
            throw GantryException.Invalid($"bad format for add-host: \"{entry}\"");
        var address = entry[(colon + 1)..];
        // .NET takes 1.2.3 for an address as well.
        if (address != HostGateway && !(IPAddress.TryParse(address.Trim('[', ']'), out _) && (address.Contains(':') || address.Count('.') == 3)))
            throw GantryException.Invalid($"invalid IP address in add-host: \"{address}\"");
    }

    /// <summary>Has a container that runs ask the net helper from now on: it was connected to the first network with names.</summary>
    public static void AskHelper(Container container, ContainerDefaults defaults) =>
        Write(container.ResolvConfPath, ResolvConf(container.HostConfig, asksHelper: true, defaults));

    /// <summary>Adds the line of a network that a running container was connected to.</summary>
    public static void AddOwnAddress(Container container, Endpoint endpoint) =>
        Rewrite(container, lines => [.. lines, .. OwnLines(container, endpoint)]);

    /// <summary>Takes the line of a network away that a running container was taken off.</summary>
    public static void RemoveOwnAddress(Container container, Endpoint endpoint) =>
        Rewrite(container, lines => [.. lines.Except(OwnLines(container, endpoint))]);

    /// <summary>Writes another address into the line of a linked container, if there is such a line and it has another.</summary>
    public static void SetLink(Container container, string address, string names)
    {
        var line = $"{address}\t{names}";
        if (!File.Exists(container.HostsPath))
            return;
        var lines = File.ReadAllLines(container.HostsPath);
        if (lines.Any(other => other != line && other.EndsWith($"\t{names}", StringComparison.Ordinal)))
            Rewrite(container, all => all.Select(other => other.EndsWith($"\t{names}", StringComparison.Ordinal) ? line : other));
    }

    /// <summary>The file is mounted: it is written in its place, and what the container wrote to it stays.</summary>
    private static void Rewrite(Container container, Func<string[], IEnumerable<string>> change)
    {
        if (File.Exists(container.HostsPath))
            Write(container.HostsPath, string.Concat(change(File.ReadAllLines(container.HostsPath)).Select(line => line + "\n")));
    }

    private static void Write(string path, string text)
    {
        using var file = FileOpener.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate, 0x1a4 /* 0644 */);
        FileData.Write(file, Encoding.UTF8.GetBytes(text));
    }

    /// <summary>hosts(5): the host's own with its network, else the loopback names; then what the user adds, and the container itself.</summary>
    private string Hosts(Container container, IReadOnlyList<Endpoint> endpoints)
    {
        var host = container.HostConfig;
        var text = new StringBuilder();
        if (host.NetworkMode == "host" && File.Exists(HostHosts))
        {
            text.Append(File.ReadAllText(HostHosts));
        }
        else
        {
            text.Append("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\n")
                .Append("ff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n");
        }

        foreach (var entry in host.ExtraHosts ?? [])
        {
            var colon = entry.IndexOf(':');
            var address = entry[(colon + 1)..];
            text.Append(address == HostGateway ? GatewayAddress() : address.Trim('[', ']')).Append('\t').Append(entry[..colon]).Append('\n');
        }

        foreach (var line in links.Hosts(container).Concat(endpoints.SelectMany(endpoint => OwnLines(container, endpoint))))
            text.Append(line).Append('\n');
        return text.ToString();
    }

    private string GatewayAddress() =>
        hostGateway() ?? throw GantryException.Invalid(
            "unable to derive the IP value for host-gateway: there is no network \"bridge\"; give the host's address instead");

    private static IEnumerable<string> OwnLines(Container container, Endpoint endpoint)
    {
        var name = container.Config.Hostname;
        var names = string.IsNullOrEmpty(container.Config.Domainname) ? name : $"{name}.{container.Config.Domainname} {name}";
        return new[] { endpoint.IPv4Address, endpoint.IPv6Address }.Where(address => address.Length > 0)
            .Select(address => $"{address.Split('/')[0]}\t{names}");
    }

    /// <summary>resolv.conf(5): the host's, with what the user gives in its place; on a user's network names are asked of the net helper.</summary>
    private static string ResolvConf(HostConfig host, bool asksHelper, ContainerDefaults defaults)
    {
        var resolver = HostResolver.Read();
        var search = host.DnsSearch is { Count: > 0 } given ? given is ["."] ? [] : given : defaults.DnsSearch.Count > 0 ? defaults.DnsSearch : resolver.Search;
        var options = host.DnsOptions is { Count: > 0 } wanted ? wanted : defaults.DnsOptions.Count > 0 ? defaults.DnsOptions : resolver.Options;
        var servers = host.Dns is { Count: > 0 } own ? own : defaults.Dns.Count > 0 ? defaults.Dns : host.NetworkMode == "host" ? resolver.Servers
            : Reachable(resolver.Servers);
        if (asksHelper)
        {
            servers = [ResolverSockets.Address.ToString()];
            options = [.. options.Where(option => !HostResolver.IsNdots(option)), host.DnsOptions?.FirstOrDefault(HostResolver.IsNdots) ?? "ndots:0"];
        }
        var text = new StringBuilder();
        foreach (var server in servers)
            text.Append($"nameserver {server}\n");
        if (search.Count > 0)
            text.Append($"search {string.Join(' ', search)}\n");
        if (options.Count > 0)
            text.Append($"options {string.Join(' ', options)}\n");
        return text.ToString();
    }

    /// <summary>The host's loopback is not the container's. As docker does, public servers take the place of none.</summary>
    private static IReadOnlyList<string> Reachable(IReadOnlyList<string> servers) =>
        servers.Where(server => !(IPAddress.TryParse(server, out var address) && IPAddress.IsLoopback(address))).ToList() is { Count: > 0 } reachable
            ? reachable : ["8.8.8.8", "8.8.4.4"];
}
