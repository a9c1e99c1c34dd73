using System.Diagnostics;
using Gantry.Engine.Containers;
using Gantry.Engine.Information;
using Gantry.Networking;
using Gantry.Networking.Drivers;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Namespaces;

namespace Gantry.Engine.Networks;

/// <summary>
/// Connects containers that start to their networks, and disconnects those that ended. A container has its endpoints as long as its process
/// runs; what it is to be connected to is in its document.
/// </summary>
/// <param name="networks">The networks.</param>
/// <param name="connector">Who is connected to what.</param>
/// <param name="names">Tells containers each other's names.</param>
/// <param name="links">The links of the network <c>bridge</c>.</param>
/// <param name="events">Told of connections.</param>
/// <param name="background">Where interfaces are removed.</param>
/// <param name="times">Told how long things took.</param>
/// <param name="log">Told of what cannot be removed.</param>
internal sealed class ContainerNetworks(
    NetworkStore networks, NetworkConnector connector, ServedNames names, LinkedContainers links, NetworkEvents events, BackgroundWork background,
    ActionTimes times, EngineLog log)
{
    /// <summary>Begins to connect a container that is about to start, beside what the caller does.</summary>
    public NetworkConnection Begin(Container container) => new(this, container);

    /// <summary>Connects: a namespace, and an endpoint in it for each network. Either all or none is there afterwards.</summary>
    /// <exception cref="GantryException">A network does not exist, has no address left, a port is taken ...</exception>
    public async Task<ConnectedNamespace> ConnectAsync(Container container)
    {
        var begun = Stopwatch.GetTimestamp();
        var made = new List<Endpoint>();
        Fd? networkNamespace = null;
        try
        {
            foreach (var (network, request) in EndpointRequests.Of(container, Find))
            {
                if (NeedsNamespace(network))
                    networkNamespace ??= NetworkNamespace.Create();
                var begunOne = Stopwatch.GetTimestamp();
                made.Add(await connector.ConnectAsync(network, request, networkNamespace));
                times.Took("connect", begunOne);
                events.Connected(network, container);
            }
            if (networkNamespace is not null)
                await names.StartAsync(container, made, networkNamespace);
            RefreshLinks(made);
            times.Took("allocate", begun);
            return new ConnectedNamespace(networkNamespace, made, names.Serves(made));
        }
        catch (Exception e)
        {
            await DisconnectAsync(container, made);
            networkNamespace?.Dispose();
            throw Explain(e);
        }
    }

    /// <summary>Takes note of the endpoints of a container that ran on while no daemon did.</summary>
    public async Task RestoreAsync(Container container)
    {
        try
        {
            var endpoints = EndpointRecord.Read(container);
            foreach (var endpoint in endpoints)
                await connector.RestoreAsync(endpoint);
            container.Endpoints = endpoints.Count > 0 ? endpoints : await ReconnectAsync(container);
            if (names.Serves(endpoints))
                await names.ChangeAsync(container);
        }
        catch (Exception e) when (e is GantryException or IOException)
        {
            log.NetworkNotRestored(container.Id, e);
        }
    }

    /// <summary>
    /// Frees what a container's process had that has ended: ports and fixed addresses, which the next container may want, at once; interfaces,
    /// whose removal takes milliseconds, in the background.
    /// </summary>
    public async Task ReleaseAsync(Container container)
    {
        var begun = Stopwatch.GetTimestamp();
        var endpoints = container.Endpoints;
        container.Endpoints = [];
        await names.StopAsync(container);
        foreach (var endpoint in endpoints)
        {
            connector.Retire(endpoint);
            TellDisconnected(container, endpoint);
        }
        RefreshLinks(endpoints);
        var wanted = endpoints.Where(endpoint => endpoint.Ports.Count > 0 || EndpointRequests.HasFixedAddress(container, endpoint)).ToList();
        await DetachAsync(container, wanted);
        var rest = endpoints.Except(wanted).Where(endpoint => endpoint.IPv4Address.Length + endpoint.IPv6Address.Length > 0).ToList();
        if (rest.Count > 0)
            background.Run($"disconnect container {container.Id}", () => DetachAsync(container, rest).GetAwaiter().GetResult());
        times.Took("release", begun);
    }

    /// <summary>Undoes <see cref="ConnectAsync"/>.</summary>
    public async Task DisconnectAsync(Container container, IReadOnlyList<Endpoint> endpoints)
    {
        foreach (var endpoint in endpoints)
            TellDisconnected(container, endpoint);
        await names.StopAsync(container);
        await DetachAsync(container, endpoints);
        RefreshLinks(endpoints);
    }

    private void RefreshLinks(IReadOnlyList<Endpoint> changed)
    {
        if (changed.Any(static endpoint => endpoint.NetworkName == "bridge"))
            links.Refresh();
    }

    private void TellDisconnected(Container container, Endpoint endpoint)
    {
        if (networks.Find(endpoint.NetworkId) is { } network)
            events.Disconnected(network, container);
    }

    private async Task DetachAsync(Container container, IReadOnlyList<Endpoint> endpoints)
    {
        foreach (var endpoint in endpoints)
        {
            try
            {
                await connector.DisconnectAsync(endpoint, networkNamespace: null);
            }
            catch (Exception e) when (e is GantryException or IOException)
            {
                log.NotFreed(container.Id, e);
            }
        }
    }

    /// <summary>The networks without addresses have no record: a container is on them by its configuration alone.</summary>
    private async Task<IReadOnlyList<Endpoint>> ReconnectAsync(Container container)
    {
        var endpoints = new List<Endpoint>();
        foreach (var (network, request) in EndpointRequests.Of(container, Find))
        {
            if (!NeedsNamespace(network))
                endpoints.Add(await connector.ConnectAsync(network, request, networkNamespace: null));
        }
        return endpoints;
    }

    private Network Find(string name) => networks.Get(name);

    /// <summary>The process of a container without a network gets its namespace when it is cloned, which is cheaper.</summary>
    private bool NeedsNamespace(Network network) => networks.DriverOf(network) is not PassiveDriver;

    private static GantryException Explain(Exception cause) => new(
        cause is GantryException known ? known.Kind : ErrorKind.System, $"failed to set up container networking: {cause.Message}", cause);
}

/// <summary>What a starting container is connected with. Its process keeps the namespace alive; then the owner closes it.</summary>
/// <param name="Namespace">The network namespace; null: it gets a new one with nothing in it, or the host's.</param>
/// <param name="Endpoints">One for each network.</param>
/// <param name="AsksHelper">Whether the net helper is its resolver.</param>
internal sealed record ConnectedNamespace(Fd? Namespace, IReadOnlyList<Endpoint> Endpoints, bool AsksHelper);
