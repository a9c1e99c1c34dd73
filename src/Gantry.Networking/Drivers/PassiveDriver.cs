using Gantry.Oci;
using Gantry.Os;

namespace Gantry.Networking.Drivers;

/// <summary>What <c>none</c> and <c>host</c> have in common: one predefined network, nothing to make in the kernel, no addresses.</summary>
public abstract class PassiveDriver : INetworkDriver
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract NamespaceOwner NamespaceOwner { get; }

    /// <inheritdoc/>
    public bool IsForUsers => false;

    /// <inheritdoc/>
    public void Validate(Network network)
    {
        if (!network.IsPredefined)
            throw new GantryException(ErrorKind.Forbidden, $"only one instance of \"{Name}\" network is allowed");
    }

    /// <inheritdoc/>
    public Network Complete(Network network, IReadOnlyCollection<Network> others) => network;

    /// <inheritdoc/>
    public void Validate(Network network, EndpointRequest request)
    {
        if (network.IsConfigOnly)
            throw new GantryException(ErrorKind.Forbidden, "cannot create endpoint on configuration-only network");
        if (request.IPv4Address is not null || request.IPv6Address is not null)
        {
            throw GantryException.Invalid(
                $"invalid config for network {network.Name}: invalid endpoint settings:\n* user specified IP address is supported on user defined networks only\n* user specified IP address is supported only when connecting to networks with user configured subnets");
        }
        if (request.Aliases.Count > 0)
            throw GantryException.Invalid(
                $"invalid config for network {network.Name}: invalid endpoint settings:\n* network-scoped aliases are only supported for user-defined networks");
        // docker passes over published ports here: with the host's network they are reached as they are, with none there is no way to them.
        if (request.Options.Count > 0)
            throw GantryException.Invalid($"invalid config for network {network.Name}: the driver \"{Name}\" has no option \"{request.Options.Keys.First()}\"");
    }

    /// <inheritdoc/>
    public Task CreateAsync(Network network, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task DeleteAsync(Network network, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask<Endpoint> AttachAsync(
        Network network, string endpointId, EndpointRequest request, Fd? networkNamespace, CancellationToken cancellation) =>
        ValueTask.FromResult(new Endpoint
        {
            Id = endpointId,
            NetworkId = network.Id,
            NetworkName = network.Name,
            ContainerId = request.ContainerId,
            ContainerName = request.ContainerName,
        });

    /// <inheritdoc/>
    public ValueTask<Endpoint> PublishAsync(Network network, Endpoint endpoint, EndpointRequest request, CancellationToken cancellation) =>
        ValueTask.FromResult(endpoint);

    /// <inheritdoc/>
    public ValueTask RestoreAsync(Network network, Endpoint endpoint, CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DetachAsync(Network network, Endpoint endpoint, Fd? networkNamespace, CancellationToken cancellation) => ValueTask.CompletedTask;
}

/// <summary>The network <c>none</c>: a namespace with nothing but the loopback interface, which the container's runtime brings up.</summary>
public sealed class NoneDriver : PassiveDriver
{
    /// <inheritdoc/>
    public override string Name => "null";

    /// <inheritdoc/>
    public override NamespaceOwner NamespaceOwner => NamespaceOwner.Container;
}

/// <summary>The network <c>host</c>: the host's own namespace.</summary>
public sealed class HostDriver : PassiveDriver
{
    /// <inheritdoc/>
    public override string Name => "host";

    /// <inheritdoc/>
    public override NamespaceOwner NamespaceOwner => NamespaceOwner.Host;
}
