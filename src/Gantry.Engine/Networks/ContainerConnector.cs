using System.Diagnostics;
using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Engine.Information;
using Gantry.Engine.Spec;
using Gantry.Networking;
using Gantry.Networking.Drivers;
using Gantry.Networking.Ports;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Namespaces;

namespace Gantry.Engine.Networks;

/// <summary>Connects containers to further networks and takes them off, whether they run or not: <c>docker network connect</c>.</summary>
public sealed class ContainerConnector
{
    private readonly NetworkStore _networks;
    private readonly NetworkConnector _connector;
    private readonly ContainerFolder _folder;
    private readonly ServedNames _names;
    private readonly LinkedContainers _links;
    private readonly NetworkEvents _events;
    private readonly ContainerDefaults _defaults;
    private readonly ActionTimes _times;
    private readonly EngineLog _log;

    internal ContainerConnector(
        NetworkStore networks, NetworkConnector connector, ContainerFolder folder, ServedNames names, LinkedContainers links, NetworkEvents events,
        ContainerDefaults defaults, ActionTimes times, EngineLog log)
    {
        _times = times;
        _log = log;
        _networks = networks;
        _connector = connector;
        _folder = folder;
        _names = names;
        _links = links;
        _events = events;
        _defaults = defaults;
    }

    /// <summary>Connects a container to a network; one that does not run, at its next start.</summary>
    /// <exception cref="GantryException">It is connected already, or one of the two cannot be connected (docker's texts).</exception>
    public async Task ConnectAsync(Network network, Container container, EndpointSettings? settings, CancellationToken cancellation)
    {
        using var gate = await ContainerGate.EnterAsync(container, cancellation);
        CheckMayChange(network, container);
        var plan = NetworkPlan.Of(container);
        if (plan.ContainsKey(network.Name) && container.State.IsRunning)
            throw new GantryException(ErrorKind.Forbidden, $"endpoint with name {container.Name} already exists in network {network.Name}");
        var asked = NetworkPlan.Asked(settings);
        NetworkPlan.CheckConnect(network, asked);

        using var inside = container.State.IsRunning ? NetworkNamespace.OfProcess(container.State.Pid) : null;
        var before = container.Document;
        SavePlan(container, new Dictionary<string, EndpointSettings?>(plan.Select(Nullable)) { [network.Name] = asked });
        if (inside is null)
            return;
        try
        {
            await JoinAsync(network, container, asked, inside, cancellation);
        }
        catch
        {
            await UndoJoinAsync(network, container, inside);
            container.Document = before;
            _folder.WriteDocument(before);
            throw;
        }
        _events.Connected(network, container);
    }

    /// <summary>Connects a container that runs. What fails leaves what was made: see <see cref="UndoJoinAsync"/>.</summary>
    private async Task JoinAsync(Network network, Container container, EndpointSettings asked, Fd inside, CancellationToken cancellation)
    {
        var hadNames = _names.Serves(container.Endpoints);
        var begun = Stopwatch.GetTimestamp();
        var endpoint = await _connector.ConnectAsync(network, EndpointRequests.For(container, network, asked, publishes: false), inside, cancellation);
        _times.Took("connect", begun);
        SaveEndpoints(container, [.. container.Endpoints, endpoint]);
        await MovePortsAsync(container, cancellation);
        _links.Refresh();
        EtcFiles.AddOwnAddress(container, endpoint);
        await _names.ChangeAsync(container);
        if (!hadNames && _names.Serves(container.Endpoints))
            EtcFiles.AskHelper(container, _defaults);
    }

    /// <summary>The error that led here is the one to be told: another one is logged.</summary>
    private async Task UndoJoinAsync(Network network, Container container, Fd inside)
    {
        if (container.Endpoints.FirstOrDefault(endpoint => endpoint.NetworkId == network.Id) is not { } endpoint)
            return;
        try
        {
            await LeaveAsync(network, container, endpoint, inside, CancellationToken.None);
        }
        catch (Exception e) when (e is GantryException or IOException)
        {
            _log.NotFreed(container.Id, e);
        }
    }

    /// <summary>Takes a container off a network.</summary>
    /// <exception cref="GantryException">It is not connected (docker's texts).</exception>
    public async Task DisconnectAsync(Network network, Container container, CancellationToken cancellation)
    {
        using var gate = await ContainerGate.EnterAsync(container, cancellation);
        if (network.Name == "host" && container.HostConfig.NetworkMode == "host" && container.State.IsRunning)
            throw GantryException.Invalid("container cannot be disconnected from host network or connected to host network");
        var plan = NetworkPlan.Of(container);
        if (!plan.ContainsKey(network.Name))
            throw NotConnected(network.Name, container);

        if (container.State.IsRunning && container.Endpoints.FirstOrDefault(endpoint => endpoint.NetworkId == network.Id) is { } endpoint)
        {
            using var inside = NetworkNamespace.OfProcess(container.State.Pid);
            await LeaveAsync(network, container, endpoint, inside, cancellation);
            _events.Disconnected(network, container);
        }
        SavePlan(container, new Dictionary<string, EndpointSettings?>(plan.Where(entry => entry.Key != network.Name).Select(Nullable)));
    }

    private async Task LeaveAsync(Network network, Container container, Endpoint endpoint, Fd inside, CancellationToken cancellation)
    {
        await _connector.DisconnectAsync(endpoint, inside, cancellation);
        SaveEndpoints(container, [.. container.Endpoints.Where(other => other.Id != endpoint.Id)]);
        EtcFiles.RemoveOwnAddress(container, endpoint);
        _links.Refresh();
        await MovePortsAfterLeavingAsync(container, endpoint.Ports, cancellation);
        await _names.WithdrawAsync(container, network);
        await _names.ChangeAsync(container);
    }

    /// <summary>
    /// Has the ports published by the network that gives the default route, which may be another one now: answers go by that. They keep their numbers.
    /// </summary>
    /// <param name="container">The container, its endpoints as they are now.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <param name="freed">Ports that an endpoint had which is no more.</param>
    private async Task MovePortsAsync(Container container, CancellationToken cancellation, IReadOnlyList<PublishedPort>? freed = null)
    {
        var before = container.Endpoints.FirstOrDefault(endpoint => endpoint.Ports.Count > 0);
        var wanted = container.Endpoints.Where(endpoint => _networks.Find(endpoint.NetworkId) is { Internal: false })
            .OrderByDescending(endpoint => endpoint.GatewayPriority).ThenBy(endpoint => endpoint.NetworkName, StringComparer.Ordinal).FirstOrDefault();
        if (wanted is null || wanted.Id == before?.Id)
            return;
        var request = EndpointRequests.For(container, _networks.Get(wanted.NetworkId), NetworkPlan.Of(container).GetValueOrDefault(wanted.NetworkName)
            ?? new EndpointSettings(), publishes: true);
        if (request.Ports.Count == 0)
            return;
        var asked = request with { Ports = PortRequests.Again(request.Ports, before?.Ports ?? freed ?? []) };
        if (before is not null)
            Replace(container, await _connector.PublishAsync(before, request with { Ports = [] }, cancellation));
        try
        {
            Replace(container, await _connector.PublishAsync(wanted, asked, cancellation));
        }
        catch when (before is not null)
        {
            await PublishAgainAsync(container, before, asked);
            throw;
        }
    }

    /// <summary>The ports have left an endpoint, and the other one could not have them.</summary>
    private async Task PublishAgainAsync(Container container, Endpoint before, EndpointRequest asked)
    {
        try
        {
            Replace(container, await _connector.PublishAsync(before, asked, CancellationToken.None));
        }
        catch (Exception e) when (e is GantryException or IOException)
        {
            _log.PortsNotMoved(container.Id, e);
        }
    }

    /// <summary>That it has left the one network is done; that another cannot publish its ports does not change that.</summary>
    private async Task MovePortsAfterLeavingAsync(Container container, IReadOnlyList<PublishedPort> freed, CancellationToken cancellation)
    {
        try
        {
            await MovePortsAsync(container, cancellation, freed);
        }
        catch (Exception e) when (e is GantryException or IOException)
        {
            _log.PortsNotMoved(container.Id, e);
        }
    }

    private static void Replace(Container container, Endpoint changed) =>
        SaveEndpoints(container, [.. container.Endpoints.Select(endpoint => endpoint.Id == changed.Id ? changed : endpoint)]);

    /// <summary>The error for a network that a container is not on.</summary>
    public static GantryException NotConnected(string network, Container container) =>
        new(ErrorKind.System, $"container {container.Id} is not connected to network {network}");

    private static void CheckMayChange(Network network, Container container)
    {
        var mode = container.HostConfig.NetworkMode;
        if (container.State.Status is ContainerStatus.Removing or ContainerStatus.Dead)
            throw new GantryException(ErrorKind.Forbidden,
                $"container {container.Id} is marked for removal and cannot be connected or disconnected to the network");
        if (network.Name == "host")
            throw GantryException.Invalid("cannot connect container to host network - container must be created in host network mode");
        if (mode == "host" || EndpointRequests.SharesOther(mode))
            throw GantryException.Invalid("container sharing network namespace with another container or host cannot be connected to any other network");
        if (mode == "none" || network.Name == "none")
            throw GantryException.Invalid("container cannot be connected to multiple networks with one of the networks in private (none) mode");
    }

    private void SavePlan(Container container, IReadOnlyDictionary<string, EndpointSettings?> plan)
    {
        var changed = container.Document with { Networking = new NetworkingConfig { EndpointsConfig = plan } };
        _folder.WriteDocument(changed);
        container.Document = changed;
    }

    /// <summary>In this order: when the record cannot be written, the kernel has it nevertheless, and who undoes must know.</summary>
    private static void SaveEndpoints(Container container, IReadOnlyList<Endpoint> endpoints)
    {
        container.Endpoints = endpoints;
        EndpointRecord.Write(container, endpoints);
    }

    private static KeyValuePair<string, EndpointSettings?> Nullable(KeyValuePair<string, EndpointSettings> entry) => new(entry.Key, entry.Value);
}
