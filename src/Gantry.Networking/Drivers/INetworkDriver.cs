using Gantry.Oci;
using Gantry.Os;

namespace Gantry.Networking.Drivers;

/// <summary>Whose network namespace the containers of a driver's networks are in.</summary>
public enum NamespaceOwner
{
    /// <summary>Each container has its own.</summary>
    Container,

    /// <summary>They are in the host's.</summary>
    Host,
}

/// <summary>
/// Makes networks of one kind and connects containers to them.
/// <para>
/// The life of a network: <see cref="Validate(Network)"/> refuses what the driver cannot do, before anything is stored; <see cref="Complete"/>
/// decides what the user left open, such as a subnet, and what is stored is decided for good; <see cref="CreateAsync"/> makes what the network needs in the
/// kernel. It is called again, for the same network, after each start of the daemon, when some, all or
/// nothing of that is still there: it keeps what is right and makes what is missing. <see cref="DeleteAsync"/> removes it all; the
/// store calls it only for a network without endpoints, and once more if a crash interrupted it.
/// </para>
/// <para>
/// The life of an endpoint: <see cref="Validate(Network, EndpointRequest)"/> refuses without changing anything;
/// <see cref="AttachAsync"/> connects a network namespace, before the container's process runs in it or while it does, and either succeeds
/// or undoes all it did; <see cref="DetachAsync"/> disconnects. It gets the namespace while that exists and null afterwards (a container
/// that ended took its interfaces along), succeeds when there is nothing left to do, and goes on past what fails, reporting it all at the end.
/// An endpoint lives as long as the container runs: addresses outlive the daemon through what <see cref="AttachAsync"/> returned, which is
/// stored by the engine and given back by <see cref="RestoreAsync"/> when a new daemon finds the container running.
/// </para>
/// <para>
/// All methods may be called from any thread; calls for one network are made one after another. <c>tests/Gantry.Networking.Tests/Drivers</c>
/// has the conformance suite that every driver passes.
/// </para>
/// </summary>
public interface INetworkDriver
{
    /// <summary>The driver's name in docker's API, e.g. <c>bridge</c>.</summary>
    string Name { get; }

    /// <summary>Whose network namespace its containers are in.</summary>
    NamespaceOwner NamespaceOwner { get; }

    /// <summary>Whether users may make networks of this driver; otherwise there is the predefined one only.</summary>
    bool IsForUsers { get; }

    /// <summary>Refuses a network that the driver cannot make.</summary>
    /// <exception cref="GantryException">Why.</exception>
    void Validate(Network network);

    /// <summary>Decides what the user left open. Nothing is made; calls are made one after another.</summary>
    /// <param name="network">A valid network.</param>
    /// <param name="others">The networks that there are already, of all drivers.</param>
    /// <exception cref="GantryException">It contradicts one of the others, or nothing is left to choose from.</exception>
    Network Complete(Network network, IReadOnlyCollection<Network> others);

    /// <summary>Refuses an endpoint that the driver cannot make.</summary>
    /// <exception cref="GantryException">Why.</exception>
    void Validate(Network network, EndpointRequest request);

    /// <summary>Makes, or after a restart completes, what the network needs in the kernel.</summary>
    /// <exception cref="OsException">The kernel refused; nothing of the network is left.</exception>
    Task CreateAsync(Network network, CancellationToken cancellation);

    /// <summary>Removes what <see cref="CreateAsync"/> made.</summary>
    Task DeleteAsync(Network network, CancellationToken cancellation);

    /// <summary>Connects a network namespace.</summary>
    /// <param name="network">The network.</param>
    /// <param name="endpointId">The new endpoint's ID.</param>
    /// <param name="request">What the container wants.</param>
    /// <param name="networkNamespace">The container's network namespace; null where <see cref="NamespaceOwner"/> is the host.</param>
    /// <param name="cancellation">Stops it; what was done is undone.</param>
    /// <exception cref="GantryException">An address is taken, or there are none left.</exception>
    /// <exception cref="OsException">The kernel refused.</exception>
    ValueTask<Endpoint> AttachAsync(Network network, string endpointId, EndpointRequest request, Fd? networkNamespace, CancellationToken cancellation);

    /// <summary>Changes which ports of an endpoint are published; with a driver that publishes none, nothing.</summary>
    /// <param name="network">The network.</param>
    /// <param name="endpoint">What <see cref="AttachAsync"/> returned.</param>
    /// <param name="request">What the container wants now; its ports count.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The endpoint as it is now.</returns>
    /// <exception cref="GantryException">A port is taken; the endpoint has no ports then.</exception>
    ValueTask<Endpoint> PublishAsync(Network network, Endpoint endpoint, EndpointRequest request, CancellationToken cancellation);

    /// <summary>Takes note of an endpoint that an earlier daemon made and that is still in use.</summary>
    ValueTask RestoreAsync(Network network, Endpoint endpoint, CancellationToken cancellation);

    /// <summary>Disconnects.</summary>
    /// <param name="network">The network.</param>
    /// <param name="endpoint">What <see cref="AttachAsync"/> returned.</param>
    /// <param name="networkNamespace">The namespace, or null when it is gone.</param>
    /// <param name="cancellation">Stops it.</param>
    ValueTask DetachAsync(Network network, Endpoint endpoint, Fd? networkNamespace, CancellationToken cancellation);
}
