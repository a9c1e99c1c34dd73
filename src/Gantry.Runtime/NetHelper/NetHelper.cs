using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Namespaces;
using Gantry.Runtime.Keeper;
using Gantry.Runtime.Keeper.Client;
using Gantry.Runtime.Keeper.Protocol;

namespace Gantry.Runtime.NetHelper;

/// <summary>
/// The daemon's hold on <c>gantry-runtime nethelper</c>: the program that answers the containers' questions for names at 127.0.0.11, keeps sockets
/// that reserve ports, and passes on what the kernel cannot translate. It is started by the first call that needs it, goes on while the daemon
/// restarts, and is replaced when it dies: this object has copies of all its descriptors and knows all it was told. All methods may be called from any
/// thread; those that ask for the same twice do it once more, and change nothing.
/// </summary>
public sealed partial class NetHelper : IDisposable
{
    private readonly KeeperLauncher _launcher;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _connecting = new(1);
    private readonly Dictionary<string, (ServedContainer Container, ResolverSockets Sockets)> _served = [];
    private readonly Dictionary<(string Network, string Container), PublishedNames> _published = [];
    private readonly Dictionary<string, (IReadOnlyList<Fd> Sockets, PortForward? Forward)> _held = [];
    private readonly List<string> _unknownHelpers = [];
    private readonly Fd _home = NetworkNamespace.OfThisThread();
    private volatile KeeperConnection? _connection;
    private volatile bool _disposed;

    /// <summary>Prepares; starts nothing. To be called in the host's network namespace.</summary>
    /// <exception cref="GantryException">There is no such program (NotFound).</exception>
    public NetHelper(NetHelperOptions options) => _launcher = new KeeperLauncher(
        new KeeperOptions { RuntimeBinary = options.RuntimeBinary, RunFolder = options.RunFolder, Grace = options.Grace },
        "nethelper", NetHelperProtocol.Version);

    /// <summary>
    /// Raised when the helper died (it says which process) and another has taken over, or could not yet: it is tried again each second. For the
    /// daemon's log.
    /// </summary>
    public event Action<int, Exception?>? Died;

    /// <summary>Sockets of helpers that speak another version of the protocol. They go on with what they have; this daemon cannot reach them.</summary>
    public IReadOnlyList<string> UnknownHelpers => _unknownHelpers;

    /// <summary>The IDs of the containers that are served.</summary>
    public IReadOnlyList<string> Containers
    {
        get
        {
            lock (_lock)
                return [.. _served.Keys];
        }
    }

    /// <summary>
    /// Finds the helper that an earlier daemon left, and learns what it has. Starts none. To be called once, when the daemon starts; then
    /// <see cref="RetainAsync"/> when it knows which containers run.
    /// </summary>
    /// <exception cref="GantryException">The helper does not answer (Unavailable).</exception>
    public async Task AdoptAsync(CancellationToken cancellation)
    {
        if (File.Exists(_launcher.SocketPath) || _launcher.OtherSockets.Any())
            await ConnectAsync(cancellation);
    }

    /// <summary>
    /// Serves names to a container from now on. Its resolver is to be <see cref="ResolverSockets.Address"/>. May run beside other steps of its start:
    /// the loopback interface need not be up yet.
    /// </summary>
    /// <param name="container">The container and what it sees.</param>
    /// <param name="networkNamespace">Its network namespace; stays the caller's.</param>
    /// <param name="cancellation">Ends the waiting; what was begun is undone.</param>
    /// <exception cref="OsException">The sockets cannot be made in the namespace.</exception>
    /// <exception cref="GantryException">The helper does not start (Unavailable).</exception>
    public Task ServeAsync(ServedContainer container, Fd networkNamespace, CancellationToken cancellation) =>
        ServeAsync(container, networkNamespace, [], cancellation);

    /// <summary>Serves names to a container, and publishes its own, with one question and answer between the processes.</summary>
    /// <param name="container">The container and what it sees.</param>
    /// <param name="networkNamespace">Its network namespace; stays the caller's.</param>
    /// <param name="names">What it is called, on each of its networks.</param>
    /// <param name="cancellation">Ends the waiting; what was begun is undone.</param>
    /// <exception cref="OsException">The sockets cannot be made in the namespace.</exception>
    /// <exception cref="GantryException">The helper does not start (Unavailable).</exception>
    public async Task ServeAsync(
        ServedContainer container, Fd networkNamespace, IReadOnlyList<PublishedNames> names, CancellationToken cancellation)
    {
        var sockets = ResolverSockets.Open(networkNamespace, _home);
        lock (_lock)
        {
            if (_served.Remove(container.Id, out var old))
                old.Sockets.Dispose();
            _served[container.Id] = (container, sockets);
            foreach (var published in names)
                _published[(published.Network, published.Container)] = published;
        }
        try
        {
            await SendAsync(connection =>
                [.. names.Select(published => Publishing(connection, published)), Serving(connection, container, sockets)], cancellation);
        }
        catch
        {
            Forget(container.Id);
            Unpublish(container.Id);
            throw;
        }
    }

    /// <summary>Changes what a served container sees: it was connected to a network, or disconnected.</summary>
    /// <exception cref="GantryException">It is not served (NotFound).</exception>
    public async Task UpdateAsync(ServedContainer container, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (!_served.TryGetValue(container.Id, out var served))
                throw GantryException.NotFound($"the names of the container {container.Id} are not served");
            _served[container.Id] = (container, served.Sockets);
        }
        await SendAsync(connection => [Serving(connection, container, null)], cancellation);
    }

    /// <summary>Stops serving a container, and withdraws its names on all networks. One that is not served is passed over.</summary>
    public async Task StopServingAsync(string container, CancellationToken cancellation)
    {
        bool known;
        lock (_lock)
        {
            known = Forget(container) | Unpublish(container);
        }
        if (known)
            await SendAsync(connection => [connection.New(NetHelperProtocol.StopServing).Text(container)], cancellation);
    }

    /// <summary>Tells what a container is called on a network; replaces what was told before. When this returns the names resolve.</summary>
    /// <exception cref="GantryException">The helper does not start (Unavailable).</exception>
    public async Task PublishAsync(PublishedNames names, CancellationToken cancellation)
    {
        lock (_lock)
            _published[(names.Network, names.Container)] = names;
        await SendAsync(connection => [Publishing(connection, names)], cancellation);
    }

    /// <summary>Takes back what a container is called on a network. What was not published is passed over.</summary>
    public async Task WithdrawAsync(string network, string container, CancellationToken cancellation)
    {
        bool known;
        lock (_lock)
            known = _published.Remove((network, container));
        if (known)
            await SendAsync(connection => [connection.New(NetHelperProtocol.Withdraw).Text(network).Text(container)], cancellation);
    }

    /// <summary>Stops serving, and withdraws, all containers but these: others ended while no daemon was there.</summary>
    /// <param name="containers">The IDs of those that run.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public async Task RetainAsync(IReadOnlySet<string> containers, CancellationToken cancellation)
    {
        List<string> gone;
        lock (_lock)
            gone = [.. _served.Keys.Concat(_published.Keys.Select(key => key.Container)).Distinct().Where(id => !containers.Contains(id))];
        foreach (var container in gone)
            await StopServingAsync(container, cancellation);
    }

    /// <summary>
    /// Has the helper keep sockets open, so that they outlive the daemon: those that reserve published ports. What the key stands for already is
    /// replaced.
    /// </summary>
    /// <param name="key">A name for them, chosen by the caller.</param>
    /// <param name="sockets">The sockets, at most 253; stay the caller's.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="GantryException">The helper does not start (Unavailable).</exception>
    public Task HoldAsync(string key, IReadOnlyList<Fd> sockets, CancellationToken cancellation) =>
        HoldAsync(key, [.. sockets.Select(socket => socket.Duplicate())], null, cancellation);

    /// <summary>Has the helper pass on what comes to a socket, over TCP or UDP. What the key stands for already is replaced.</summary>
    /// <param name="key">A name for it, chosen by the caller.</param>
    /// <param name="socket">The socket, listening or of datagrams; stays the caller's.</param>
    /// <param name="forward">From where to where, both in the host's network namespace.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="GantryException">The helper does not start (Unavailable).</exception>
    public Task ForwardAsync(string key, Fd socket, PortForward forward, CancellationToken cancellation) =>
        HoldAsync(key, [socket.Duplicate()], forward, cancellation);

    /// <summary>Closes what is held or forwarded under a key. One that stands for nothing is passed over.</summary>
    public async Task ReleaseAsync(string key, CancellationToken cancellation)
    {
        if (Drop(key))
            await SendAsync(connection => [connection.New(NetHelperProtocol.Release).Text(key)], cancellation);
    }

    /// <summary>The keys of what is held or forwarded.</summary>
    public IReadOnlyList<string> Held
    {
        get
        {
            lock (_lock)
                return [.. _held.Keys];
        }
    }

    /// <summary>What the helper has in hand; null: there is none, as nothing needed it.</summary>
    /// <exception cref="GantryException">It is gone (Unavailable).</exception>
    public async Task<NetHelperStatus?> StatusAsync()
    {
        if (_connection is not { } connection)
            return null;
        return await connection.SendAsync(connection.New(NetHelperProtocol.Status), NetHelperProtocol.StatusReply, frame =>
        {
            var reader = new MessageReader(frame.Payload);
            return new NetHelperStatus(connection.KeeperPid, reader.Int32(), reader.Int32(), reader.Int32(),
                reader.Int64(), reader.Int64(), reader.Int64(), reader.Int64());
        });
    }

    /// <summary>Closes the connection. The helper goes on, and waits for the next daemon.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _connection?.Dispose();
        lock (_lock)
        {
            foreach (var (_, sockets) in _served.Values)
                sockets.Dispose();
            foreach (var socket in _held.Values.SelectMany(held => held.Sockets))
                socket.Dispose();
            _served.Clear();
            _held.Clear();
            _home.Dispose();
        }
    }

    private async Task HoldAsync(string key, IReadOnlyList<Fd> sockets, PortForward? forward, CancellationToken cancellation)
    {
        lock (_lock)
        {
            Drop(key);
            _held[key] = (sockets, forward);
        }
        try
        {
            await SendAsync(connection => [Holding(connection, key, sockets, forward)], cancellation);
        }
        catch
        {
            Drop(key);
            throw;
        }
    }

    private bool Forget(string container)
    {
        lock (_lock)
        {
            if (!_served.Remove(container, out var served))
                return false;
            served.Sockets.Dispose();
            return true;
        }
    }

    private bool Unpublish(string container)
    {
        lock (_lock)
        {
            var keys = _published.Keys.Where(key => key.Container == container).ToList();
            foreach (var key in keys)
                _published.Remove(key);
            return keys.Count > 0;
        }
    }

    private bool Drop(string key)
    {
        lock (_lock)
        {
            if (!_held.Remove(key, out var held))
                return false;
            foreach (var socket in held.Sockets)
                socket.Dispose();
            return true;
        }
    }
}
