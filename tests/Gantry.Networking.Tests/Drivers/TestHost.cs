using System.Net;
using System.Net.Sockets;
using Gantry.Networking.Drivers;
using Gantry.Networking.Ports;
using Gantry.Os;
using Gantry.Os.Namespaces;
using Gantry.Os.Netlink;
using Gantry.Os.Netlink.Nftables;

namespace Gantry.Networking.Tests.Drivers;

/// <summary>
/// A machine of the test's own, a namespace, with another one beside it on a wire: 203.0.113.1 and 203.0.113.2, 2001:db8::1 and 2001:db8::2. It goes without a
/// trace.
/// </summary>
public sealed class TestHost : IDisposable
{
    /// <summary>A first packet that is lost is sent again after one second.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2.5);

    private readonly List<Fd> _containers = [];

    public TestHost()
    {
        using var routes = RouteSocket.Open(Namespace);
        routes.SetUp(1);
        routes.CreateBridge("uplink", [2, 0, 0, 0, 0, 1], 0, "");
        var uplink = routes.FindLink("uplink")!.Index;
        routes.AddAddress(uplink, IPAddress.Parse("203.0.113.1"), 24);
        routes.AddAddress(uplink, IPAddress.Parse("2001:db8::1"), 64);
        NetworkNamespace.Run(Namespace, static () =>
        {
            // A router of IPv6 that is up for long.
            File.WriteAllText("/proc/sys/net/ipv6/conf/uplink/accept_dad", "0");
            return 0;
        });
        routes.SetUp(uplink);
        routes.CreatePair("wire", uplink, 0, new PeerLink("eth0", [2, 0, 0, 0, 0, 2], Outside));
        using var outside = RouteSocket.Open(Outside);
        var link = outside.FindLink("eth0")!.Index;
        outside.AddAddress(link, IPAddress.Parse("203.0.113.2"), 24);
        outside.AddAddress(link, IPAddress.Parse("2001:db8::2"), 64);
        outside.SetUp(link);
        NetworkNamespace.Run(Outside, static () => LinkCarrier.Settle("eth0"));
        NetworkNamespace.Run(Namespace, static () => LinkCarrier.Settle("wire") && LinkCarrier.Settle("uplink"));
        // Whoever knows the way by the host may try to reach containers directly.
        outside.AddDefaultRoute(link, IPAddress.Parse("203.0.113.1"));
        outside.AddDefaultRoute(link, IPAddress.Parse("2001:db8::1"));
    }

    public Fd Namespace { get; } = NetworkNamespace.Create();

    public Fd Outside { get; } = NetworkNamespace.Create();

    public void Dispose()
    {
        _containers.ForEach(static container => container.Dispose());
        Namespace.Dispose();
        Outside.Dispose();
    }

    /// <summary>Runs it on this machine. Everything in it completes without waiting, so that it stays on the thread.</summary>
    public T Run<T>(Func<Task<T>> work) => NetworkNamespace.Run(Namespace, () => work().GetAwaiter().GetResult());

    public Fd NewContainer()
    {
        var container = NetworkNamespace.Create();
        _containers.Add(container);
        return container;
    }

    public IReadOnlyList<string> LinkNames() => NetworkNamespace.Run(Namespace, () =>
    {
        using var routes = RouteSocket.Open();
        return routes.ListLinks().Select(link => link.Name).ToList();
    });

    /// <summary>Whether an engine's table is there.</summary>
    public bool HasTable(string name) => NetworkNamespace.Run(Namespace, () =>
    {
        using var socket = NetlinkSocket.Open(NetlinkFamily.Netfilter);
        return new NftReader(socket).HasTable(name);
    });

    public Network NewNetwork(INetworkDriver driver, string name, Func<Network, Network>? change = null, params Network[] others) => Run(async () =>
    {
        var wanted = new Network { Id = NetworkStore.NewId(), Name = name, Driver = driver.Name, CreatedAt = DateTimeOffset.UtcNow };
        wanted = change?.Invoke(wanted) ?? wanted;
        driver.Validate(wanted);
        var network = driver.Complete(wanted, others);
        await driver.CreateAsync(network, CancellationToken.None);
        return network;
    });

    public Endpoint Attach(INetworkDriver driver, Network network, Fd container, string? address = null, params PortRequest[] ports) =>
        Attach(driver, network, container, request => request with { IPv4Address = address, Ports = ports });

    public Endpoint Attach(INetworkDriver driver, Network network, Fd container, Func<EndpointRequest, EndpointRequest> change) => Run(async () =>
    {
        var request = change(new EndpointRequest { ContainerId = NetworkStore.NewId(), ContainerName = "c" });
        driver.Validate(network, request);
        return await driver.AttachAsync(network, NetworkStore.NewId(), request, container, CancellationToken.None);
    });

    public void Detach(INetworkDriver driver, Network network, Endpoint endpoint, Fd? container = null) => Run(async () =>
    {
        await driver.DetachAsync(network, endpoint, container, CancellationToken.None);
        return 0;
    });

    /// <summary>A setting of the kernel in a namespace.</summary>
    public static string Setting(Fd networkNamespace, string path) => NetworkNamespace.Run(networkNamespace, () => File.ReadAllText(path).Trim());

    /// <summary>Connects from one namespace to a server in another.</summary>
    /// <returns>The address the server sees; null when there is no way.</returns>
    public static string? SeenBy(Fd server, int port, Fd client, string address, int addressPort)
    {
        var target = IPAddress.Parse(address);
        var is4 = target.AddressFamily == AddressFamily.InterNetwork;
        using var listener = NetworkNamespace.Run(server, () => new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        listener.Bind(new IPEndPoint(is4 ? IPAddress.Any : IPAddress.IPv6Any, port));
        listener.Listen();
        using var connection = NetworkNamespace.Run(client, () => new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        try
        {
            if (!connection.ConnectAsync(target, addressPort).Wait(s_patience))
                return null;
        }
        catch (AggregateException e) when (e.InnerException is SocketException)
        {
            return null;
        }
        using var accepted = listener.Poll(s_patience, SelectMode.SelectRead) ? listener.Accept() : null;
        return ((IPEndPoint?)accepted?.RemoteEndPoint)?.Address.ToString();
    }
}
