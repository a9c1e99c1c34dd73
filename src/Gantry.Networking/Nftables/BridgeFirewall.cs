using System.Net;
using Gantry.Networking.Ports;
using Gantry.Os.Netlink.Nftables;

namespace Gantry.Networking.Nftables;

/// <summary>What the firewall has to know of a bridge network.</summary>
/// <param name="Bridge">The interface.</param>
/// <param name="Subnet">Its addresses.</param>
/// <param name="IsInternal">Whether there is no way in or out.</param>
/// <param name="Masquerade">Whether what leaves it looks as if sent by the host.</param>
internal sealed record FirewalledNetwork(string Bridge, IPNetwork Subnet, bool IsInternal, bool Masquerade);

/// <summary>A published port, and where it leads.</summary>
/// <param name="Port">The port.</param>
/// <param name="Address">The container's address.</param>
internal sealed record FirewalledPort(PublishedPort Port, IPAddress Address);

/// <summary>
/// The table of one engine. Each change writes all of it anew in one transaction: there is no state in between, and what somebody did to the
/// table is put right on the way. Connections that are open do not notice, since the kernel tracks them apart from the rules.
/// </summary>
/// <param name="table">The table's name, the engine's alone.</param>
internal sealed class BridgeFirewall(string table)
{
    private const string Raw = "raw", Forward = "forward", Prerouting = "prerouting", Output = "output", Postrouting = "postrouting", Published = "ports";

    private static readonly IPNetwork s_loopback = new(new IPAddress([127, 0, 0, 0]), 8);

    /// <summary>Writes the table; without networks there is none.</summary>
    /// <exception cref="Os.OsException">The kernel refused; the table is as it was.</exception>
    internal void Write(IReadOnlyCollection<FirewalledNetwork> networks, IReadOnlyCollection<FirewalledPort> ports)
    {
        // Adding what may be there makes the removal succeed.
        var batch = new NftBatch().AddTable(table).DeleteTable(table);
        if (networks.Count > 0)
        {
            AddChains(batch.AddTable(table));
            batch.AddRule(table, Forward, new NftRule().Established().Accept());
            foreach (var network in networks)
                AddNetwork(batch, network);
            foreach (var port in ports)
                AddPort(batch, port);
        }
        batch.Commit();
    }

    private void AddChains(NftBatch batch) => batch
        .AddChain(table, Published)
        .AddChain(table, new NftBaseChain(Raw, "filter", NftHook.Prerouting, -300))
        .AddChain(table, new NftBaseChain(Prerouting, "nat", NftHook.Prerouting, -100))
        .AddChain(table, new NftBaseChain(Output, "nat", NftHook.Output, -100))
        .AddChain(table, new NftBaseChain(Forward, "filter", NftHook.Forward, 0))
        .AddChain(table, new NftBaseChain(Postrouting, "nat", NftHook.Postrouting, 100))
        // Before the route is looked up, 127.0.0.1 may come from another machine: what is published there is for this one's own programs.
        .AddRule(table, Prerouting, new NftRule().Destination(s_loopback).Accept())
        .AddRule(table, Prerouting, new NftRule().DestinationIsLocal().Jump(Published))
        .AddRule(table, Output, new NftRule().DestinationIsLocal().Jump(Published));

    private void AddNetwork(NftBatch batch, FirewalledNetwork network)
    {
        var (bridge, subnet) = (network.Bridge, network.Subnet);
        // The bridge takes 127/8 for an address like others (route_localnet), for the host's own connections: not what containers send there.
        batch.AddRule(table, Raw, new NftRule().From(bridge).Destination(s_loopback).Drop());
        if (network.IsInternal)
        {
            batch.AddRule(table, Forward, new NftRule().From(bridge).NotTo(bridge).Drop())
                .AddRule(table, Forward, new NftRule().To(bridge).NotFrom(bridge).Drop());
            return;
        }
        // Other networks and other machines reach what is published, by the host's address.
        batch.AddRule(table, Forward, new NftRule().To(bridge).NotFrom(bridge).NotTranslated().Drop());
        if (network.Masquerade)
            batch.AddRule(table, Postrouting, new NftRule().NotTo(bridge).Source(subnet).Masquerade());
        // Whom the host itself, or a container on the same bridge, sent to a published port would answer past the translation.
        batch.AddRule(table, Postrouting, new NftRule().To(bridge).Source(s_loopback).Masquerade())
            .AddRule(table, Postrouting, new NftRule().To(bridge).Source(subnet).Translated().Masquerade());
    }

    private void AddPort(NftBatch batch, FirewalledPort published)
    {
        var port = published.Port;
        var rule = new NftRule();
        var host = IPAddress.Parse(port.HostAddress);
        if (!host.Equals(IPAddress.Any))
            rule.Destination(new IPNetwork(host, 32));
        batch.AddRule(table, Published, rule.Protocol((byte)port.Protocol).DestinationPort(port.HostPort)
            .TranslateTo(published.Address, port.ContainerPort));
    }
}
