using System.Net;
using Gantry.Networking.Drivers;
using Gantry.Networking.Ports;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Namespaces;
using Gantry.Os.Netlink.Nftables;

namespace Gantry.Networking.Tests.Drivers;

public sealed class BridgeDriverTests : NetworkDriverConformance, IDisposable
{
    private const string Instance = "gy-test";

    private readonly TestHost _host = new();
    private readonly BridgeDriver _driver = new(Instance);

    public void Dispose()
    {
        _driver.Dispose();
        _host.Dispose();
    }

    private static BridgeDriver New() => new(new DriverSettings { Instance = Instance, WatchesFirewall = false });

    protected override INetworkDriver NewDriver() => New();

    protected override Network NewNetwork() => new() { Id = new string('a', 64), Name = "n", Driver = "bridge", CreatedAt = DateTimeOffset.UtcNow };

    protected override Fd? NewNamespace() => NetworkNamespace.Create();

    protected override Task OnHostAsync(Func<Task> test) => Task.FromResult(_host.Run(async () =>
    {
        await test();
        return 0;
    }));

    [Fact]
    public void Containers_reach_each_other_their_host_and_by_it_the_world()
    {
        var network = _host.NewNetwork(_driver, "n");
        var (one, two) = (_host.NewContainer(), _host.NewContainer());
        var (first, second) = (_host.Attach(_driver, network, one), _host.Attach(_driver, network, two));
        Assert.Equal(("172.17.0.2/16", "172.17.0.1", "02:42:ac:11:00:02"), (first.IPv4Address, first.IPv4Gateway, first.MacAddress));
        Assert.Equal("172.17.0.2", TestHost.SeenBy(two, 80, one, "172.17.0.3", 80));
        Assert.Equal("172.17.0.3", TestHost.SeenBy(_host.Namespace, 80, two, first.IPv4Gateway, 80));
        Assert.Equal("203.0.113.1", TestHost.SeenBy(_host.Outside, 80, two, "203.0.113.2", 80));
        Assert.Equal("172.17.0.1", TestHost.SeenBy(one, 80, _host.Namespace, "172.17.0.2", 80));
        Assert.Null(TestHost.SeenBy(one, 80, _host.Outside, "172.17.0.2", 80));
        Assert.NotEqual(second.IPv4Address, first.IPv4Address);
    }

    [Fact]
    public void A_published_port_is_reached_from_everywhere()
    {
        var network = _host.NewNetwork(_driver, "n");
        var other = _host.NewNetwork(_driver, "o", null, network);
        var (server, neighbour, stranger) = (_host.NewContainer(), _host.NewContainer(), _host.NewContainer());
        var endpoint = _host.Attach(_driver, network, server, null, new PortRequest(80, PortProtocol.Tcp, "", 8080, 8080));
        _host.Attach(_driver, network, neighbour);
        _host.Attach(_driver, other, stranger);
        Assert.Equal([new PublishedPort(80, PortProtocol.Tcp, "0.0.0.0", 8080)], endpoint.Ports);
        Assert.Equal("203.0.113.2", TestHost.SeenBy(server, 80, _host.Outside, "203.0.113.1", 8080));
        Assert.Equal("172.17.0.1", TestHost.SeenBy(server, 80, _host.Namespace, "127.0.0.1", 8080));
        Assert.NotNull(TestHost.SeenBy(server, 80, _host.Namespace, "203.0.113.1", 8080));
        Assert.Equal("172.17.0.1", TestHost.SeenBy(server, 80, neighbour, "203.0.113.1", 8080));
        Assert.Equal("172.17.0.1", TestHost.SeenBy(server, 80, server, "203.0.113.1", 8080));
        Assert.NotNull(TestHost.SeenBy(server, 80, stranger, "203.0.113.1", 8080));

        _host.Detach(_driver, network, endpoint);
        Assert.Null(TestHost.SeenBy(server, 80, _host.Outside, "203.0.113.1", 8080));
    }

    [Fact]
    public void What_is_published_at_127_0_0_1_is_for_the_host_alone()
    {
        var network = _host.NewNetwork(_driver, "n");
        var server = _host.NewContainer();
        _host.Attach(_driver, network, server, null, new PortRequest(80, PortProtocol.Tcp, "127.0.0.1", 8080, 8080));
        Assert.NotNull(TestHost.SeenBy(server, 80, _host.Namespace, "127.0.0.1", 8080));
        Assert.Null(TestHost.SeenBy(server, 80, _host.Outside, "203.0.113.1", 8080));
    }

    [Fact]
    public void A_port_is_given_once_and_a_range_gives_the_next()
    {
        var network = _host.NewNetwork(_driver, "n");
        var certain = new PortRequest(80, PortProtocol.Tcp, "", 8080, 8080);
        _host.Attach(_driver, network, _host.NewContainer(), "172.17.0.9", certain);
        var error = Assert.Throws<GantryException>(() => _host.Attach(_driver, network, _host.NewContainer(), "172.17.0.10", certain));
        Assert.StartsWith("driver failed programming external connectivity on endpoint c (", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("): Bind for 0.0.0.0:8080 failed: port is already allocated: the container c has it", error.Message, StringComparison.Ordinal);
        var links = _host.LinkNames().Count;
        // The address of the attempt that failed is free again, and no interface of it is left.
        var endpoint = _host.Attach(_driver, network, _host.NewContainer(), "172.17.0.10", certain with { LastHostPort = 8090 },
            new PortRequest(53, PortProtocol.Udp, "", 0, 0));
        Assert.Equal(8081, endpoint.Ports[0].HostPort);
        Assert.NotEqual(0, endpoint.Ports[1].HostPort);
        Assert.Equal(links + 1, _host.LinkNames().Count);
    }

    [Fact]
    public void Networks_are_kept_apart_and_an_internal_one_from_the_world()
    {
        var one = _host.NewNetwork(_driver, "one");
        var two = _host.NewNetwork(_driver, "two", static wanted => wanted with { Internal = true }, one);
        var (a, b, c) = (_host.NewContainer(), _host.NewContainer(), _host.NewContainer());
        _host.Attach(_driver, one, a);
        _host.Attach(_driver, two, b);
        Assert.Equal("", _host.Attach(_driver, two, c).IPv4Gateway);
        Assert.Equal("172.18.0.2", TestHost.SeenBy(c, 80, b, "172.18.0.3", 80));
        Assert.Null(TestHost.SeenBy(b, 80, a, "172.18.0.2", 80));
        Assert.Null(TestHost.SeenBy(_host.Outside, 80, b, "203.0.113.2", 80));
    }

    [Fact]
    public void Without_icc_containers_reach_their_host_alone()
    {
        var network = _host.NewNetwork(_driver, "n", static wanted => wanted with
        {
            Options = new Dictionary<string, string> { ["com.docker.network.bridge.enable_icc"] = "false", ["com.docker.network.bridge.name"] = "quiet0" },
        });
        var (one, two) = (_host.NewContainer(), _host.NewContainer());
        _host.Attach(_driver, network, one);
        _host.Attach(_driver, network, two);
        Assert.Contains("quiet0", _host.LinkNames());
        Assert.Null(TestHost.SeenBy(two, 80, one, "172.17.0.3", 80));
        Assert.NotNull(TestHost.SeenBy(_host.Namespace, 80, one, "172.17.0.1", 80));
    }

    [Fact]
    public void A_new_daemon_keeps_what_was_restored_and_removes_the_rest()
    {
        var network = _host.NewNetwork(_driver, "n");
        var (kept, left) = (_host.NewContainer(), _host.NewContainer());
        var endpoint = _host.Attach(_driver, network, kept, null, new PortRequest(80, PortProtocol.Tcp, "", 8080, 8080));
        _host.Attach(_driver, network, left);
        var links = _host.LinkNames().Count;

        var successor = New();
        var next = _host.Run(async () =>
        {
            await successor.CreateAsync(network, CancellationToken.None);
            await successor.RestoreAsync(network, endpoint, CancellationToken.None);
            await successor.RemoveLeftoversAsync();
            return 0;
        });
        Assert.Equal(links - 1, _host.LinkNames().Count);
        Assert.NotNull(TestHost.SeenBy(kept, 80, _host.Outside, "203.0.113.1", 8080));
        Assert.Equal("172.17.0.3/16", _host.Attach(successor, network, _host.NewContainer()).IPv4Address);
        Assert.Equal(0, next);
    }

    [Fact]
    public void Nothing_is_left_of_networks_that_were_removed()
    {
        var before = _host.LinkNames();
        var network = _host.NewNetwork(_driver, "n");
        Assert.True(_host.HasTable(Instance));
        var endpoint = _host.Attach(_driver, network, _host.NewContainer());
        _host.Run(async () =>
        {
            await _driver.DetachAsync(network, endpoint, null, CancellationToken.None);
            await _driver.DeleteAsync(network, CancellationToken.None);
            return 0;
        });
        Assert.Equal(before, _host.LinkNames());
        Assert.False(_host.HasTable(Instance));
    }

    [Fact]
    public void An_interface_of_somebody_else_is_not_taken()
    {
        var options = new Dictionary<string, string> { ["com.docker.network.bridge.name"] = "uplink" };
        var error = Assert.Throws<GantryException>(() => _host.NewNetwork(_driver, "n", wanted => wanted with { Options = options }));
        Assert.Equal(ErrorKind.Conflict, error.Kind);
        Assert.Contains("uplink", _host.LinkNames());
    }

    [Theory]
    [InlineData("com.docker.network.bridge.name", "a/b")]
    [InlineData("com.docker.network.bridge.name", "sixteen-letters-")]
    [InlineData("com.docker.network.driver.mtu", "1x")]
    [InlineData("com.docker.network.bridge.enable_icc", "perhaps")]
    [InlineData("com.docker.network.bridge.host_binding_ipv4", "here")]
    public void A_malformed_option_is_refused(string key, string value) => Assert.Equal(
        ErrorKind.InvalidArgument,
        Assert.Throws<GantryException>(() => _driver.Validate(NewNetwork() with { Options = new Dictionary<string, string> { [key] = value } })).Kind);

    [Fact]
    public void A_subnet_of_another_network_is_refused()
    {
        var network = _host.NewNetwork(_driver, "n");
        var error = Assert.Throws<GantryException>(() => _host.NewNetwork(
            _driver, "o", static wanted =>
                wanted with { Addressing = new NetworkAddressing { Pools = [new AddressPool("172.17.128.0/24", null, null, null)] } }, network));
        Assert.Equal("invalid pool request: Pool overlaps with other one on this address space", error.Message);
    }
}
