using System.Net;
using Gantry.Os.Namespaces;
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
            .AddRule(Table, "ports", new NftRule().Protocol(6).DestinationPort(8080).TranslateTo(IPAddress.Parse("10.9.8.2"), 80))
            .AddRule(Table, "forward", new NftRule().Established().Accept())
            .AddRule(Table, "forward", new NftRule().To("br-test").NotFrom("br-test").NotTranslated().Drop())
            .AddRule(Table, "forward", new NftRule().From("br-test").NotTo("br-test").Destination(subnet).Translated().Drop())
            .AddRule(Table, "postrouting", new NftRule().Source(subnet).NotTo("br-test").Masquerade());
        var counts = NetworkNamespace.Run(_host, () =>
        {
            Assert.False(NftBatch.HasTable(Table));
            Whole().Commit();
            Whole().Commit();
            Assert.True(NftBatch.HasTable(Table));
            return (NftBatch.CountRules(Table, "forward"), NftBatch.CountRules(Table, "ports"));
        });
        Assert.Equal((3, 1), counts);
        Assert.False(NetworkNamespace.Run(_host, () =>
        {
            new NftBatch().DeleteTable(Table).Commit();
            return NftBatch.HasTable(Table);
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
        Assert.False(NetworkNamespace.Run(_host, () => NftBatch.HasTable(Table)));
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
            return NftBatch.CountRules(Table, "ports");
        }));
    }
}
