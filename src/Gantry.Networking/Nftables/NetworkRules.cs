using System.Net;
using System.Net.Sockets;
using Gantry.Os.Netlink.Nftables;
using static Gantry.Networking.Nftables.FirewallLayout;

namespace Gantry.Networking.Nftables;

/// <summary>
/// Adds the rules of one network to a table that is being written. <c>Gantry.Networking.Why</c> explains them: what changes here changes there.
/// </summary>
internal sealed class NetworkRules(NftBatch batch, string table, FirewalledNetwork network)
{
    private const byte Icmp = 1, IcmpV6 = 58;

    private static readonly IPNetwork s_loopback4 = new(new IPAddress([127, 0, 0, 0]), 8);

    private string Bridge => network.Bridge;

    internal void Add()
    {
        if (network.IsInternal)
        {
            Decide(new NftRule().From(Bridge).NotTo(Bridge).Drop());
            Decide(Entering().Drop());
            return;
        }
        // The bridge keeps its ports apart; what goes by the host and comes back is kept from them here, whether br_netfilter is loaded or not.
        if (network.IsQuiet)
        {
            Decide(new NftRule().From(Bridge).To(Bridge).SourceAndDestinationIn(Links4).Jump(Allow));
            Decide(new NftRule().From(Bridge).To(Bridge).Drop());
        }
        foreach (var link in network.TrustedLinks)
            Decide(new NftRule().From(link).To(Bridge).Jump(Allow));
        foreach (var family in (AddressFamily[])[AddressFamily.InterNetwork, AddressFamily.InterNetworkV6])
        {
            if (network.Subnets.FirstOrDefault(subnet => subnet.Family == family) is { } subnet)
            {
                AddEntry(subnet);
                AddTranslation(subnet);
            }
            else
            {
                Decide(Entering().Version(family).Drop());
                Decide(new NftRule().From(Bridge).NotTo(Bridge).Version(family).Drop());
            }
        }
    }

    /// <summary>Who comes in from elsewhere: other machines, and other networks' containers.</summary>
    private void AddEntry(FirewalledSubnet subnet)
    {
        switch (subnet.Mode)
        {
            case GatewayMode.Routed:
                Decide(Entering().DestinationIn(subnet.Family == AddressFamily.InterNetwork ? Open4 : Open6).Jump(Allow));
                Decide(Entering().Version(subnet.Family).Protocol(subnet.Family == AddressFamily.InterNetwork ? Icmp : IcmpV6).Jump(Allow));
                Decide(Entering().Version(subnet.Family).Drop());
                break;
            case GatewayMode.NatUnprotected:
                // Networks stay apart even so.
                Decide(Entering().Version(subnet.Family).FromAny(Bridges).Translated(false).Drop());
                break;
            default:
                Decide(Entering().Version(subnet.Family).Translated(false).Drop());
                break;
        }
    }

    private void AddTranslation(FirewalledSubnet subnet)
    {
        if (subnet.Masquerade && subnet.Mode is GatewayMode.Nat or GatewayMode.NatUnprotected)
        {
            var leaving = new NftRule().NotTo(Bridge).Source(subnet.Subnet);
            batch.AddRule(table, Postrouting, subnet.SourceAddress is { } source ? leaving.TranslateSource(source) : leaving.Masquerade());
        }
        // Whom the host itself, or a container on the same bridge, sent to a published port would answer past the translation.
        if (subnet.Family == AddressFamily.InterNetwork)
            batch.AddRule(table, Postrouting, new NftRule().To(Bridge).Source(s_loopback4).Masquerade());
        batch.AddRule(table, Postrouting, new NftRule().To(Bridge).Source(subnet.Subnet).Translated().Masquerade());
        // A link goes by the host and comes back by the same bridge. A Docker that was here may have left a rule that would hide who it comes from, and
        // br_netfilter
        // would send the answer from port to port, which are kept apart.
        if (network.IsQuiet)
            batch.AddRule(table, Postrouting, new NftRule().To(Bridge).Source(subnet.Subnet).KeepSource(subnet.Family));
    }

    private NftRule Entering() => new NftRule().To(Bridge).NotFrom(Bridge);

    private void Decide(NftRule rule) => batch.AddRule(table, FirewallLayout.Decide, rule);
}
