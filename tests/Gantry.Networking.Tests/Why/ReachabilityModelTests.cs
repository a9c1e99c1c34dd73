using System.Net;
using Gantry.Networking.Drivers;
using Gantry.Networking.Nftables;
using Gantry.Networking.Ports;
using Gantry.Networking.Tests.Drivers;
using Gantry.Networking.Why;
using Gantry.Os;

namespace Gantry.Networking.Tests.Why;

/// <summary>What is explained is what packets meet.</summary>
public sealed class ReachabilityModelTests : IDisposable
{
    private const string Bridge = "com.docker.network.bridge.";

    private readonly TestHost _host = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(PublishScope.World, "")]
    [InlineData(PublishScope.Loopback, "")]
    [InlineData(PublishScope.World, "gateway_mode_ipv4=nat-unprotected")]
    [InlineData(PublishScope.World, "enable_icc=false")]
    public void Every_way_is_as_it_is_said_to_be(PublishScope scope, string option)
    {
        using var driver = new BridgeDriver(new DriverSettings { Instance = "gy-test", PublishScope = scope, WatchesFirewall = false });
        var options = option.Length == 0 ? [] : new Dictionary<string, string> { [Bridge + option.Split('=')[0]] = option.Split('=')[1] };
        var network = _host.NewNetwork(driver, "n", wanted => wanted with { Options = options });
        var other = _host.NewNetwork(driver, "o", null, network);
        var (server, neighbour, stranger) = (_host.NewContainer(), _host.NewContainer(), _host.NewContainer());
        var endpoint = _host.Attach(driver, network, server, null, new PortRequest(80, PortProtocol.Tcp, "", 8080, 8080));
        _host.Attach(driver, network, neighbour);
        _host.Attach(driver, other, stranger);
        var from = new Dictionary<Origin, Fd>
        {
            [Origin.Host] = _host.Namespace,
            [Origin.SameNetwork] = neighbour,
            [Origin.OtherNetwork] = stranger,
            [Origin.LocalMachine] = _host.Outside,
        };
        var facts = _host.Run(() => Task.FromResult(driver.ReadFirewallFacts()));
        Assert.Empty(facts.Others);
        var model = new ReachabilityModel(facts);
        var ways = model.Explain(network, endpoint, 80);
        Assert.Equal(2 * 5, ways.Count);
        foreach (var way in ways.Where(way => from.ContainsKey(way.From)))
        {
            var address = way.Address == "0.0.0.0" ? "203.0.113.1" : way.Address;
            var isOpen = TestHost.SeenBy(server, 80, from[way.From], address, way.Port) is not null;
            Assert.True(isOpen == way.IsOpen, $"{way}: in truth {isOpen}");
        }
        Assert.Equal(Origin.LocalMachine, model.Classify(IPAddress.Parse("203.0.113.2"), network, [network, other]));
        Assert.Equal(Origin.RemoteMachine, model.Classify(IPAddress.Parse("198.51.100.1"), network, [network, other]));
        Assert.Equal(Origin.OtherNetwork, model.Classify(IPAddress.Parse("172.18.0.2"), network, [network, other]));
    }

    [Theory]
    [InlineData(PublishScope.World, true)]
    [InlineData(PublishScope.Lan, false)]
    public void What_the_net_helper_passes_on_is_said_to_be_so(PublishScope scope, bool fromElsewhere)
    {
        var network = new Network { Id = new string('a', 64), Name = "n", Driver = "bridge", CreatedAt = default,
            Addressing = new NetworkAddressing { Pools = [new AddressPool("10.0.0.0/24", null, "10.0.0.1", null)] } };
        var endpoint = new Endpoint
        {
            Id = "e",
            NetworkId = network.Id,
            NetworkName = "n",
            ContainerId = "c",
            ContainerName = "c",
            IPv4Address = "10.0.0.2/24",
            Ports = [new PublishedPort(80, PortProtocol.Tcp, "::", 8080), new PublishedPort(81, PortProtocol.Tcp, "::1", 8081)],
        };
        var link = new LinkedPort(IPAddress.Parse("10.0.0.3"), IPAddress.Parse("10.0.0.2"), PortProtocol.Tcp, 82);
        var model = new ReachabilityModel(new FirewallFacts(scope, [], []) { Links = [link] });
        Assert.True(model.Explain(network, endpoint, 80, Origin.Host)[0].IsOpen);
        Assert.Equal(fromElsewhere, model.Explain(network, endpoint, 80, Origin.RemoteMachine)[0].IsOpen);
        Assert.True(model.Explain(network, endpoint, 81, Origin.Host)[0].IsOpen);
        Assert.Equal((false, "chain prerouting: ip6 daddr ::1 accept"),
            (model.Explain(network, endpoint, 81, Origin.RemoteMachine)[0].IsOpen, model.Explain(network, endpoint, 81, Origin.RemoteMachine)[0].Rule));
        var quiet = network with { Options = new Dictionary<string, string> { [Bridge + "enable_icc"] = "false" } };
        Assert.EndsWith("by links (set links4) 10.0.0.3 reaches 82/tcp", model.Explain(quiet, endpoint, 82, Origin.SameNetwork)[0].Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Anothers_chain_that_drops_is_named()
    {
        var network = new Network
        {
            Id = new string('a', 64),
            Name = "n",
            Driver = "bridge",
            CreatedAt = default,
            Addressing = new NetworkAddressing { Pools = [new AddressPool("10.0.0.0/24", null, "10.0.0.1", null)] },
        };
        var endpoint = new Endpoint
        {
            Id = "e",
            NetworkId = network.Id,
            NetworkName = "n",
            ContainerId = "c",
            ContainerName = "c",
            IPv4Address = "10.0.0.2/24",
            Ports = [new PublishedPort(80, PortProtocol.Tcp, "0.0.0.0", 8080), new PublishedPort(81, PortProtocol.Tcp, "127.0.0.1", 8081)],
        };
        var chain = new DroppingChain(true, "ip filter FORWARD (policy drop)", false);
        Way Published(DroppingChain dropping, ushort port, Origin from) => new ReachabilityModel(new FirewallFacts(PublishScope.Lan, [], [dropping]))
            .Explain(network, endpoint, port, from)[0];
        Assert.Equal((false, chain.Name), (Published(chain, 80, Origin.LocalMachine).IsOpen, Published(chain, 80, Origin.LocalMachine).Rule));
        Assert.True(Published(chain, 80, Origin.Host).IsOpen);
        var excepted = chain with { HasException = true };
        Assert.True(Published(excepted, 80, Origin.LocalMachine).IsOpen);
        Assert.StartsWith("publish-scope is lan", Published(excepted, 80, Origin.RemoteMachine).Reason, StringComparison.Ordinal);
        Assert.Equal("chain prerouting: ip daddr 127.0.0.0/8 accept", Published(excepted, 81, Origin.LocalMachine).Rule);
    }
}
