using System.Security.Cryptography;
using Gantry.Networking.Drivers;
using Gantry.Networking.Store;
using Gantry.Oci;
using Gantry.Oci.Filters;
using Gantry.Os.Files;

namespace Gantry.Networking;

/// <summary>
/// The networks of an engine: <c>none</c>, <c>host</c> and <c>bridge</c>, which are made at the first start and keep their IDs, and those of
/// users. Look-ups read no file. Safe for use by several threads.
/// </summary>
public sealed class NetworkStore
{
    private readonly NetworkFolder _folder;
    private readonly Dictionary<string, INetworkDriver> _drivers;
    private readonly Dictionary<string, Network> _networks;
    private readonly NetworkStoreOptions _options;
    private readonly Lock _gate = new();

    private NetworkStore(NetworkFolder folder, NetworkStoreOptions options, IEnumerable<INetworkDriver> drivers)
    {
        _folder = folder;
        _options = options;
        _drivers = drivers.ToDictionary(driver => driver.Name);
        _networks = folder.Open().ToDictionary(network => network.Id);
    }

    /// <summary>Opens the networks below <paramref name="root"/> (<c>ROOT/networks</c>).</summary>
    /// <param name="root">The engine's folder of durable objects.</param>
    /// <param name="drivers">The drivers; among them those of the predefined networks.</param>
    /// <exception cref="GantryException">A document cannot be read.</exception>
    public static NetworkStore Open(string root, params IEnumerable<INetworkDriver> drivers) => Open(root, new NetworkStoreOptions(), drivers);

    /// <summary>As <see cref="Open(string, IEnumerable{INetworkDriver})"/>, with what the engine decides.</summary>
    /// <exception cref="GantryException">A document cannot be read, or no subnet is left for the network <c>bridge</c>.</exception>
    public static NetworkStore Open(string root, NetworkStoreOptions options, params IEnumerable<INetworkDriver> drivers)
    {
        var store = new NetworkStore(new NetworkFolder(Path.Combine(Path.GetFullPath(root), "networks")), options, drivers);
        store.EnsurePredefined("none", "null", new Dictionary<string, string>());
        store.EnsurePredefined("host", "host", new Dictionary<string, string>());
        return store;
    }

    /// <summary>
    /// Makes in the kernel what networks need there: after a start of the host nothing of it is left. Also makes the network <c>bridge</c> at
    /// the first start, and what it is to be by the engine's settings.
    /// </summary>
    /// <param name="isUsed">Whether containers of an earlier engine may be connected: then <c>bridge</c> stays as it is.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The networks that could not be made, and why; a container's connection to one tries again.</returns>
    public async Task<IReadOnlyList<(string Network, Exception Cause)>> RestoreAsync(bool isUsed = false, CancellationToken cancellation = default)
    {
        var failed = new List<(string, Exception)>();
        using var alone = ChoosingSubnets();
        try
        {
            if (_drivers.TryGetValue("bridge", out var driver))
                await EnsureBridgeAsync(driver, isUsed, cancellation);
        }
        catch (Exception e) when (e is GantryException or IOException)
        {
            failed.Add(("bridge", e));
        }
        List<Network> all;
        lock (_gate)
            all = [.. _networks.Values.OrderBy(network => network.CreatedAt)];
        foreach (var network in all)
        {
            try
            {
                await DriverOf(network).CreateAsync(network, cancellation);
            }
            catch (Exception e) when (e is GantryException or IOException)
            {
                failed.Add((network.Name, e));
            }
        }
        return failed;
    }

    /// <summary>
    /// Removes from the kernel what networks without endpoints have there, when the engine stops: the next start makes it again, with the
    /// same addresses.
    /// </summary>
    /// <param name="isUsed">Whether a container is connected.</param>
    /// <returns>What could not be removed, and why.</returns>
    public async Task<IReadOnlyList<(string Network, Exception Cause)>> ReleaseUnusedAsync(Func<Network, bool> isUsed)
    {
        var failed = new List<(string, Exception)>();
        List<Network> unused;
        lock (_gate)
            unused = [.. _networks.Values.Where(network => !isUsed(network))];
        foreach (var network in unused)
        {
            try
            {
                await DriverOf(network).DeleteAsync(network, CancellationToken.None);
            }
            catch (Exception e) when (e is GantryException or IOException)
            {
                failed.Add((network.Name, e));
            }
        }
        return failed;
    }

    /// <summary>The names of the drivers, sorted, for <c>docker info</c>.</summary>
    public IReadOnlyList<string> DriverNames => [.. _drivers.Keys.Order(StringComparer.Ordinal)];

    /// <summary>A network by ID, name, or an unambiguous beginning of the ID, in this order.</summary>
    /// <exception cref="GantryException">There is none: <c>network x not found</c>; or the beginning is ambiguous.</exception>
    public Network Get(string nameOrId) => Find(nameOrId) ?? throw GantryException.NotFound($"network {nameOrId} not found");

    /// <summary>As <see cref="Get"/>, answering null when there is none.</summary>
    /// <exception cref="GantryException">The beginning of an ID is ambiguous.</exception>
    public Network? Find(string nameOrId)
    {
        lock (_gate)
        {
            if (_networks.TryGetValue(nameOrId, out var byId))
                return byId;
            if (_networks.Values.FirstOrDefault(network => network.Name == nameOrId) is { } byName)
                return byName;
            if (nameOrId.Length == 0)
                return null;
            var byPrefix = _networks.Values.Where(network => network.Id.StartsWith(nameOrId, StringComparison.Ordinal)).ToList();
            return byPrefix.Count > 1
                ? throw GantryException.Invalid($"network {nameOrId} is ambiguous ({byPrefix.Count} matches found based on ID prefix)")
                : byPrefix.FirstOrDefault();
        }
    }

    /// <summary>The driver of a network.</summary>
    public INetworkDriver DriverOf(Network network) => _drivers[network.Driver];

    /// <summary>The networks that match, the oldest first.</summary>
    /// <param name="filters"><c>driver id label name scope type dangling</c>.</param>
    /// <param name="isUsed">Whether any container is connected to a network; asked for <c>dangling</c> only.</param>
    /// <exception cref="GantryException">A filter is unknown or malformed.</exception>
    public IReadOnlyList<Network> List(ObjectFilters filters, Func<Network, bool> isUsed)
    {
        filters.Validate("driver", "id", "label", "name", "scope", "type", "dangling");
        foreach (var type in filters["type"])
        {
            if (type is not ("builtin" or "custom"))
                throw GantryException.Invalid($"invalid filter: 'type'='{type}'");
        }
        var dangling = filters.Flag("dangling");
        List<Network> all;
        lock (_gate)
            all = [.. _networks.Values.OrderBy(network => network.CreatedAt)];
        return [.. all.Where(network =>
            filters.MatchesExactly("driver", network.Driver)
            && filters.MatchesPattern("id", network.Id)
            && filters.MatchesPattern("name", network.Name)
            && filters.MatchesExactly("scope", network.Scope)
            && filters.MatchesExactly("type", network.IsPredefined ? "builtin" : "custom")
            && filters.MatchesLabels(network.Labels)
            && (dangling is null || dangling == (!network.IsPredefined && !isUsed(network))))];
    }

    /// <summary>Makes a network.</summary>
    /// <param name="wanted">Everything but the ID and the time, which are given here.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="GantryException">The name is taken, there is no such driver, or the driver refuses.</exception>
    public async Task<Network> CreateAsync(Network wanted, CancellationToken cancellation = default)
    {
        // 1. Validate everything.
        if (string.IsNullOrWhiteSpace(wanted.Name))
            throw GantryException.Invalid("invalid name: name is empty");
        // "default" is what containers call the one that they get unasked.
        if (wanted.IsPredefined || wanted.Name == "default")
            throw new GantryException(ErrorKind.Forbidden, $"operation is not permitted on predefined {wanted.Name} network ");
        wanted = NetworkConfiguration.Apply(wanted, Find);
        if (!_drivers.TryGetValue(wanted.Driver, out var driver))
            throw GantryException.NotFound($"plugin \"{wanted.Driver}\" not found");
        if (!wanted.IsConfigOnly)
            driver.Validate(wanted with { Options = WithDefaults(wanted) });
        using var alone = ChoosingSubnets();
        Network network;
        // 2. Make it known, so that a crash from here on leaves something that can be removed.
        lock (_gate)
        {
            if (_networks.Values.Any(other => other.Name == wanted.Name))
                throw GantryException.Conflict($"network with name {wanted.Name} already exists");
            network = driver.Complete(wanted with { Id = NewId(), CreatedAt = DateTimeOffset.UtcNow, Options = WithDefaults(wanted) }, _networks.Values);
            _folder.Write(network);
            _networks.Add(network.Id, network);
        }
        // 3. Make it in the kernel.
        try
        {
            await driver.CreateAsync(network, cancellation);
        }
        catch
        {
            Drop(network);
            throw;
        }
        _options.Report(network, "create");
        return network;
    }

    /// <summary>Removes a network that nothing is connected to.</summary>
    /// <param name="nameOrId">The network.</param>
    /// <param name="users">The IDs of the containers connected to a network.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="GantryException">There is none, it is predefined, or in use; docker's texts.</exception>
    public async Task<Network> RemoveAsync(string nameOrId, Func<Network, IReadOnlyList<string>> users, CancellationToken cancellation = default)
    {
        var network = Get(nameOrId);
        if (network.IsPredefined)
            throw new GantryException(ErrorKind.Forbidden, $"{network.Name} is a pre-defined network and cannot be removed");
        if (users(network) is { Count: > 0 } endpoints)
            throw new GantryException(ErrorKind.Forbidden,
                $"error while removing network: network {network.Name} has active endpoints ({string.Join(", ", endpoints)})");
        if (IsConfigurationOfOthers(network))
            throw new GantryException(ErrorKind.Forbidden, $"configuration network \"{network.Name}\" is in use");
        await DriverOf(network).DeleteAsync(network, cancellation);
        Drop(network);
        _options.Report(network, "destroy");
        return network;
    }

    private bool IsConfigurationOfOthers(Network network)
    {
        lock (_gate)
            return network.IsConfigOnly && _networks.Values.Any(other => other.ConfigFrom == network.Name);
    }

    /// <summary>An ID for a network or an endpoint: 64 hexadecimal digits.</summary>
    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    private IReadOnlyDictionary<string, string> WithDefaults(Network wanted)
    {
        if (!_options.DriverDefaults.TryGetValue(wanted.Driver, out var defaults))
            return wanted.Options;
        var options = new Dictionary<string, string>(defaults);
        foreach (var (key, value) in wanted.Options)
            options[key] = value;
        return options;
    }

    /// <summary>Makes the network <c>bridge</c>, or makes it anew when the settings changed, under the ID that it has.</summary>
    private async Task EnsureBridgeAsync(INetworkDriver driver, bool isUsed, CancellationToken cancellation)
    {
        Network? present;
        lock (_gate)
            present = _networks.Values.FirstOrDefault(static network => network.Name == "bridge");
        if (_options.DefaultBridge is not { } settings)
        {
            if (present is null || isUsed)
                return;
            await driver.DeleteAsync(present, cancellation);
            Drop(present);
            return;
        }

        var wanted = settings.Applied(present ?? new Network { Id = NewId(), Name = "bridge", Driver = "bridge", CreatedAt = DateTimeOffset.UtcNow });
        driver.Validate(wanted);
        if (present is not null && IsSame(driver.Complete(wanted, []), present))
            return;
        if (present is not null && isUsed)
            throw GantryException.Conflict(
                "its settings have changed (bip, fixed-cidr, mtu, icc ...), but containers run: it stays as it is until a start without any");
        if (present is not null)
            await driver.DeleteAsync(present, cancellation);
        lock (_gate)
        {
            var network = driver.Complete(wanted, [.. _networks.Values.Where(other => other.Id != wanted.Id)]);
            _folder.Write(network);
            _networks[network.Id] = network;
        }
    }

    private static bool IsSame(Network wanted, Network present) =>
        wanted.EnableIPv6 == present.EnableIPv6 && wanted.Options.Count == present.Options.Count && !wanted.Options.Except(present.Options).Any()
        && (wanted.Addressing.Pools ?? []).Select(Text).SequenceEqual((present.Addressing.Pools ?? []).Select(Text));

    private static string Text(AddressPool pool) =>
        $"{pool.Subnet} {pool.Range} {pool.Gateway} {string.Join(' ', pool.Reserved ?? new Dictionary<string, string>())}";

    private void EnsurePredefined(string name, string driverName, IReadOnlyDictionary<string, string> options)
    {
        if (!_drivers.TryGetValue(driverName, out var driver) || _networks.Values.Any(network => network.Name == name))
            return;
        var wanted = new Network { Id = NewId(), Name = name, Driver = driverName, CreatedAt = DateTimeOffset.UtcNow, Options = options };
        lock (_gate)
        {
            var network = driver.Complete(wanted, _networks.Values);
            _folder.Write(network);
            _networks.Add(network.Id, network);
        }
    }

    /// <summary>
    /// Two engines of one host that choose at the same time would choose the same subnet: a route is there for all to see only when the bridge is.
    /// </summary>
    private FileLock? ChoosingSubnets() => _options.SubnetLock is { } path ? FileLock.Acquire(path) : null;

    private void Drop(Network network)
    {
        lock (_gate)
        {
            _folder.Delete(network);
            _networks.Remove(network.Id);
        }
    }
}
