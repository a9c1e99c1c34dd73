using System.Net;
using System.Net.Sockets;
using Gantry.Os;
using Gantry.Os.Netlink;
using Gantry.Os.Netlink.Nftables;
using static Gantry.Networking.Nftables.FirewallLayout;

namespace Gantry.Networking.Nftables;

/// <summary>
/// The table of one engine. Networks change all of it, in one transaction: there is no state in between, and what somebody did to the
/// table is put right on the way. Ports are elements of maps, which come and go alone. Connections that are open do not notice, since the
/// kernel tracks them apart from the rules. Not safe for use by several threads at once.
/// </summary>
/// <param name="table">The table's name, the engine's alone.</param>
/// <param name="scope">Who reaches published ports.</param>
internal sealed class BridgeFirewall(string table, PublishScope scope) : IDisposable
{
    private static readonly IPNetwork s_loopback4 = new(new IPAddress([127, 0, 0, 0]), 8);
    private static readonly IPNetwork s_loopback6 = new(IPAddress.IPv6Loopback, 128);
    private static readonly IPNetwork s_linkLocal6 = new(IPAddress.Parse("fe80::"), 10);

    private NetlinkSocket? _socket;

    /// <summary>
    /// The socket that all changes are made through. It belongs to the namespace of the thread that first asks, and its number tells our
    /// changes from others'.
    /// </summary>
    internal NetlinkSocket Socket => _socket ??= NetlinkSocket.Open(NetlinkFamily.Netfilter);

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    /// <summary>Writes the table; without networks there is none.</summary>
    /// <param name="networks">All networks.</param>
    /// <param name="ports">All published ports.</param>
    /// <param name="links">All ports of linked containers.</param>
    /// <param name="localNetworks">The networks that the host is in, for <see cref="PublishScope.Lan"/>.</param>
    /// <exception cref="OsException">The kernel refused; the table is as it was.</exception>
    internal void Write(
        IReadOnlyCollection<FirewalledNetwork> networks, IReadOnlyCollection<FirewalledPort> ports, IReadOnlyCollection<LinkedPort> links,
        IReadOnlyList<IPNetwork> localNetworks)
    {
        // Adding what may be there makes the removal succeed.
        var batch = new NftBatch().AddTable(table).DeleteTable(table);
        if (networks.Count > 0)
        {
            AddFrame(batch.AddTable(table), localNetworks);
            batch.AddElements(table, Bridges, networks.Select(static network => (NftKey.Of(Bridges.Key, network.Bridge), Array.Empty<byte>())));
            foreach (var network in networks)
                new NetworkRules(batch, table, network).Add();
            batch.AddRule(table, Decide, new NftRule().Jump(Allow));
            batch.AddElements(table, Links4, links.Select(ElementOf));
            foreach (var elements in ports.Select(ElementOf).GroupBy(static element => element.Set))
                batch.AddElements(table, elements.Key, elements.Select(static element => (element.Key, element.Value)));
        }
        batch.Commit(Socket);
    }

    /// <summary>Adds ports to the table, all or none.</summary>
    /// <exception cref="OsException">The table is not as it was written.</exception>
    internal void Open(IReadOnlyCollection<FirewalledPort> ports)
    {
        var batch = new NftBatch();
        foreach (var (set, key, value) in ports.Select(ElementOf))
            batch.AddElements(table, set, [(key, value)]);
        batch.Commit(Socket);
    }

    /// <summary>Removes ports from the table, all or none.</summary>
    /// <exception cref="OsException">The table is not as it was written.</exception>
    internal void Close(IReadOnlyCollection<FirewalledPort> ports)
    {
        var batch = new NftBatch();
        foreach (var (set, key, _) in ports.Select(ElementOf))
            batch.RemoveElements(table, set, [(key, [])]);
        batch.Commit(Socket);
    }

    /// <summary>Has other containers be linked, in one transaction.</summary>
    /// <exception cref="OsException">The table is not as it was written.</exception>
    internal void Link(IReadOnlyCollection<LinkedPort> added, IReadOnlyCollection<LinkedPort> removed) => new NftBatch()
        .RemoveElements(table, Links4, removed.Select(ElementOf)).AddElements(table, Links4, added.Select(ElementOf)).Commit(Socket);

    private void AddFrame(NftBatch batch, IReadOnlyList<IPNetwork> localNetworks)
    {
        foreach (var chain in (string[])[Published, Local, Decide, Allow])
            batch.AddChain(table, chain);
        foreach (var set in Sets)
            batch.AddSet(table, set);
        batch.AddChain(table, new NftBaseChain(Raw, "filter", NftHook.Prerouting, -300))
            .AddChain(table, new NftBaseChain(Prerouting, "nat", NftHook.Prerouting, -100))
            .AddChain(table, new NftBaseChain(Output, "nat", NftHook.Output, -100))
            // Before the filters of others, which may look for the mark.
            .AddChain(table, new NftBaseChain(Forward, "filter", NftHook.Forward, -1))
            // Before those of others, too: the first that translates a source has settled it.
            .AddChain(table, new NftBaseChain(Postrouting, "nat", NftHook.Postrouting, 99))
            // Bridges take 127/8 for an address like others (route_localnet), for the host's own connections: not what containers send there.
            .AddRule(table, Raw, new NftRule().FromAny(Bridges).Destination(s_loopback4).Drop())
            // Before the route is looked up, 127.0.0.1 may come from another machine: what is published there is for this one's own programs.
            .AddRule(table, Prerouting, new NftRule().Destination(s_loopback4).Accept());
        foreach (var chain in (string[])[Prerouting, Output])
        {
            // The kernel sends nothing on that has ::1 or an address of one wire: what is sent there is for this machine.
            batch.AddRule(table, chain, new NftRule().Destination(s_loopback6).Accept())
                .AddRule(table, chain, new NftRule().Destination(s_linkLocal6).Accept());
        }
        if (scope != PublishScope.Loopback)
            batch.AddRule(table, Prerouting, new NftRule().DestinationIsLocal().Jump(scope == PublishScope.Lan ? Local : Published));
        batch.AddRule(table, Output, new NftRule().DestinationIsLocal().Jump(Published));
        if (scope == PublishScope.Lan)
        {
            batch.AddRule(table, Local, new NftRule().FromAny(Bridges).Jump(Published));
            foreach (var network in localNetworks)
                batch.AddRule(table, Local, new NftRule().Source(network).Jump(Published));
        }
        foreach (var map in Translations)
            batch.AddRule(table, Published, new NftRule().TranslateBy(map));
        batch.AddRule(table, Forward, new NftRule().FromAny(Bridges).Jump(Decide))
            .AddRule(table, Forward, new NftRule().ToAny(Bridges).Jump(Decide))
            .AddRule(table, Decide, new NftRule().Established().Jump(Allow))
            .AddRule(table, Allow, new NftRule().AddMark(AllowedMark).Accept());
    }
}
