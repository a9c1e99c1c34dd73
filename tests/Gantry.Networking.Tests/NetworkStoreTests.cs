using Gantry.Networking.Drivers;
using Gantry.Oci;
using Gantry.Oci.Filters;

namespace Gantry.Networking.Tests;

public sealed class NetworkStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private NetworkStore Open() => NetworkStore.Open(_folder.Path, new NoneDriver(), new HostDriver());

    [Fact]
    public void None_and_host_keep_their_ids()
    {
        var first = Open();
        var second = Open();
        foreach (var name in (string[])["none", "host"])
        {
            Assert.Matches("^[0-9a-f]{64}$", first.Get(name).Id);
            Assert.Equivalent(first.Get(name), second.Get(name));
        }
        Assert.Equal(["none", "host"], second.List(ObjectFilters.None, _ => false).Select(network => network.Name));
    }

    [Fact]
    public void Networks_are_found_by_name_id_and_beginning()
    {
        var store = Open();
        var host = store.Get("host");
        Assert.Same(host, store.Get(host.Id));
        var length = 1;
        while (store.Get("none").Id.StartsWith(host.Id[..length], StringComparison.Ordinal))
            length++;
        Assert.Same(host, store.Get(host.Id[..length]));
        Assert.Equal("network nope not found", Assert.Throws<GantryException>(() => store.Get("nope")).Message);
        Assert.Null(store.Find(""));
    }

    [Theory]
    [InlineData("x", "host", ErrorKind.Forbidden, "only one instance of \"host\" network is allowed")]
    [InlineData("x", "null", ErrorKind.Forbidden, "only one instance of \"null\" network is allowed")]
    [InlineData("host", "null", ErrorKind.Forbidden, "operation is not permitted on predefined host network ")]
    [InlineData("x", "foo", ErrorKind.NotFound, "plugin \"foo\" not found")]
    [InlineData("", "foo", ErrorKind.InvalidArgument, "invalid name: name is empty")]
    public async Task Creation_is_refused_in_dockers_words(string name, string driver, ErrorKind kind, string message)
    {
        var wanted = new Network { Id = "", Name = name, Driver = driver, CreatedAt = default };
        var error = await Assert.ThrowsAsync<GantryException>(() => Open().CreateAsync(wanted));
        Assert.Equal((kind, message), (error.Kind, error.Message));
        Assert.Equal(2, Open().List(ObjectFilters.None, _ => false).Count);
    }

    [Fact]
    public async Task A_configuration_is_no_network_and_what_it_cannot_be_is_refused_in_dockers_words()
    {
        var store = NetworkStore.Open(_folder.Path, new NoneDriver(), new HostDriver(), new MacvlanDriver(new DriverSettings { Instance = "gy-test" }));
        var addressing = new NetworkAddressing { Pools = [new AddressPool("10.0.0.0/24", null, null, null)] };
        var options = new Dictionary<string, string> { ["macvlan_mode"] = "private" };
        Network Wanted(string name) => new() { Id = "", Name = name, Driver = "macvlan", CreatedAt = default };
        var configuration = await store.CreateAsync(Wanted("cfg") with { IsConfigOnly = true, Addressing = addressing, Options = options });
        Assert.Equal("null", configuration.Driver);

        async Task RefusedAsync(Network wanted, ErrorKind kind, string message)
        {
            var error = await Assert.ThrowsAsync<GantryException>(() => store.CreateAsync(wanted));
            Assert.Equal((kind, message), (error.Kind, error.Message));
        }
        await RefusedAsync(Wanted("n") with { ConfigFrom = "nope" }, ErrorKind.NotFound, "configuration network \"nope\" does not exist");
        await RefusedAsync(Wanted("n") with { ConfigFrom = "host" }, ErrorKind.NotFound, "configuration network \"host\" does not exist");
        await RefusedAsync(Wanted("n") with { ConfigFrom = "cfg", Addressing = addressing }, ErrorKind.Forbidden,
            "user specified configurations are not supported if the network depends on a configuration network");
        await RefusedAsync(Wanted("n") with { ConfigFrom = "cfg", Options = options }, ErrorKind.Forbidden,
            "network driver options are not supported if the network depends on a configuration network");
        await RefusedAsync(
            Wanted("n") with { IsConfigOnly = true, Internal = true }, ErrorKind.Forbidden,
            "configuration network can only contain network specific fields. Network operator fields like [ ingress | internal | attachable | scope ] are not supported.");
        await RefusedAsync(Wanted("n") with { IsConfigOnly = true, ConfigFrom = "cfg" }, ErrorKind.Forbidden,
            "a configuration network cannot depend on another configuration network");

        var connector = new NetworkConnector(store);
        var refused = await Assert.ThrowsAsync<GantryException>(async () =>
            await connector.ConnectAsync(configuration, new EndpointRequest { ContainerId = "c", ContainerName = "c" }, null));
        Assert.Equal("cannot create endpoint on configuration-only network", refused.Message);
        await store.RemoveAsync("cfg", _ => []);
    }

    [Fact]
    public async Task Predefined_networks_stay()
    {
        var error = await Assert.ThrowsAsync<GantryException>(() => Open().RemoveAsync("host", _ => []));
        Assert.Equal("host is a pre-defined network and cannot be removed", error.Message);
    }

    [Fact]
    public void Filters_apply()
    {
        var store = Open();
        Assert.Equal("host", Assert.Single(store.List(ObjectFilters.Of(("driver", "host")), _ => false)).Name);
        Assert.Equal(2, store.List(ObjectFilters.Of(("type", "builtin")), _ => false).Count);
        Assert.Empty(store.List(ObjectFilters.Of(("dangling", "true")), _ => false));
        Assert.Throws<GantryException>(() => store.List(ObjectFilters.Of(("type", "odd")), _ => false));
        Assert.Throws<GantryException>(() => store.List(ObjectFilters.Of(("foo", "x")), _ => false));
    }

    [Fact]
    public async Task Connections_are_listed_until_they_end()
    {
        var store = Open();
        var connector = new NetworkConnector(store);
        var none = store.Get("none");
        var request = new EndpointRequest { ContainerId = "abc", ContainerName = "a" };
        var endpoint = await connector.ConnectAsync(none, request, null);
        Assert.Equal(endpoint, Assert.Single(connector.EndpointsOf(none)));
        Assert.Empty(connector.EndpointsOf(store.Get("host")));
        await Assert.ThrowsAsync<GantryException>(async () => await connector.ConnectAsync(none, request, null));

        var next = new NetworkConnector(Open());
        await next.RestoreAsync(endpoint);
        Assert.Equal(endpoint, Assert.Single(next.EndpointsOf(none)));
        await next.DisconnectAsync(endpoint, null);
        await next.DisconnectAsync(endpoint, null);
        Assert.Empty(next.EndpointsOf(none));
    }
}
