using Gantry.Networking.Drivers;
using Gantry.Networking.Tests.Drivers;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Netlink;

namespace Gantry.Networking.Tests;

public sealed class NetworkConnectorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestHost _host = new();

    public void Dispose()
    {
        _host.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_container_is_connected_once_and_may_come_again() => _host.Run(async () =>
    {
        var networks = NetworkStore.Open(_folder.Path, new NoneDriver(), new HostDriver(),
            new BridgeDriver(new DriverSettings { Instance = "gy-test", WatchesFirewall = false }));
        var network = await networks.CreateAsync(new Network { Id = "", Name = "n", Driver = "bridge", CreatedAt = default });
        Assert.Equal("172.17.0.1", network.Addressing.Pools![0].Gateway);
        var connector = new NetworkConnector(networks);
        var request = new EndpointRequest { ContainerId = new string('c', 64), ContainerName = "web" };
        var endpoint = await connector.ConnectAsync(network, request, _host.NewContainer());
        Assert.Equal([endpoint], connector.EndpointsOf(network));

        var error = await Assert.ThrowsAsync<GantryException>(async () => await connector.ConnectAsync(network, request, _host.NewContainer()));
        Assert.Equal("endpoint with name web already exists in network n", error.Message);

        await connector.DisconnectAsync(endpoint, null);
        await connector.DisconnectAsync(endpoint, null);
        Assert.Empty(connector.EndpointsOf(network));
        Assert.Equal("172.17.0.3/16", (await connector.ConnectAsync(network, request, _host.NewContainer())).IPv4Address);
        return 0;
    });

    [Fact]
    public void Fifty_connections_get_fifty_addresses_and_none_is_left_of_them()
    {
        var networks = NetworkStore.Open(_folder.Path, new NoneDriver(), new HostDriver(),
            new BridgeDriver(new DriverSettings { Instance = "gy-test", WatchesFirewall = false }));
        var network = _host.Run(() => networks.CreateAsync(new Network { Id = "", Name = "n", Driver = "bridge", CreatedAt = default }));
        var connector = new NetworkConnector(networks);
        var links = _host.LinkNames().Count;
        var endpoints = new Endpoint[50];
        for (var number = 0; number < endpoints.Length; number++)
        {
            var request = new EndpointRequest { ContainerId = NetworkStore.NewId(), ContainerName = $"c{number}" };
            endpoints[number] = _host.Run(async () => await connector.ConnectAsync(network, request, _host.NewContainer()));
        }
        Assert.Equal(endpoints.Length, endpoints.Select(endpoint => endpoint.IPv4Address).Distinct().Count());
        Assert.Equal(links + endpoints.Length, _host.LinkNames().Count);
        Assert.Equal(endpoints.Length, connector.EndpointsOf(network).Count);
        foreach (var endpoint in endpoints)
        {
            _host.Run(async () =>
            {
                await connector.DisconnectAsync(endpoint, null);
                return 0;
            });
        }
        Assert.Equal(links, _host.LinkNames().Count);
    }

    [Fact]
    public void The_network_of_the_highest_priority_gives_the_default_route_while_it_is_connected()
    {
        using var driver = new BridgeDriver(new DriverSettings { Instance = "gy-test", WatchesFirewall = false });
        var networks = NetworkStore.Open(_folder.Path, new NoneDriver(), new HostDriver(), driver);
        var connector = new NetworkConnector(networks);
        var container = _host.NewContainer();
        Endpoint Connect(string name, int priority, bool isInternal = false) => _host.Run(async () =>
        {
            var network = await networks.CreateAsync(new Network { Id = "", Name = name, Driver = "bridge", CreatedAt = default, Internal = isInternal });
            return await connector.ConnectAsync(network, new EndpointRequest { ContainerId = "c", ContainerName = "c", GatewayPriority = priority }, container);
        });
        void Disconnect(Endpoint endpoint) => _host.Run(async () =>
        {
            await connector.DisconnectAsync(endpoint, container);
            return 0;
        });
        var middle = Connect("m", 0);
        Assert.Equal("172.17.0.1", WayOut(container));
        var last = Connect("z", 0);
        var hidden = Connect("a", 9, isInternal: true);
        Assert.Equal("172.17.0.1", WayOut(container));
        var first = Connect("x", 5);
        Assert.Equal((first.IPv4Gateway, "eth3"), (WayOut(container), first.InterfaceName));
        Disconnect(first);
        Assert.Equal(middle.IPv4Gateway, WayOut(container));
        Disconnect(middle);
        Assert.Equal(last.IPv4Gateway, WayOut(container));
        Disconnect(last);
        Disconnect(hidden);
        Assert.Null(WayOut(container));
    }

    private static string? WayOut(Fd container)
    {
        using var routes = RouteSocket.Open(container);
        return routes.ListRoutes().SingleOrDefault(static route => route.Destination.PrefixLength == 0)?.Gateway?.ToString();
    }
}
