using System.Net;
using Gantry.Networking.Drivers;
using Gantry.Networking.Nftables;
using Gantry.Networking.Ports;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Netlink.Nftables;

namespace Gantry.Networking.Tests.Drivers;

/// <summary>IPv6, and the ways in which networks are reached.</summary>
public sealed class BridgeDriverModesTests : IDisposable
{
    private const string Bridge = "com.docker.network.bridge.";

    private static readonly PortRequest s_web = new(80, PortProtocol.Tcp, "", 8080, 8080);

    private readonly TestHost _host = new();
    private readonly List<BridgeDriver> _drivers = [];

    public void Dispose()
    {
        _drivers.ForEach(static driver => driver.Dispose());
        _host.Dispose();
    }

    [Fact]
    public void With_IPv6_all_is_as_with_IPv4()
    {
        var driver = NewDriver();
        var network = _host.NewNetwork(driver, "n", static wanted => wanted with { EnableIPv6 = true, Addressing = With("fd11::/64") });
        Assert.Equal(["172.17.0.0/16", "fd11::/64"], network.Addressing.Pools!.Select(static pool => pool.Subnet));
        var (server, client) = (_host.NewContainer(), _host.NewContainer());
        var endpoint = _host.Attach(driver, network, server, null, s_web);
        Assert.Equal(("fd11::2/64", "fd11::1", "172.17.0.2/16"), (endpoint.IPv6Address, endpoint.IPv6Gateway, endpoint.IPv4Address));
        Assert.Equal(["0.0.0.0", "::"], endpoint.Ports.Select(static port => port.HostAddress));
        _host.Attach(driver, network, client);
        // Containers, the host, the world behind NAT66.
        Assert.Equal("fd11::3", TestHost.SeenBy(server, 80, client, "fd11::2", 80));
        Assert.Equal("fd11::3", TestHost.SeenBy(_host.Namespace, 80, client, "fd11::1", 80));
        Assert.Equal("2001:db8::1", TestHost.SeenBy(_host.Outside, 80, client, "2001:db8::2", 80));
        // The published port: from outside with the true source, from the host, hairpin, and from itself.
        Assert.Equal("2001:db8::2", TestHost.SeenBy(server, 80, _host.Outside, "2001:db8::1", 8080));
        Assert.Equal("203.0.113.2", TestHost.SeenBy(server, 80, _host.Outside, "203.0.113.1", 8080));
        Assert.NotNull(TestHost.SeenBy(server, 80, _host.Namespace, "2001:db8::1", 8080));
        Assert.Equal("fd11::1", TestHost.SeenBy(server, 80, client, "2001:db8::1", 8080));
        Assert.Equal("fd11::1", TestHost.SeenBy(server, 80, server, "2001:db8::1", 8080));
        Assert.Null(TestHost.SeenBy(server, 80, _host.Outside, "fd11::2", 80));
    }

    [Fact]
    public void A_network_of_IPv6_alone_chooses_unique_local_addresses()
    {
        var driver = NewDriver();
        var network = _host.NewNetwork(driver, "n", static wanted => wanted with { EnableIPv4 = false, EnableIPv6 = true });
        var server = _host.NewContainer();
        var endpoint = _host.Attach(driver, network, server, null, s_web);
        Assert.StartsWith("fd", endpoint.IPv6Address, StringComparison.Ordinal);
        Assert.EndsWith("::2/64", endpoint.IPv6Address, StringComparison.Ordinal);
        Assert.Equal(("", ""), (endpoint.IPv4Address, endpoint.IPv4Gateway));
        Assert.Equal([new PublishedPort(80, PortProtocol.Tcp, "::", 8080)], endpoint.Ports);
        Assert.Equal("2001:db8::2", TestHost.SeenBy(server, 80, _host.Outside, "2001:db8::1", 8080));
        Assert.Null(TestHost.SeenBy(server, 80, _host.Outside, "203.0.113.1", 8080));
    }

    [Fact]
    public void Without_IPv6_a_container_has_none_and_endpoints_have_names_and_settings()
    {
        var driver = NewDriver();
        var network = _host.NewNetwork(driver, "n", static wanted =>
            wanted with { Options = new Dictionary<string, string> { ["com.docker.network.container_iface_prefix"] = "net" } });
        var container = _host.NewContainer();
        Assert.Equal("net0", _host.Attach(driver, network, container).InterfaceName);
        Assert.Equal("1", TestHost.Setting(container, "/proc/sys/net/ipv6/conf/net0/disable_ipv6"));
        var named = _host.Attach(driver, network, container, static request => request with
        {
            MacAddress = "02-42-00-00-00-0a",
            Options = new Dictionary<string, string>
            {
                ["com.docker.network.endpoint.ifname"] = "front",
                ["com.docker.network.endpoint.sysctls"] = "net.ipv4.conf.IFNAME.log_martians=1,net.ipv4.conf.IFNAME.rp_filter=2",
            },
        });
        Assert.Equal(("front", "02:42:00:00:00:0a"), (named.InterfaceName, named.MacAddress));
        Assert.Equal(("1", "2"), (TestHost.Setting(container, "/proc/sys/net/ipv4/conf/front/log_martians"),
            TestHost.Setting(container, "/proc/sys/net/ipv4/conf/front/rp_filter")));
        // As docker's client sends them.
        _host.Attach(driver, network, container, static request => request with
        {
            Options = new Dictionary<string, string> { ["com.docker.network.endpoint.sysctls"] = "net.ipv4.conf.ifname.log_martians=1" },
        });
        Assert.Equal("1", TestHost.Setting(container, "/proc/sys/net/ipv4/conf/net1/log_martians"));
        var error = Assert.Throws<GantryException>(() => _host.Attach(driver, network, container, static request => request with
        {
            Options = new Dictionary<string, string> { ["com.docker.network.endpoint.ifname"] = "front" },
        }));
        Assert.Equal(ErrorKind.Conflict, error.Kind);
        Assert.Throws<GantryException>(() => _host.Attach(driver, network, container, static request => request with
        {
            Options = new Dictionary<string, string> { ["com.docker.network.endpoint.sysctls"] = "kernel.domainname=x" },
        }));
    }

    [Fact]
    public void Linked_containers_reach_each_others_ports_where_others_reach_nothing()
    {
        var driver = NewDriver();
        var network = _host.NewNetwork(driver, "bridge", static wanted =>
            wanted with { Options = new Dictionary<string, string> { [Bridge + "enable_icc"] = "false" } });
        var (server, friend, stranger) = (_host.NewContainer(), _host.NewContainer(), _host.NewContainer());
        _host.Attach(driver, network, server);
        _host.Attach(driver, network, friend);
        _host.Attach(driver, network, stranger);
        var link = new LinkedPort(IPAddress.Parse("172.17.0.3"), IPAddress.Parse("172.17.0.2"), PortProtocol.Tcp, 80);
        driver.Link(network, [link]);
        Assert.Equal("172.17.0.3", TestHost.SeenBy(server, 80, friend, "172.17.0.2", 80));
        Assert.Null(TestHost.SeenBy(server, 81, friend, "172.17.0.2", 81));
        Assert.Null(TestHost.SeenBy(server, 80, stranger, "172.17.0.2", 80));
        Assert.Null(TestHost.SeenBy(friend, 80, server, "172.17.0.3", 80));
        // All of it is written again after a change of networks.
        _host.NewNetwork(driver, "o", null, network);
        Assert.Equal("172.17.0.3", TestHost.SeenBy(server, 80, friend, "172.17.0.2", 80));
        // What a Docker has left behind hides nobody: -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE.
        _host.Run(static () =>
        {
            new NftBatch(NftFamily.IPv4).AddTable("nat").AddChain("nat", new NftBaseChain("POSTROUTING", "nat", NftHook.Postrouting, 100))
                .AddRule("nat", "POSTROUTING", new NftRule().Source(IPNetwork.Parse("172.17.0.0/16")).NotTo("docker0").Masquerade()).Commit();
            return Task.FromResult(0);
        });
        Assert.Equal("172.17.0.3", TestHost.SeenBy(server, 80, friend, "172.17.0.2", 80));
        driver.Link(network, []);
        Assert.Null(TestHost.SeenBy(server, 80, friend, "172.17.0.2", 80));
    }

    [Fact]
    public void Link_local_addresses_are_on_the_interface_beside_its_own()
    {
        var driver = NewDriver();
        var network = _host.NewNetwork(driver, "n", static wanted => wanted with { EnableIPv6 = true });
        var (one, two) = (_host.NewContainer(), _host.NewContainer());
        _host.Attach(driver, network, one, static request => request with { LinkLocalAddresses = ["169.254.7.1", "fe80::7"] });
        _host.Attach(driver, network, two, static request => request with { LinkLocalAddresses = ["169.254.7.2"] });
        Assert.Equal("169.254.7.2", TestHost.SeenBy(one, 80, two, "169.254.7.1", 80));
        var error = Assert.Throws<GantryException>(() =>
            _host.Attach(driver, network, one, static request => request with { LinkLocalAddresses = ["10.0.0.1"] }));
        Assert.StartsWith("invalid link-local IP address 10.0.0.1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Routed_networks_are_reached_by_containers_addresses_at_published_ports()
    {
        var driver = NewDriver();
        var network = _host.NewNetwork(driver, "n", static wanted => wanted with
        {
            EnableIPv6 = true,
            Addressing = With("2001:db8:1::/64"),
            Options = new Dictionary<string, string> { [Bridge + "gateway_mode_ipv6"] = "routed" },
        });
        var server = _host.NewContainer();
        var endpoint = _host.Attach(driver, network, server, null, s_web);
        Assert.Equal([8080, 0], endpoint.Ports.Select(static port => (int)port.HostPort));
        Assert.Equal("2001:db8::2", TestHost.SeenBy(server, 80, _host.Outside, "2001:db8:1::2", 80));
        Assert.Null(TestHost.SeenBy(server, 81, _host.Outside, "2001:db8:1::2", 81));
        Assert.Equal("2001:db8:1::2", TestHost.SeenBy(_host.Outside, 80, server, "2001:db8::2", 80));
        Assert.Equal("203.0.113.2", TestHost.SeenBy(server, 80, _host.Outside, "203.0.113.1", 8080));
        _host.Detach(driver, network, endpoint);
    }

    [Fact]
    public void A_routed_port_of_an_earlier_daemon_keeps_nobody_from_any_port()
    {
        var driver = NewDriver();
        var network = _host.NewNetwork(driver, "n", static wanted =>
            wanted with { Options = new Dictionary<string, string> { [Bridge + "gateway_mode_ipv4"] = "routed" } });
        var endpoint = _host.Attach(driver, network, _host.NewContainer(), null, s_web);
        Assert.Equal([0], endpoint.Ports.Select(static port => (int)port.HostPort));

        var successor = NewDriver();
        _host.Run(async () =>
        {
            await successor.CreateAsync(network, CancellationToken.None);
            await successor.RestoreAsync(network, endpoint, CancellationToken.None);
            return 0;
        });
        var other = _host.NewNetwork(successor, "o", null, network);
        Assert.NotEqual(0, _host.Attach(successor, other, _host.NewContainer(), null, new PortRequest(80, PortProtocol.Tcp, "", 0, 0)).Ports[0].HostPort);
    }

    [Fact]
    public void Ports_are_forwarded_when_the_sockets_of_all_are_open()
    {
        var forwarder = new RecordingForwarder();
        var driver = NewDriver(forwarder: forwarder);
        var network = _host.NewNetwork(driver, "n");
        var endpoint = _host.Attach(driver, network, _host.NewContainer(), null, s_web, new PortRequest(81, PortProtocol.Tcp, "", 8081, 8081));
        Assert.Equal([2, 2], forwarder.Listening);
        Assert.Equal(2, forwarder.Keys.Count);
        _host.Detach(driver, network, endpoint);
        Assert.Empty(forwarder.Keys);
    }

    [Fact]
    public void Unprotected_networks_are_reached_at_all_ports_but_not_by_other_networks()
    {
        var driver = NewDriver();
        var network = _host.NewNetwork(driver, "n", static wanted =>
            wanted with { Options = new Dictionary<string, string> { [Bridge + "gateway_mode_ipv4"] = "nat-unprotected" } });
        var other = _host.NewNetwork(driver, "o", null, network);
        var (server, stranger) = (_host.NewContainer(), _host.NewContainer());
        _host.Attach(driver, network, server);
        _host.Attach(driver, other, stranger);
        Assert.Equal("203.0.113.2", TestHost.SeenBy(server, 81, _host.Outside, "172.17.0.2", 81));
        Assert.Null(TestHost.SeenBy(server, 81, stranger, "172.17.0.2", 81));
        Assert.Equal("203.0.113.1", TestHost.SeenBy(_host.Outside, 80, server, "203.0.113.2", 80));
    }

    [Fact]
    public void A_trusted_interface_reaches_all_of_a_network()
    {
        var driver = NewDriver();
        var network = _host.NewNetwork(driver, "n", static wanted =>
            wanted with { Options = new Dictionary<string, string> { [Bridge + "trusted_host_interfaces"] = "uplink:other0" } });
        var server = _host.NewContainer();
        _host.Attach(driver, network, server);
        Assert.Equal("203.0.113.2", TestHost.SeenBy(server, 81, _host.Outside, "172.17.0.2", 81));
    }

    [Fact]
    public void An_isolated_network_has_no_host_and_an_inhibited_one_no_address_of_it()
    {
        var driver = NewDriver();
        var isolated = _host.NewNetwork(driver, "i", static wanted => wanted with
        {
            Internal = true,
            Options = new Dictionary<string, string> { [Bridge + "gateway_mode_ipv4"] = "isolated" },
        });
        var (one, two) = (_host.NewContainer(), _host.NewContainer());
        _host.Attach(driver, isolated, one);
        _host.Attach(driver, isolated, two);
        Assert.Equal("172.17.0.3", TestHost.SeenBy(one, 80, two, "172.17.0.2", 80));
        Assert.Null(TestHost.SeenBy(_host.Namespace, 80, two, "172.17.0.1", 80));
        Assert.Throws<GantryException>(() => driver.Validate(isolated with { Internal = false }));

        var inhibited = _host.NewNetwork(driver, "n", static wanted =>
            wanted with { Options = new Dictionary<string, string> { [Bridge + "inhibit_ipv4"] = "true" } }, isolated);
        var three = _host.NewContainer();
        Assert.Equal("172.18.0.1", _host.Attach(driver, inhibited, three).IPv4Gateway);
        Assert.Null(TestHost.SeenBy(_host.Namespace, 80, three, "172.18.0.1", 80));
    }

    [Theory]
    [InlineData(PublishScope.World, true, true)]
    [InlineData(PublishScope.Lan, true, true)]
    [InlineData(PublishScope.Loopback, false, false)]
    public void The_scope_says_who_reaches_published_ports(PublishScope scope, bool neighbour, bool container)
    {
        var driver = NewDriver(scope);
        var network = _host.NewNetwork(driver, "n");
        var (server, client) = (_host.NewContainer(), _host.NewContainer());
        _host.Attach(driver, network, server, null, s_web);
        _host.Attach(driver, network, client);
        Assert.NotNull(TestHost.SeenBy(server, 80, _host.Namespace, "127.0.0.1", 8080));
        Assert.Equal(neighbour, TestHost.SeenBy(server, 80, _host.Outside, "203.0.113.1", 8080) is not null);
        Assert.Equal(container, TestHost.SeenBy(server, 80, client, "203.0.113.1", 8080) is not null);
    }

    [Fact]
    public void Ports_of_both_versions_are_the_same_and_a_kernel_without_SCTP_is_named()
    {
        var driver = NewDriver();
        var network = _host.NewNetwork(driver, "n", static wanted => wanted with { EnableIPv6 = true });
        var endpoint = _host.Attach(driver, network, _host.NewContainer(), null, new PortRequest(80, PortProtocol.Tcp, "", 0, 0),
            new PortRequest(53, PortProtocol.Udp, "2001:db8::1", 53, 53));
        Assert.Equal(endpoint.Ports[0].HostPort, endpoint.Ports[1].HostPort);
        Assert.Equal(new PublishedPort(53, PortProtocol.Udp, "2001:db8::1", 53), endpoint.Ports[2]);
        var taken = Assert.Throws<GantryException>(() =>
            _host.Attach(driver, network, _host.NewContainer(), null, new PortRequest(53, PortProtocol.Udp, "::", 53, 53)));
        Assert.EndsWith(": Bind for [::]:53 failed: port is already allocated: the container c has it", taken.Message, StringComparison.Ordinal);
        if (!File.Exists("/proc/net/protocols") || !File.ReadAllText("/proc/net/protocols").Contains("SCTP", StringComparison.Ordinal))
        {
            var missing = Assert.Throws<GantryException>(() =>
                _host.Attach(driver, network, _host.NewContainer(), null, new PortRequest(9, PortProtocol.Sctp, "", 9, 9)));
            Assert.Contains("has no SCTP", missing.Message, StringComparison.Ordinal);
        }
    }

    private BridgeDriver NewDriver(PublishScope scope = PublishScope.World, IPortForwarder? forwarder = null)
    {
        var driver = new BridgeDriver(new DriverSettings { Instance = "gy-test", PublishScope = scope, WatchesFirewall = false, Forwarder = forwarder });
        _drivers.Add(driver);
        return driver;
    }

    private static NetworkAddressing With(string subnet) => new() { Pools = [new AddressPool(subnet, null, null, null)] };

    /// <summary>Takes note of how many sockets of the machine listen whenever something is to be forwarded.</summary>
    private sealed class RecordingForwarder : IPortForwarder
    {
        private readonly List<string> _keys = [];

        public List<int> Listening { get; } = [];

        public IReadOnlyList<string> Keys => _keys;

        public void Begin(string key, Fd socket, bool isTcp, IPEndPoint local, IPEndPoint target)
        {
            _keys.Add(key);
            // proc(5): the fourth column is the state, 0A: listening.
            Listening.Add(File.ReadLines("/proc/thread-self/net/tcp6").Count(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3] == "0A"));
        }

        public Task EndAsync(string key)
        {
            _keys.Remove(key);
            return Task.CompletedTask;
        }
    }
}
