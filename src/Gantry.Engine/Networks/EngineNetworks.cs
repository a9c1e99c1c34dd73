using Gantry.Engine.Containers;
using Gantry.Engine.Events;
using Gantry.Networking;
using Gantry.Networking.Drivers;
using Gantry.Networking.Why;
using Gantry.Oci;
using Gantry.Runtime.NetHelper;

namespace Gantry.Engine.Networks;

/// <summary>
/// The networks of an engine with their drivers. What networks have in the kernel is made at the start, and removed at the end where no
/// container runs on it.
/// </summary>
internal sealed class EngineNetworks : IDisposable
{
    /// <summary>Engines of one host choose their subnets one after another.</summary>
    private const string SubnetLock = "/run/gantry-subnets.lock";

    private readonly BridgeDriver _bridges;
    private readonly NetHelper _helper;
    private readonly EngineLog _log;
    private readonly string? _hostGateway;

    public EngineNetworks(EngineOptions options, ContainerRegistry containers, EventBus events, EngineLog log)
    {
        _log = log;
        _hostGateway = options.HostGatewayAddress;
        _helper = new NetHelper(new NetHelperOptions { RuntimeBinary = options.RuntimeBinary, RunFolder = Path.GetFullPath(options.Run) });
        _helper.Died += log.NetHelperDied;
        var settings = new DriverSettings
        {
            Instance = options.InstanceName,
            PublishScope = options.PublishScope,
            MakesRules = options.MakesFirewallRules,
            AddressPools = options.AddressPools,
            Forwarder = new HelperForwarder(_helper, log),
        };
        _bridges = new BridgeDriver(settings);
        Events = new NetworkEvents(events);
        Store = NetworkStore.Open(
            options.Root, new NetworkStoreOptions { DefaultBridge = options.Bridge?.For(options.BridgeName), DriverDefaults = options.NetworkDefaults,
                SubnetLock = SubnetLock, Report = Events.Changed },
            new NoneDriver(), new HostDriver(), _bridges, new MacvlanDriver(settings), new IpvlanDriver(settings));
        Connector = new NetworkConnector(Store);
        Names = new ServedNames(_helper, Store, options.Defaults, log);
        Links = new LinkedContainers(containers, Store, Connector, _bridges.Link, log);
    }

    public NetworkStore Store { get; }

    public NetworkConnector Connector { get; }

    public NetworkEvents Events { get; }

    public ServedNames Names { get; }

    public LinkedContainers Links { get; }

    /// <summary>The address of the host on the network <c>bridge</c>; null when there is none.</summary>
    public string? HostGateway => _hostGateway ?? (Store.Find("bridge")?.Addressing.Pools is [{ } pool, ..] ? pool.Gateway : null);

    /// <summary>What decides, besides the networks, who reaches their containers.</summary>
    public FirewallFacts ReadFirewallFacts() => _bridges.ReadFirewallFacts();

    /// <summary>Makes in the kernel what networks need there. What fails is logged: a daemon without networks can still do much.</summary>
    /// <param name="isUsed">Whether containers of an earlier daemon run.</param>
    public async Task RestoreAsync(bool isUsed)
    {
        _bridges.BeginRestore();
        foreach (var (name, cause) in await Store.RestoreAsync(isUsed))
            _log.NetworkNotMade(name, cause);
        try
        {
            await _helper.AdoptAsync(CancellationToken.None);
        }
        catch (GantryException e)
        {
            _log.NetHelperNotFound(e);
        }
    }

    /// <summary>Removes what containers left that run no more: their interfaces, their names.</summary>
    /// <param name="running">The IDs of those that run.</param>
    public async Task RemoveLeftoversAsync(IReadOnlySet<string> running)
    {
        Links.Refresh();
        try
        {
            await _bridges.RemoveLeftoversAsync();
        }
        catch (IOException e)
        {
            _log.LeftoverNotRemoved("rules and interfaces of containers", e);
        }
        try
        {
            await _helper.RetainAsync(running, CancellationToken.None);
        }
        catch (GantryException e)
        {
            _log.LeftoverNotRemoved("names of containers", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _helper.Dispose();
        foreach (var (name, cause) in Store.ReleaseUnusedAsync(network => Connector.EndpointsOf(network).Count > 0).GetAwaiter().GetResult())
            _log.NetworkNotReleased(name, cause);
        _bridges.Dispose();
    }
}
