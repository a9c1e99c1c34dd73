using Gantry.Networking.Drivers;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Namespaces;
using Gantry.Os.Netlink;

namespace Gantry.Networking.Tests.Drivers;

public sealed class MacvlanDriverTests : NetworkDriverConformance, IDisposable
{
    private readonly TestHost _host = new();
    private readonly MacvlanDriver _driver = new(Settings);

    private static DriverSettings Settings => new() { Instance = "gy-test" };

    public void Dispose() => _host.Dispose();

    protected override INetworkDriver NewDriver() => new MacvlanDriver(Settings);

    protected override Network NewNetwork() => new() { Id = new string('a', 64), Name = "n", Driver = "macvlan", CreatedAt = DateTimeOffset.UtcNow };

    protected override Fd? NewNamespace() => NetworkNamespace.Create();

    protected override Task OnHostAsync(Func<Task> test) => Task.FromResult(_host.Run(async () =>
    {
        await test();
        return 0;
    }));

    [Fact]
    public void Containers_are_on_the_wire_of_their_parent()
    {
        var network = _host.NewNetwork(_driver, "n", static wanted => wanted with
        {
            EnableIPv6 = true,
            Options = new Dictionary<string, string> { ["parent"] = "uplink" },
            Addressing = new NetworkAddressing
            {
                Pools = [new AddressPool("203.0.113.0/24", "203.0.113.128/25", "203.0.113.2", null),
                    new AddressPool("2001:db8::/64", "2001:db8::1:0/112", "2001:db8::2", null)],
            },
        });
        var (one, two) = (_host.NewContainer(), _host.NewContainer());
        var links = _host.LinkNames();
        var (first, second) = (_host.Attach(_driver, network, one), _host.Attach(_driver, network, two));
        Assert.Equal(("203.0.113.128/24", "203.0.113.2", "eth0"), (first.IPv4Address, first.IPv4Gateway, first.InterfaceName));
        Assert.Equal("203.0.113.128", TestHost.SeenBy(_host.Outside, 80, one, "203.0.113.2", 80));
        Assert.Equal("203.0.113.2", TestHost.SeenBy(one, 80, _host.Outside, "203.0.113.128", 80));
        Assert.Equal("203.0.113.129", TestHost.SeenBy(one, 80, two, "203.0.113.128", 80));
        Assert.Equal("2001:db8::1:0", TestHost.SeenBy(_host.Outside, 80, one, "2001:db8::2", 80));
        Assert.Equal(links, _host.LinkNames());
        _host.Detach(_driver, network, second, two);
        using var inside = RouteSocket.Open(two);
        Assert.Null(inside.FindLink("eth0"));
    }

    [Theory]
    [InlineData("private", false)]
    [InlineData("vepa", false)]
    [InlineData("bridge", true)]
    public void The_mode_says_whether_containers_reach_each_other(string mode, bool reached)
    {
        var network = _host.NewNetwork(_driver, "n", wanted => wanted with { Options = new Dictionary<string, string> { ["macvlan_mode"] = mode } });
        Assert.True(network.Internal);
        Assert.Contains($"dm-{network.Id[..12]}", _host.LinkNames());
        var (one, two) = (_host.NewContainer(), _host.NewContainer());
        var first = _host.Attach(_driver, network, one);
        _host.Attach(_driver, network, two);
        Assert.Equal("", first.IPv4Gateway);
        Assert.Equal(reached, TestHost.SeenBy(one, 80, two, first.IPv4Address.Split('/')[0], 80) is not null);
    }

    [Fact]
    public void Passthru_takes_the_parents_place_and_only_once()
    {
        var network = _host.NewNetwork(_driver, "n", static wanted =>
            wanted with { Options = new Dictionary<string, string> { ["macvlan_mode"] = "passthru" } });
        _host.Attach(_driver, network, _host.NewContainer());
        Assert.Equal(Errno.EINVAL, Assert.Throws<OsException>(() => _host.Attach(_driver, network, _host.NewContainer())).Errno);
    }

    [Fact]
    public void A_parent_is_one_networks_and_must_be_there()
    {
        var options = new Dictionary<string, string> { ["parent"] = "uplink" };
        var network = _host.NewNetwork(_driver, "n", wanted => wanted with { Options = options });
        var error = Assert.Throws<GantryException>(() => _host.NewNetwork(_driver, "o", wanted => wanted with { Options = options }, network));
        Assert.EndsWith("is already using parent interface uplink", error.Message, StringComparison.Ordinal);
        var missing = Assert.Throws<GantryException>(() =>
            _host.NewNetwork(_driver, "p", static wanted => wanted with { Options = new Dictionary<string, string> { ["parent"] = "nope" } }, network));
        Assert.Equal("-o parent interface was not found on the host: nope", missing.Message);
        // A virtual LAN is made, or the kernel that has none is named.
        try
        {
            var lan = _host.NewNetwork(_driver, "q", static wanted =>
                wanted with { Options = new Dictionary<string, string> { ["parent"] = "uplink.10" } }, network);
            Assert.Contains("uplink.10", _host.LinkNames());
            _host.Run(async () =>
            {
                await _driver.DeleteAsync(lan, CancellationToken.None);
                return 0;
            });
        }
        catch (GantryException e) when (e.Kind == ErrorKind.NotImplemented)
        {
            Assert.Contains("802.1Q", e.Message, StringComparison.Ordinal);
        }
        Assert.DoesNotContain("uplink.10", _host.LinkNames());
    }
}

public sealed class IpvlanDriverTests : IDisposable
{
    private readonly TestHost _host = new();
    private readonly IpvlanDriver _driver = new(new DriverSettings { Instance = "gy-test" });

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("l2")]
    [InlineData("l3")]
    [InlineData("l3s")]
    public void Containers_are_connected_or_the_kernel_that_cannot_is_named(string mode)
    {
        var network = _host.NewNetwork(_driver, "n", wanted => wanted with
        {
            Options = new Dictionary<string, string> { ["parent"] = "uplink", ["ipvlan_mode"] = mode },
            Addressing = new NetworkAddressing { Pools = [new AddressPool("203.0.113.0/24", "203.0.113.128/25", "203.0.113.2", null)] },
        });
        var container = _host.NewContainer();
        try
        {
            var endpoint = _host.Attach(_driver, network, container);
            Assert.Equal("203.0.113.128/24", endpoint.IPv4Address);
            Assert.Equal("203.0.113.128", TestHost.SeenBy(_host.Outside, 80, container, "203.0.113.2", 80));
        }
        catch (GantryException e) when (e.Kind == ErrorKind.NotImplemented)
        {
            Assert.Contains("has no ipvlan", e.Message, StringComparison.Ordinal);
            Assert.False(File.Exists("/sys/module/ipvlan"));
        }
    }

    [Theory]
    [InlineData("ipvlan_mode", "l4")]
    [InlineData("ipvlan_flag", "x")]
    [InlineData("parent", "a/b")]
    public void A_malformed_option_is_refused(string key, string value) =>
        Assert.Equal(ErrorKind.InvalidArgument, Assert.Throws<GantryException>(() => _driver.Validate(new Network
    {
        Id = new string('a', 64),
        Name = "n",
        Driver = "ipvlan",
        CreatedAt = default,
        Options = new Dictionary<string, string> { [key] = value },
    })).Kind);
}
