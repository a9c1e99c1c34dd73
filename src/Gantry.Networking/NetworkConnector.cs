using System.Collections.Concurrent;
using Gantry.Networking.Drivers;
using Gantry.Oci;
using Gantry.Os;

namespace Gantry.Networking;

/// <summary>Connects containers to networks and knows who is connected: <c>Containers</c> in <c>docker network inspect</c>.</summary>
/// <param name="networks">The networks.</param>
public sealed class NetworkConnector(NetworkStore networks)
{
    private readonly ConcurrentDictionary<(string Network, string Container), Endpoint> _endpoints = new();
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = new();

    /// <summary>The endpoints of running containers on a network, by container.</summary>
    public IReadOnlyList<Endpoint> EndpointsOf(Network network) =>
        [.. _endpoints.Values.Where(endpoint => endpoint.NetworkId == network.Id).OrderBy(endpoint => endpoint.ContainerId, StringComparer.Ordinal)];

    /// <summary>Connects a container's namespace to a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="request">What the container wants.</param>
    /// <param name="networkNamespace">Its network namespace; null where it has none of its own.</param>
    /// <param name="cancellation">Stops it; what was done is undone.</param>
    /// <exception cref="GantryException">The network's driver refuses, or the container is connected already.</exception>
    /// <exception cref="OsException">The kernel refused.</exception>
    public async ValueTask<Endpoint> ConnectAsync(
        Network network, EndpointRequest request, Fd? networkNamespace, CancellationToken cancellation = default)
    {
        var driver = networks.DriverOf(network);
        driver.Validate(network, request);
        using var gate = await EnterAsync(network, cancellation);
        var key = (network.Id, request.ContainerId);
        if (_endpoints.ContainsKey(key))
            throw new GantryException(ErrorKind.Forbidden, $"endpoint with name {request.ContainerName} already exists in network {network.Name}");
        var wanted = DefaultRoutes.Decide(network, request, OfContainer(request.ContainerId));
        var endpoint = await driver.AttachAsync(network, NetworkStore.NewId(), wanted, networkNamespace, cancellation);
        _endpoints[key] = endpoint;
        return endpoint;
    }

    /// <summary>Changes which ports of an endpoint are published.</summary>
    /// <param name="endpoint">What <see cref="ConnectAsync"/> returned.</param>
    /// <param name="request">What its container wants of the network now; its ports count.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The endpoint as it is now.</returns>
    /// <exception cref="GantryException">A port is taken; the endpoint has no ports then.</exception>
    public async ValueTask<Endpoint> PublishAsync(Endpoint endpoint, EndpointRequest request, CancellationToken cancellation = default)
    {
        var network = networks.Get(endpoint.NetworkId);
        using var gate = await EnterAsync(network, cancellation);
        var changed = await networks.DriverOf(network).PublishAsync(network, endpoint, request, cancellation);
        _endpoints[(network.Id, endpoint.ContainerId)] = changed;
        return changed;
    }

    /// <summary>
    /// Has an endpoint no longer counted, so that its container may be connected anew; <see cref="DisconnectAsync"/> is still to be called for it.
    /// </summary>
    public void Retire(Endpoint endpoint) => _endpoints.TryRemove(new((endpoint.NetworkId, endpoint.ContainerId), endpoint));

    /// <summary>Takes note of an endpoint of a container that ran on while no daemon did.</summary>
    /// <exception cref="GantryException">The network no longer exists.</exception>
    public async ValueTask RestoreAsync(Endpoint endpoint, CancellationToken cancellation = default)
    {
        var network = networks.Get(endpoint.NetworkId);
        using var gate = await EnterAsync(network, cancellation);
        await networks.DriverOf(network).RestoreAsync(network, endpoint, cancellation);
        _endpoints[(network.Id, endpoint.ContainerId)] = endpoint;
    }

    /// <summary>Disconnects; nothing happens when there is no such endpoint, or no such network any more.</summary>
    /// <param name="endpoint">What <see cref="ConnectAsync"/> returned.</param>
    /// <param name="networkNamespace">The container's network namespace, or null when it is gone.</param>
    /// <param name="cancellation">Stops it.</param>
    public async ValueTask DisconnectAsync(Endpoint endpoint, Fd? networkNamespace, CancellationToken cancellation = default)
    {
        Retire(endpoint);
        if (networks.Find(endpoint.NetworkId) is not { } network)
            return;
        using var gate = await EnterAsync(network, cancellation);
        await networks.DriverOf(network).DetachAsync(network, endpoint, networkNamespace, cancellation);
        // What remains of a running container's networks may have to give its default route now.
        if (networkNamespace is not null)
            DefaultRoutes.Apply(networkNamespace, OfContainer(endpoint.ContainerId));
    }

    private List<Endpoint> OfContainer(string containerId) => [.. _endpoints.Values.Where(endpoint => endpoint.ContainerId == containerId)];

    /// <summary>Drivers are promised that calls for one network come one after another.</summary>
    private async ValueTask<Gate> EnterAsync(Network network, CancellationToken cancellation)
    {
        var gate = _gates.GetOrAdd(network.Id, static _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellation);
        return new Gate(gate);
    }

    private readonly struct Gate(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
