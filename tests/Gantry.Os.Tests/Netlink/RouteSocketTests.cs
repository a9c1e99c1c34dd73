using System.Net;
using Gantry.Os.Namespaces;
using Gantry.Os.Netlink;

namespace Gantry.Os.Tests.Netlink;

/// <summary>All of it in namespaces of the test's own: nothing is left on the host.</summary>
public sealed class RouteSocketTests : IDisposable
{
    private static readonly byte[] BridgeAddress = [0x02, 0x42, 0, 0, 0, 1];
    private static readonly byte[] PeerAddress = [0x02, 0x42, 0, 0, 0, 2];

    private readonly Fd _host = NetworkNamespace.Create();
    private readonly Fd _container = NetworkNamespace.Create();
    private readonly RouteSocket _routes;

    public RouteSocketTests() => _routes = RouteSocket.Open(_host);

    public void Dispose()
    {
        _routes.Dispose();
        _host.Dispose();
        _container.Dispose();
    }

    [Fact]
    public void A_new_namespace_has_the_loopback_interface_alone()
    {
        var link = Assert.Single(_routes.ListLinks());
        Assert.Equal(("lo", false), (link.Name, link.IsUp));
        _routes.SetUp(link.Index);
        Assert.True(_routes.FindLink("lo")!.IsUp);
    }

    [Fact]
    public void A_bridge_has_what_it_was_given()
    {
        _routes.CreateBridge("br-test", BridgeAddress, mtu: 1400, alias: "gantry abc");
        var bridge = _routes.FindLink("br-test")!;
        Assert.Equal(("bridge", 1400, "02:42:00:00:00:01", "gantry abc", false), (bridge.Kind, bridge.Mtu, bridge.Address, bridge.Alias, bridge.IsUp));

        _routes.AddAddress(bridge.Index, IPAddress.Parse("10.9.8.1"), 24);
        _routes.AddAddress(bridge.Index, IPAddress.Parse("10.9.8.1"), 24);
        _routes.SetUp(bridge.Index);
        Assert.Contains(new LinkAddress(bridge.Index, IPAddress.Parse("10.9.8.1"), 24), _routes.ListAddresses());
        Assert.Contains(_routes.ListRoutes(), route => route.Destination == IPNetwork.Parse("10.9.8.0/24") && route.Link == bridge.Index);
    }

    [Fact]
    public void A_name_that_is_taken_is_told_by_its_error()
    {
        _routes.CreateBridge("br-test", BridgeAddress, 0, "");
        var error = Assert.Throws<OsException>(() => _routes.CreateBridge("br-test", BridgeAddress, 0, ""));
        Assert.Equal(Errno.EEXIST, error.Errno);
        Assert.StartsWith("make the bridge br-test: EEXIST", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_there_is_null_and_its_removal_nothing()
    {
        Assert.Null(_routes.FindLink("nothing"));
        Assert.False(_routes.DeleteLink("nothing"));
    }

    [Fact]
    public void A_pair_leads_into_the_other_namespace_and_goes_as_one()
    {
        _routes.CreateBridge("br-test", BridgeAddress, 0, "");
        var bridge = _routes.FindLink("br-test")!;
        _routes.CreatePair("veth-test", bridge.Index, mtu: 1450, new PeerLink("eth0", PeerAddress, _container));
        var port = _routes.FindLink("veth-test")!;
        Assert.Equal(("veth", bridge.Index, 1450, true), (port.Kind, port.Master, port.Mtu, port.IsUp));
        _routes.ConfigurePort(port.Index, reflects: true, isolated: true);
        Assert.Throws<OsException>(() => _routes.ConfigurePort(bridge.Index, reflects: true, isolated: false));

        using var inside = RouteSocket.Open(_container);
        var peer = inside.FindLink("eth0")!;
        Assert.Equal(("02:42:00:00:00:02", 1450, false), (peer.Address, peer.Mtu, peer.IsUp));
        inside.Rename(peer.Index, "net1");
        inside.AddAddress(peer.Index, IPAddress.Parse("10.9.8.2"), 24);
        inside.SetUp(peer.Index);
        inside.AddDefaultRoute(peer.Index, IPAddress.Parse("10.9.8.1"));
        Assert.Contains(inside.ListRoutes(), route => route.Destination.PrefixLength == 0 && Equals(route.Gateway, IPAddress.Parse("10.9.8.1")));

        Assert.True(_routes.DeleteLink("veth-test"));
        Assert.Null(inside.FindLink("net1"));
    }

    [Fact]
    public void A_gateway_out_of_reach_is_refused()
    {
        using var inside = RouteSocket.Open(_container);
        var error = Assert.Throws<OsException>(() => inside.AddDefaultRoute(1, IPAddress.Parse("10.9.8.1")));
        Assert.NotEqual(0, error.Errno.Value);
    }
}
