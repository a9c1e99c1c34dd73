using System.Net;
using Gantry.Engine.Containers;
using Gantry.Engine.Spec;
using Gantry.Networking;
using Gantry.Networking.Nftables;

namespace Gantry.Engine.Networks;

/// <summary>
/// Keeps the links of the network <c>bridge</c> as the containers are that run: when a linked container is started anew it has another address, which goes
/// into the <c>/etc/hosts</c> of those that link to it, and where containers do not reach each other its exposed ports are opened to them.
/// </summary>
/// <param name="registry">The containers.</param>
/// <param name="networks">The networks.</param>
/// <param name="connector">Who is connected.</param>
/// <param name="open">Opens these ports and no others.</param>
/// <param name="log">Told of failures.</param>
internal sealed class LinkedContainers(
    ContainerRegistry registry, NetworkStore networks, NetworkConnector connector, Action<Network, IReadOnlyCollection<LinkedPort>> open, EngineLog log)
{
    private const string Bridge = "bridge";

    private readonly Lock _gate = new();

    /// <summary>To be called after a container was connected to that network, or taken off it. What fails is logged.</summary>
    public void Refresh()
    {
        if (networks.Find(Bridge) is not { } bridge)
            return;
        lock (_gate)
        {
            try
            {
                var endpoints = connector.EndpointsOf(bridge).ToDictionary(static endpoint => endpoint.ContainerId);
                open(bridge, [.. endpoints.Values.SelectMany(source => Of(source, endpoints))]);
            }
            catch (IOException e)
            {
                log.LinksNotKept(e);
            }
        }
    }

    /// <summary>The ports that one container reaches by its links; on the way its <c>/etc/hosts</c> is put right.</summary>
    private IEnumerable<LinkedPort> Of(Endpoint source, Dictionary<string, Endpoint> endpoints)
    {
        if (!registry.TryGet(source.ContainerId, out var container))
            yield break;
        foreach (var link in container.HostConfig.Links ?? [])
        {
            var (name, alias) = ContainerLinks.Parse(link);
            if (!registry.TryGet(name, out var target) || !endpoints.TryGetValue(target.Id, out var endpoint))
                continue;
            EtcFiles.SetLink(container, AddressOf(endpoint).ToString(), ContainerLinks.Names(target, alias));
            foreach (var (port, protocol) in (target.Config.ExposedPorts?.Keys ?? []).SelectMany(PortRequests.ParseExposed))
                yield return new LinkedPort(AddressOf(source), AddressOf(endpoint), protocol, port);
        }
    }

    private static IPAddress AddressOf(Endpoint endpoint) => IPAddress.Parse(endpoint.IPv4Address.Split('/')[0]);
}
