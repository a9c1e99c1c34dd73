using System.Net;
using Gantry.Os.Namespaces;
using Gantry.Os.Netlink;
using Gantry.Os.Netlink.Nftables;

namespace Gantry.Os.Tests.Netlink;

/// <summary>Against the kernel, in a namespace of the test's own.</summary>
public sealed class NftBatchTests : IDisposable
{
    private const string Table = "gantry-test";

    private readonly Fd _host = NetworkNamespace.Create();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_table_with_every_kind_of_rule_is_taken_and_replaced()
    {
        var subnet = IPNetwork.Parse("10.9.8.0/24");
        NftBatch Whole() => new NftBatch().AddTable(Table).DeleteTable(Table).AddTable(Table)
            .AddChain(Table, "ports")
            .AddChain(Table, new NftBaseChain("prerouting", "nat", NftHook.Prerouting, -100))
            .AddChain(Table, new NftBaseChain("forward", "filter", NftHook.Forward, 0))
            .AddChain(Table, new NftBaseChain("postrouting", "nat", NftHook.Postrouting, 100))
            .AddRule(Table, "prerouting", new NftRule().DestinationIsLocal().Jump("ports"))
            .AddRule(Table, "ports", new NftRule().Protocol(6).DestinationPort(8080).Counter().Return())
            .AddRule(Table, "forward", new NftRule().Established().Accept())
            .AddRule(Table, "forward", new NftRule().To("br-test").NotFrom("br-test").Translated(false).Drop())
            .AddRule(Table, "forward", new NftRule().From("br-test").NotTo("br-test").Destination(subnet).Translated().Drop())
            .AddRule(Table, "postrouting", new NftRule().Source(subnet).NotTo("br-test").Masquerade());
        var counts = NetworkNamespace.Run(_host, () =>
        {
            Assert.False(HasTable());
            Whole().Commit();
            Whole().Commit();
            Assert.True(HasTable());
            return (CountRules("forward"), CountRules("ports"));
        });
        Assert.Equal((3, 1), counts);
        Assert.False(NetworkNamespace.Run(_host, () =>
        {
            new NftBatch().DeleteTable(Table).Commit();
            return HasTable();
        }));
    }

    [Fact]
    public void A_change_that_is_refused_is_named_and_takes_the_others_along()
    {
        var error = Assert.Throws<OsException>(() => NetworkNamespace.Run(_host, () =>
        {
            new NftBatch().AddTable(Table).AddRule(Table, "no-such-chain", new NftRule().Accept()).AddChain(Table, "late").Commit();
            return 0;
        }));
        Assert.Equal(Errno.ENOENT, error.Errno);
        Assert.Equal($"add a rule to {Table} no-such-chain", error.Operation);
        Assert.False(NetworkNamespace.Run(_host, () => HasTable()));
    }

    [Fact]
    public void A_thousand_rules_are_one_transaction()
    {
        var batch = new NftBatch().AddTable(Table).AddChain(Table, "ports");
        for (ushort port = 1; port <= 1000; port++)
            batch.AddRule(Table, "ports", new NftRule().Protocol(6).DestinationPort(port).Drop());
        Assert.Equal(1000, NetworkNamespace.Run(_host, () =>
        {
            batch.Commit();
            return CountRules("ports");
        }));
    }

    [Fact]
    public void Elements_come_and_go_alone()
    {
        var map = new NftSet("map", [NftKeyPart.IPv6Address, NftKeyPart.Protocol, NftKeyPart.Port], [NftKeyPart.IPv6Address, NftKeyPart.Port]);
        var links = new NftSet("links", NftKeyPart.LinkName);
        var key = NftKey.Of(map.Key, IPAddress.Parse("fd00::1"), (byte)6, (ushort)80);
        var value = NftKey.Of(map.Value, IPAddress.Parse("fd00::2"), (ushort)8080);
        NetworkNamespace.Run(_host, () =>
        {
            using var socket = NetlinkSocket.Open(NetlinkFamily.Netfilter);
            var reader = new NftReader(socket);
            new NftBatch().AddTable(Table).AddSet(Table, map).AddSet(Table, links)
                .AddChain(Table, new NftBaseChain("nat", "nat", NftHook.Prerouting, -100)).AddRule(Table, "nat", new NftRule().TranslateBy(map))
                .AddChain(Table, new NftBaseChain("filter", "filter", NftHook.Forward, 0))
                .AddRule(Table, "filter", new NftRule().FromAny(links).AddMark(4).Return())
                .AddElements(Table, links, Enumerable.Range(0, 1000).Select(number => (NftKey.Of(links.Key, $"link{number}"), Array.Empty<byte>())))
                .Commit(socket);
            new NftBatch().AddElements(Table, map, [(key, value)]).Commit(socket);
            Assert.Equal((1, 1000), (reader.CountElements(Table, "map"), reader.CountElements(Table, "links")));
            new NftBatch().RemoveElements(Table, map, [(key, [])]).Commit(socket);
            Assert.Equal(0, reader.CountElements(Table, "map"));
            var error = Assert.Throws<OsException>(() => new NftBatch().RemoveElements(Table, map, [(key, [])]).Commit(socket));
            Assert.Equal(Errno.ENOENT, error.Errno);
            return 0;
        });
    }

    [Fact]
    public void Changes_are_told_with_who_made_them()
    {
        NetworkNamespace.Run(_host, () =>
        {
            using var monitor = new NftMonitor();
            using var socket = NetlinkSocket.Open(NetlinkFamily.Netfilter);
            new NftBatch(NftFamily.IPv6).AddTable(Table).Commit(socket);
            new NftBatch(NftFamily.IPv6).DeleteTable(Table).Commit();
            var changes = new List<NftChange>();
            Assert.True(monitor.Read(changes.Add));
            Assert.Equal(new NftChange(NftFamily.IPv6, Table, socket.PortId), changes[0]);
            Assert.Equal(2, changes.Count);
            Assert.NotEqual(socket.PortId, changes[1].PortId);
            Assert.True(monitor.Read(changes.Add));
            Assert.Equal(2, changes.Count);
            return 0;
        });
    }

    private static bool HasTable()
    {
        using var socket = NetlinkSocket.Open(NetlinkFamily.Netfilter);
        return new NftReader(socket).HasTable(Table);
    }

    private static int CountRules(string chain)
    {
        using var socket = NetlinkSocket.Open(NetlinkFamily.Netfilter);
        return new NftReader(socket).ListRules(Table, chain).Count;
    }
}
