using System.Net;
using System.Net.Sockets;
using Gantry.Networking.Drivers;
using Gantry.Networking.Ports;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Namespaces;
using Gantry.Os.Netlink;
using Gantry.Os.Netlink.Nftables;

namespace Gantry.Networking.Tests.Drivers;

/// <summary>The firewall among others of its kind.</summary>
public sealed class BridgeFirewallTests : IDisposable
{
    private const string Instance = "gy-test", Filter = "filter";

    private readonly TestHost _host = new();
    private readonly BridgeDriver _driver = new(Instance);

    public void Dispose()
    {
        _driver.Dispose();
        _host.Dispose();
    }

    [Theory]
    [InlineData(false, "FORWARD")]
    [InlineData(true, "DOCKER-USER")]
    public void Where_another_drops_what_it_does_not_know_ours_pass(bool hasUserChain, string chain)
    {
        _host.Run(() =>
        {
            foreach (var family in (NftFamily[])[NftFamily.IPv4, NftFamily.IPv6])
            {
                var batch = new NftBatch(family).AddTable(Filter).AddChain(Filter, new NftBaseChain("FORWARD", "filter", NftHook.Forward, 0, Drops: true));
                if (hasUserChain)
                    batch.AddChain(Filter, "DOCKER-USER").AddRule(Filter, "FORWARD", new NftRule().Counter().Jump("DOCKER-USER"));
                batch.Commit();
            }
            return Task.FromResult(0);
        });
        var network = _host.NewNetwork(_driver, "n", static wanted => wanted with { EnableIPv6 = true });
        var server = _host.NewContainer();
        _host.Attach(_driver, network, server, null, new PortRequest(80, PortProtocol.Tcp, "", 8080, 8080));
        Assert.Equal("203.0.113.2", TestHost.SeenBy(server, 80, _host.Outside, "203.0.113.1", 8080));
        Assert.Equal("2001:db8::2", TestHost.SeenBy(server, 80, _host.Outside, "2001:db8::1", 8080));
        Assert.Equal("203.0.113.1", TestHost.SeenBy(_host.Outside, 80, server, "203.0.113.2", 80));
        Assert.Null(TestHost.SeenBy(server, 81, _host.Outside, "172.17.0.2", 81));
        Assert.Equal("gantry gy-test", Assert.Single(Rules(chain), static rule => rule.Verdict == NftVerdict.Accept).Comment);

        // Put back by the watcher, and gone with the network.
        _host.Run(() =>
        {
            new NftBatch(NftFamily.IPv4).DeleteRule(Filter, chain, Rules(chain)[0].Handle).Commit();
            return Task.FromResult(0);
        });
        Eventually(() => Rules(chain).Any(static rule => rule.Comment == "gantry gy-test"));
        _host.Run(async () =>
        {
            await _driver.DeleteAsync(network, CancellationToken.None);
            return 0;
        });
        Assert.DoesNotContain(Rules(chain), static rule => rule.Comment.Length > 0);
    }

    [Fact]
    public void A_table_that_somebody_removes_comes_back_with_its_ports()
    {
        var network = _host.NewNetwork(_driver, "n");
        var server = _host.NewContainer();
        _host.Attach(_driver, network, server, null, new PortRequest(80, PortProtocol.Tcp, "", 8080, 8080));
        for (var round = 0; round < 2; round++)
        {
            _host.Run(() =>
            {
                new NftBatch().DeleteTable(Instance).Commit();
                return Task.FromResult(0);
            });
            Eventually(() => _host.HasTable(Instance));
            Assert.Equal("203.0.113.2", TestHost.SeenBy(server, 80, _host.Outside, "203.0.113.1", 8080));
        }
    }

    [Fact]
    public void A_port_is_one_change_and_none_is_answered_by_the_watcher()
    {
        const int endpoints = 10;
        var network = _host.NewNetwork(_driver, "n");
        using var monitor = NetworkNamespace.Run(_host.Namespace, static () => new NftMonitor());
        var made = Enumerable.Range(0, endpoints).Select(number => _host.Attach(
            _driver, network, _host.NewContainer(), null, new PortRequest(80, PortProtocol.Tcp, "", (ushort)(8000 + number), (ushort)(8000 + number))))
                .ToList();
        made.ForEach(endpoint => _host.Detach(_driver, network, endpoint));
        // Something of another's that makes the watcher look, after which it would have looked at ours.
        _host.Run(() =>
        {
            new NftBatch().AddTable(Instance + "-other").Commit();
            return Task.FromResult(0);
        });
        var changes = new List<NftChange>();
        Assert.True(monitor.Read(changes.Add));
        Assert.Equal(2 * endpoints, changes.Count(static change => change.Table == Instance));
    }

    [Fact]
    public void A_foreign_program_that_has_a_port_is_named()
    {
        var network = _host.NewNetwork(_driver, "n");
        using var foreign = NetworkNamespace.Run(_host.Namespace, static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        foreign.Bind(new IPEndPoint(IPAddress.Loopback, 8080));
        foreign.Listen();
        var error = Assert.Throws<GantryException>(() =>
            _host.Attach(_driver, network, _host.NewContainer(), null, new PortRequest(80, PortProtocol.Tcp, "", 8080, 8080)));
        Assert.Contains($"): Bind for 0.0.0.0:8080 failed: port is already allocated: the process {Environment.ProcessId} (", error.Message,
            StringComparison.Ordinal);
    }

    private IReadOnlyList<NftRuleView> Rules(string chain) => NetworkNamespace.Run(_host.Namespace, () =>
    {
        using var socket = NetlinkSocket.Open(NetlinkFamily.Netfilter);
        return new NftReader(socket).ListRules(Filter, chain, NftFamily.IPv4);
    });

    private static void Eventually(Func<bool> condition)
    {
        for (var attempt = 0; !condition(); attempt++)
        {
            Assert.True(attempt < 1000, "it did not happen");
            Thread.Sleep(10);
        }
    }
}
