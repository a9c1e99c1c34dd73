using Gantry.Engine.Containers;

namespace Gantry.Engine.Networks;

/// <summary>
/// A container's connection to its networks while that container starts: made on another thread beside the root filesystem, and undone unless it
/// is kept.
/// </summary>
internal sealed class NetworkConnection : IAsyncDisposable
{
    private readonly ContainerNetworks _networks;
    private readonly Container _container;
    private readonly Task<ConnectedNamespace> _connecting;
    private bool _isKept;

    internal NetworkConnection(ContainerNetworks networks, Container container)
    {
        _networks = networks;
        _container = container;
        // Without a namespace of its own there is nothing that takes time.
        _connecting = EndpointRequests.IsPassive(container) ? networks.ConnectAsync(container) : Task.Run(() => networks.ConnectAsync(container));
    }

    /// <summary>Waits until it is made.</summary>
    /// <exception cref="Oci.GantryException">It could not be made; nothing of it is left.</exception>
    public Task<ConnectedNamespace> ReadyAsync() => _connecting;

    /// <summary>Has the container keep it: its process runs.</summary>
    public async Task KeepAsync()
    {
        _container.Endpoints = (await _connecting).Endpoints;
        _isKept = true;
    }

    /// <summary>Closes the namespace, which lives on with the process; disconnects if it is not kept.</summary>
    public async ValueTask DisposeAsync()
    {
        await ((Task)_connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_connecting.IsCompletedSuccessfully)
            return;
        var connected = await _connecting;
        if (!_isKept)
            await _networks.DisconnectAsync(_container, connected.Endpoints);
        connected.Namespace?.Dispose();
    }
}
