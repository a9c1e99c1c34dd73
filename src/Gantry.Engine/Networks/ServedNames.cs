using System.Net;
using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Engine.Spec;
using Gantry.Networking;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Namespaces;
using Gantry.Runtime.NetHelper;

namespace Gantry.Engine.Networks;

/// <summary>
/// Has the net helper tell containers on users' networks each other's names. What the helper cannot be told after a container runs is logged: it is
/// told again with the next change.
/// </summary>
/// <param name="helper">The process that answers.</param>
/// <param name="networks">The networks.</param>
/// <param name="defaults">The name servers of containers that name none.</param>
/// <param name="log">Told of failures.</param>
internal sealed class ServedNames(NetHelper helper, NetworkStore networks, ContainerDefaults defaults, EngineLog log)
{
    private const ushort DnsPort = 53;

    /// <summary>Whether a container with these endpoints asks 127.0.0.11: on the default bridge there are no names.</summary>
    public bool Serves(IReadOnlyList<Endpoint> endpoints) => endpoints.Any(HasNames);

    /// <summary>Tells the others its names, and makes its resolver.</summary>
    /// <exception cref="GantryException">The helper does not start.</exception>
    /// <exception cref="OsException">The resolver's sockets cannot be made.</exception>
    public async Task StartAsync(Container container, IReadOnlyList<Endpoint> endpoints, Fd networkNamespace)
    {
        if (!Serves(endpoints))
            return;
        var names = endpoints.Where(HasNames).Select(endpoint => Names(container, endpoint)).ToList();
        await helper.ServeAsync(Served(container, endpoints), networkNamespace, names, CancellationToken.None);
    }

    /// <summary>Tells what changed while it runs: a network more or less, another name.</summary>
    public Task ChangeAsync(Container container) => AttemptAsync(container, async () =>
    {
        var endpoints = container.Endpoints;
        foreach (var endpoint in endpoints.Where(HasNames))
            await helper.PublishAsync(Names(container, endpoint), CancellationToken.None);
        if (helper.Containers.Contains(container.Id))
        {
            await helper.UpdateAsync(Served(container, endpoints), CancellationToken.None);
        }
        else if (Serves(endpoints))
        {
            using var inside = NetworkNamespace.OfProcess(container.State.Pid);
            await helper.ServeAsync(Served(container, endpoints), inside, CancellationToken.None);
        }
    });

    /// <summary>Takes back the names that a container has on a network.</summary>
    public Task WithdrawAsync(Container container, Network network) =>
        AttemptAsync(container, () => helper.WithdrawAsync(network.Id, container.Id, CancellationToken.None));

    /// <summary>Takes all of it back. A container that has left its last network with names is still served until it ends.</summary>
    public Task StopAsync(Container container) => AttemptAsync(container, () => helper.StopServingAsync(container.Id, CancellationToken.None));

    private async Task AttemptAsync(Container container, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is GantryException or IOException)
        {
            log.NamesNotTold(container.Id, e);
        }
    }

    private bool HasNames(Endpoint endpoint) => networks.Find(endpoint.NetworkId) is { IsPredefined: false };

    private static PublishedNames Names(Container container, Endpoint endpoint) => new()
    {
        Network = endpoint.NetworkId,
        Container = container.Id,
        Names = EndpointRequests.Names(container, AskedOf(container, endpoint)),
        Ports = NamedPorts.Of(container.Config),
        Addresses = [.. new[] { endpoint.IPv4Address, endpoint.IPv6Address }.Where(text => text.Length > 0)
            .Select(text => IPAddress.Parse(text.Split('/')[0]))],
    };

    private ServedContainer Served(Container container, IReadOnlyList<Endpoint> endpoints)
    {
        var host = container.HostConfig;
        var hasWayOut = endpoints.Any(endpoint => networks.Find(endpoint.NetworkId) is { Internal: false });
        return new ServedContainer
        {
            Id = container.Id,
            Networks = [.. endpoints.Where(HasNames).Select(endpoint =>
                new ServedNetwork(endpoint.NetworkId, endpoint.NetworkName) { Links = Links(AskedOf(container, endpoint)) })],
            Servers = !hasWayOut ? [] : host.Dns is { Count: > 0 } given ? Servers(given, fromHost: false)
                : defaults.Dns.Count > 0 ? Servers(defaults.Dns, fromHost: false) : Servers(HostResolver.Read().Servers, fromHost: true),
            HasNdots = host.DnsOptions?.Any(HostResolver.IsNdots) is true,
        };
    }

    private static EndpointSettings AskedOf(Container container, Endpoint endpoint) =>
        NetworkPlan.Of(container).GetValueOrDefault(endpoint.NetworkName) ?? new EndpointSettings();

    /// <summary>By alias, the name it stands for: <c>db:database</c> is <c>db</c> by the name <c>database</c>.</summary>
    private static Dictionary<string, string> Links(EndpointSettings asked)
    {
        var links = new Dictionary<string, string>();
        foreach (var link in asked.Links ?? [])
        {
            var colon = link.IndexOf(':');
            links[colon < 0 ? link : link[(colon + 1)..]] = colon < 0 ? link : link[..colon];
        }
        return links;
    }

    private static List<UpstreamServer> Servers(IEnumerable<string> texts, bool fromHost) =>
        [.. texts.Select(text => IPAddress.TryParse(text, out var address) ? address : null).OfType<IPAddress>()
            .Select(address => new UpstreamServer(address, DnsPort, fromHost))];
}
