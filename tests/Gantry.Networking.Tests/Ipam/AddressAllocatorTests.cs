using System.Net;
using System.Net.Sockets;
using Gantry.Networking.Ipam;
using Gantry.Oci;

namespace Gantry.Networking.Tests.Ipam;

public sealed class AddressAllocatorTests
{
    [Fact]
    public void Neither_gateway_nor_reserved_nor_the_networks_own_addresses_are_given_out_and_no_address_twice()
    {
        var reserved = new Dictionary<string, string> { ["router"] = "10.0.0.3" };
        var addresses = New("10.0.0.0/29", null, "10.0.0.5", reserved);
        Assert.Equal(["10.0.0.1", "10.0.0.2", "10.0.0.4", "10.0.0.6"], Enumerable.Range(0, 4).Select(_ => addresses.Take().ToString()));
        var error = Assert.Throws<GantryException>(() => addresses.Take());
        Assert.Equal("no available IPv4 addresses on this network's address pools: 10.0.0.0/29 has none left between 10.0.0.0 and 10.0.0.7", error.Message);
    }

    [Fact]
    public void An_address_that_was_given_back_is_the_last_to_be_given_out_again()
    {
        var addresses = New("10.0.0.0/28", null, null);
        var first = addresses.Take();
        addresses.Release(first);
        var later = Enumerable.Range(0, 12).Select(_ => addresses.Take()).ToList();
        Assert.DoesNotContain(first, later);
        Assert.Equal(first, addresses.Take());
    }

    [Fact]
    public void A_range_limits_what_is_chosen_but_not_what_is_asked_for()
    {
        var addresses = New("10.0.0.0/16", "10.0.9.0/30", "10.0.0.1");
        Assert.Equal(["10.0.9.0", "10.0.9.1", "10.0.9.2", "10.0.9.3"], Enumerable.Range(0, 4).Select(_ => addresses.Take().ToString()));
        Assert.Equal("10.0.7.7", addresses.Take(IPAddress.Parse("10.0.7.7")).ToString());
        Assert.Equal("Address already in use", Assert.Throws<GantryException>(() => addresses.Take(IPAddress.Parse("10.0.7.7"))).Message);
        Assert.Equal(ErrorKind.InvalidArgument, Assert.Throws<GantryException>(() => addresses.Take(IPAddress.Parse("10.1.0.1"))).Kind);
    }

    [Fact]
    public void At_random_no_address_has_two_owners()
    {
        var random = new Random(7);
        var addresses = New("10.0.0.0/26", null, null);
        var owned = new List<IPAddress>();
        for (var step = 0; step < 20_000; step++)
        {
            if (owned.Count > 0 && (owned.Count == 61 || random.Next(2) == 0))
            {
                var at = random.Next(owned.Count);
                addresses.Release(owned[at]);
                owned.RemoveAt(at);
                continue;
            }
            var taken = addresses.Take();
            Assert.DoesNotContain(taken, owned);
            owned.Add(taken);
        }
    }

    [Theory]
    [InlineData("10.0.0.0", null, null)]
    [InlineData("10.0.0.1/24", null, null)]
    [InlineData("10.0.0.0/31", null, null)]
    [InlineData("10.0.0.0/24", "10.0.1.0/28", null)]
    [InlineData("10.0.0.0/24", "10.0.0.0/16", null)]
    [InlineData("10.0.0.0/24", null, "10.0.1.1")]
    [InlineData("10.0.0.0/24", null, "gateway")]
    public void What_does_not_fit_is_refused(string subnet, string? range, string? gateway) => Assert.Equal(
        ErrorKind.InvalidArgument, Assert.Throws<GantryException>(() => New(subnet, range, gateway)).Kind);

    [Fact]
    public void Subnets_avoid_what_is_taken_until_none_is_left()
    {
        var taken = new List<IPNetwork> { IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("172.16.0.0/15"), IPNetwork.Parse("172.18.5.0/24") };
        var chooser = new SubnetChooser(DefaultAddressPool.Standard);
        Assert.Equal("172.19.0.0/16", chooser.Choose(AddressFamily.InterNetwork, taken).ToString());
        for (var number = 0; number < 13 + 16; number++)
            taken.Add(chooser.Choose(AddressFamily.InterNetwork, taken));
        Assert.Equal("192.168.240.0/20", taken[^1].ToString());
        Assert.StartsWith("all predefined address pools have been fully subnetted",
            Assert.Throws<GantryException>(() => chooser.Choose(AddressFamily.InterNetwork, taken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Subnets_of_IPv6_come_from_unique_local_addresses_of_the_owner()
    {
        var pool = DefaultAddressPool.UniqueLocal("machine engine");
        Assert.Equal(pool, DefaultAddressPool.UniqueLocal("machine engine"));
        Assert.NotEqual(pool, DefaultAddressPool.UniqueLocal("machine other"));
        Assert.StartsWith("fd", pool.Base.ToString(), StringComparison.Ordinal);
        var chooser = new SubnetChooser([.. DefaultAddressPool.Standard, pool]);
        var first = chooser.Choose(AddressFamily.InterNetworkV6, []);
        Assert.Equal((64, true), (first.PrefixLength, pool.Base.Contains(first.BaseAddress)));
        Assert.False(SubnetChooser.Overlap(first, chooser.Choose(AddressFamily.InterNetworkV6, [first])));
    }

    [Fact]
    public void A_large_obstacle_is_passed_at_once_and_what_is_left_behind_it_found()
    {
        var chooser = new SubnetChooser([DefaultAddressPool.Parse("fd00::/16", 64), DefaultAddressPool.Parse("10.0.0.0/8", 24)]);
        Assert.Equal("fd00:8000::/64", chooser.Choose(AddressFamily.InterNetworkV6, [IPNetwork.Parse("fd00::/17")]).ToString());
        Assert.Equal("10.0.4.0/24", chooser.Choose(AddressFamily.InterNetwork, [IPNetwork.Parse("10.0.0.0/22")]).ToString());
        var error = Assert.Throws<GantryException>(() => chooser.Choose(AddressFamily.InterNetwork, [IPNetwork.Parse("10.0.0.0/8")]));
        Assert.Contains("10.0.0.0/8 in pieces of /24", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void IPv6_addresses_are_given_out_in_their_order()
    {
        var addresses = New("fd00::/64", null, null);
        Assert.Equal(["fd00::2", "fd00::3"], Enumerable.Range(0, 2).Select(_ => addresses.Take().ToString()));
        var few = New("fd00::/126", null, null);
        Assert.Equal(["fd00::2", "fd00::3"], Enumerable.Range(0, 2).Select(_ => few.Take().ToString()));
        Assert.StartsWith("no available IPv6 addresses", Assert.Throws<GantryException>(() => few.Take()).Message, StringComparison.Ordinal);
    }

    private static AddressAllocator New(string subnet, string? range, string? gateway, IReadOnlyDictionary<string, string>? reserved = null) =>
        new(SubnetPool.Parse(new AddressPool(subnet, range, gateway, reserved)));
}
