using System.Net;
using System.Net.Sockets;
using Gantry.Networking.Nftables;
using Gantry.Networking.Why;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Netlink;
using Gantry.Os.Netlink.Nftables;

namespace Gantry.Networking.Drivers;

/// <summary>
/// Keeps the firewall as the networks want it: each change goes the shortest way, and the whole is written anew where that fails or somebody
/// else changed it. Safe for use by several threads.
/// </summary>
/// <param name="settings">The engine's.</param>
/// <param name="networks">The networks that there are.</param>
internal sealed class BridgeFirewallKeeper(DriverSettings settings, Func<IReadOnlyList<BridgeNetwork>> networks) : IDisposable
{
    private static readonly IPNetwork[] s_private =
    [
        .. ((string[])["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"]).Select(IPNetwork.Parse),
    ];

    private readonly BridgeFirewall _firewall = new(settings.Instance, settings.PublishScope);
    private readonly ForwardException _exception = new(settings.Instance);
    private readonly Lock _gate = new();
    private FirewallWatcher? _watcher;
    private IReadOnlyList<IPNetwork> _local = [];
    private bool _isPostponed, _isRemoved;

    /// <inheritdoc/>
    public void Dispose()
    {
        _watcher?.Dispose();
        _firewall.Dispose();
    }

    /// <summary>Writes all of it, after networks have changed. The first time it begins to watch.</summary>
    /// <exception cref="OsException">The kernel refused; all is as it was.</exception>
    internal void Write()
    {
        lock (_gate)
        {
            if (_isPostponed)
                return;
            if (!settings.MakesRules)
            {
                RemoveTable();
                return;
            }
            _local = settings.PublishScope == PublishScope.Lan ? LocalNetworks() : [];
            WriteTable();
            _exception.Ensure(_firewall.Socket, networks().Any(static network => !network.IsInternal));
            if (settings.WatchesFirewall)
                _watcher ??= new FirewallWatcher(Judge, Repair);
        }
    }

    /// <summary>Leaves all as it is until <see cref="Resume"/>.</summary>
    internal void Postpone()
    {
        lock (_gate)
            _isPostponed = true;
    }

    /// <summary>Writes all that was not written meanwhile, if anything is to be.</summary>
    /// <exception cref="OsException">The kernel refused; all is as it was.</exception>
    internal void Resume()
    {
        lock (_gate)
        {
            if (!_isPostponed)
                return;
            _isPostponed = false;
            if (networks().Count > 0)
                Write();
        }
    }

    /// <summary>Adds the ports of a new endpoint.</summary>
    /// <exception cref="OsException">The kernel refused; all is as it was.</exception>
    internal void Open(IReadOnlyList<FirewalledPort> ports) => Change(ports.Count > 0, () => _firewall.Open(ports));

    /// <summary>Removes the ports of an endpoint that is no longer there.</summary>
    /// <exception cref="OsException">The kernel refused; all is as it was.</exception>
    internal void Close(IReadOnlyList<FirewalledPort> ports) => Change(ports.Count > 0, () => _firewall.Close(ports));

    /// <summary>Has other containers of a network be linked.</summary>
    /// <exception cref="OsException">The kernel refused; what is opened is as it was.</exception>
    internal void Link(BridgeNetwork network, IReadOnlySet<LinkedPort> links)
    {
        lock (_gate)
        {
            var before = network.Links;
            network.Links = links;
            Change(!links.SetEquals(before), () => _firewall.Link([.. links.Except(before)], [.. before.Except(links)]));
        }
    }

    /// <summary>Reads what decides besides the networks themselves.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    internal FirewallFacts ReadFacts()
    {
        if (!settings.MakesRules)
            throw GantryException.NotImplemented(
                "this daemon makes no rules (iptables: false): who reaches whom is decided by those of others, which it does not know");
        lock (_gate)
        {
            var reader = new NftReader(_firewall.Socket);
            var others = new List<DroppingChain>();
            foreach (var family in (NftFamily[])[NftFamily.IPv4, NftFamily.IPv6])
            {
                if (ForwardException.Find(reader, family) is { } found)
                {
                    var name = $"{(family == NftFamily.IPv4 ? "ip" : "ip6")} {found.Dropping.Table} {found.Dropping.Name} (policy drop)";
                    others.Add(new DroppingChain(family == NftFamily.IPv4, name, _exception.IsIn(reader, family, found.ExceptionIn)));
                }
            }
            // Others' own tables know nothing of our mark.
            others.AddRange(reader.ListChains(NftFamily.Inet)
                .Where(chain => chain is { Hook: NftHook.Forward, Drops: true } && chain.Table != settings.Instance)
                .SelectMany(static chain =>
                    (DroppingChain[])[new(true, $"inet {chain.Table} {chain.Name} (policy drop)", false),
                        new(false, $"inet {chain.Table} {chain.Name} (policy drop)", false)]));
            return new FirewallFacts(settings.PublishScope, LocalNetworks(), others) { Links = [.. networks().SelectMany(static network => network.Links)] };
        }
    }

    private void Change(bool isNeeded, Action change)
    {
        if (!isNeeded || !settings.MakesRules)
            return;
        lock (_gate)
        {
            if (_isPostponed)
                return;
            try
            {
                change();
            }
            catch (OsException)
            {
                // Somebody was at the table. What the endpoints have is what is to be there.
                WriteTable();
            }
        }
    }

    /// <summary>Removes what an earlier daemon wrote, which made rules.</summary>
    private void RemoveTable()
    {
        if (_isRemoved)
            return;
        _isRemoved = true;
        try
        {
            _firewall.Write([], [], [], []);
            _exception.Ensure(_firewall.Socket, isWanted: false);
        }
        catch (OsException)
        {
            // A kernel that knows no tables has none of ours either.
        }
    }

    private void WriteTable()
    {
        var all = networks();
        _firewall.Write([.. all.Select(static made => made.Firewalled)], [.. all.SelectMany(static made => made.FirewalledPorts)],
            [.. all.SelectMany(static made => made.Links)], _local);
    }

    private Damage Judge(NftChange change) => change.PortId == _firewall.Socket.PortId ? Damage.None
        : change.Family == NftFamily.Inet && change.Table == settings.Instance ? Damage.Table
        : change.Family is NftFamily.IPv4 or NftFamily.IPv6 && change.Table == ForwardException.Table ? Damage.Exception
        : Damage.None;

    private void Repair(Damage damage)
    {
        lock (_gate)
        {
            if (damage.HasFlag(Damage.Table))
                WriteTable();
            if (damage.HasFlag(Damage.Exception))
                _exception.Ensure(_firewall.Socket, networks().Any(static network => !network.IsInternal));
        }
    }

    /// <summary>The networks that this host's interfaces are in, and those of private addresses.</summary>
    private static List<IPNetwork> LocalNetworks()
    {
        using var routes = RouteSocket.Open();
        var connected = routes.ListRoutes().Where(static route => route.Gateway is null && route.Destination.PrefixLength > 0)
            .Select(static route => route.Destination);
        return [.. s_private, .. connected.Where(static network => !s_private.Any(known => known.Contains(network.BaseAddress)))];
    }
}
