using System.Net;
using System.Net.Sockets;
using Gantry.Dns.Messages;
using Gantry.Os.Namespaces;
using Gantry.Os.Netlink;
using Gantry.Runtime.NetHelper;
using static Gantry.Runtime.Cli.Tests.NetHelper.NetHelperFixture;

namespace Gantry.Runtime.Cli.Tests.NetHelper;

/// <summary>Names, as processes in a container's network namespace see them.</summary>
public class NameServiceTests
{
    [Fact]
    public async Task Names_resolve_over_both_protocols_and_port_53_stays_free()
    {
        await using var fixture = new NetHelperFixture();
        var daemon = fixture.StartDaemon();
        var inside = fixture.CreateNamespace();
        await daemon.ServeAsync(Container("c0"), inside, default);
        await daemon.StopServingAsync("c0", default);
        // The rules of the call before are still there.
        await daemon.ServeAsync(Container("c1"), inside, default);
        await daemon.PublishAsync(Names("c1", "10.0.0.2", "web", "alias"), default);
        await daemon.PublishAsync(Names("c2", "10.0.0.3", "db"), default);

        Assert.Equal("10.0.0.2", Address(Ask(inside, "web")));
        Assert.Equal("10.0.0.3", Address(Ask(inside, "DB.mynet")));
        Assert.Equal(DnsMessage.NameBytes("db.mynet"), Ask(inside, "3.0.0.10.in-addr.arpa", DnsType.Ptr).Answers.Single().Data);
        Assert.Empty(Ask(inside, "web", DnsType.Aaaa).Answers);
        Assert.Equal(DnsType.Opt, Ask(inside, "web", edns: true).Additionals.Single().Type);
        Assert.Equal(["10.0.0.2", "10.0.0.3", "10.0.0.2"], AskByStream(inside, "web", "db", "alias").Select(Address));

        using var datagrams = NetworkNamespace.Run(inside, () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        using var streams = NetworkNamespace.Run(inside, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        datagrams.Bind(new IPEndPoint(IPAddress.Any, 53));
        streams.Bind(new IPEndPoint(IPAddress.Any, 53));
        streams.Listen();
        Assert.Equal("10.0.0.3", Address(Ask(inside, "db")));
        Assert.Equal("10.0.0.3", Address(AskByStream(inside, "db").Single()));

        await daemon.WithdrawAsync("n1", "c2", default);
        Assert.Equal(DnsResponseCode.ServerFailure, Ask(inside, "db").Code);
        await daemon.StopServingAsync("c1", default);
        Assert.Equal(0, (await daemon.StatusAsync())!.Containers);
    }

    [Fact]
    public async Task A_container_sees_its_own_networks_and_links()
    {
        await using var fixture = new NetHelperFixture();
        var daemon = fixture.StartDaemon();
        var (one, other) = (fixture.CreateNamespace(), fixture.CreateNamespace());
        await daemon.PublishAsync(Names("c1", "10.0.0.2", "web"), default);
        var linked = Container("c1") with { Networks = [new ServedNetwork("n1", "mynet") { Links = new Dictionary<string, string> { ["l"] = "web" } }] };
        await daemon.ServeAsync(linked, one, default);
        await daemon.ServeAsync(Container("c2", "n2"), other, default);
        Assert.Equal("10.0.0.2", Address(Ask(one, "l")));
        Assert.Equal(DnsResponseCode.ServerFailure, Ask(other, "web").Code);

        await daemon.UpdateAsync(Container("c2") with { HasNdots = true }, default);
        Assert.Equal("10.0.0.2", Address(Ask(other, "web")));
        Assert.Equal((DnsResponseCode.Success, 0), (Ask(other, "nothing").Code, Ask(other, "nothing").Answers.Count));
        Assert.Equal(DnsResponseCode.ServerFailure, Ask(other, "l.test").Code);
    }

    [Fact]
    public async Task Names_outside_are_asked_of_the_hosts_servers_and_kept()
    {
        await using var fixture = new NetHelperFixture();
        using var broken = new FakeNameServer(IPAddress.Loopback, static (answer, _) =>
        {
            answer.Code = DnsResponseCode.ServerFailure;
            return answer;
        });
        using var server = new FakeNameServer(IPAddress.Loopback, static (answer, _) => FakeNameServer.AddressOf(answer));
        var daemon = fixture.StartDaemon();
        var (one, other) = (fixture.CreateNamespace(), fixture.CreateNamespace());
        await daemon.ServeAsync(Container("c1", "n1", broken.FromHost, server.FromHost), one, default);
        await daemon.ServeAsync(Container("c2", "n1", broken.FromHost, server.FromHost), other, default);
        Assert.Equal("192.0.2.11", Address(Ask(one, "example.com")));
        Assert.Equal("192.0.2.11", Address(Ask(other, "EXAMPLE.com")));
        Assert.Equal("192.0.2.11", Address(AskByStream(other, "example.com").Single()));
        Assert.Equal(1, server.Count);
        Assert.Equal(["192.0.2.6", "192.0.2.8"], AskByStream(one, "a.test", "bcd.test").Select(Address));
        Assert.Equal(3, server.Count);
        Assert.Equal((2L, 0L), ((await daemon.StatusAsync())!.CacheHits, (await daemon.StatusAsync())!.Failed));
    }

    [Fact]
    public async Task Servers_of_the_containers_own_are_asked_from_its_namespace()
    {
        await using var fixture = new NetHelperFixture();
        var daemon = fixture.StartDaemon();
        var inside = fixture.CreateNamespace();
        var address = IPAddress.Parse("192.0.2.53");
        using (var route = RouteSocket.Open(inside))
            route.AddAddress(1, address, 32);
        using var server = NetworkNamespace.Run(inside, () => new FakeNameServer(address, static (answer, _) => FakeNameServer.AddressOf(answer)));
        await daemon.ServeAsync(Container("c1", "n1", server.FromContainer), inside, default);
        Assert.Equal("192.0.2.6", Address(Ask(inside, "a.test")));
        Assert.Equal("192.0.2.7", Address(AskByStream(inside, "ab.test").Single()));
    }

    [Fact]
    public async Task What_is_too_long_for_a_datagram_comes_by_TCP()
    {
        await using var fixture = new NetHelperFixture();
        using var server = new FakeNameServer(IPAddress.Loopback, static (answer, isStream) =>
        {
            answer.Flags |= isStream ? 0 : DnsFlags.Truncated;
            for (byte i = 0; isStream && i < 200; i++)
                answer.Answers.Add(new DnsRecord(answer.Questions[0].Name, DnsType.A, 1, 60, [10, 1, 1, i]));
            return answer;
        });
        var daemon = fixture.StartDaemon();
        var inside = fixture.CreateNamespace();
        await daemon.ServeAsync(Container("c1", "n1", server.FromHost), inside, default);
        Assert.True(Ask(inside, "big.test").Flags.HasFlag(DnsFlags.Truncated));
        Assert.Equal(200, AskByStream(inside, "big.test").Single().Answers.Count);
        Assert.True(Ask(inside, "big.test").Flags.HasFlag(DnsFlags.Truncated));
        Assert.Equal(2, server.Count);
    }

    [Fact]
    public async Task A_silent_server_is_no_end()
    {
        await using var fixture = new NetHelperFixture();
        using var silent = new FakeNameServer(IPAddress.Loopback, static (_, _) => null);
        using var server = new FakeNameServer(IPAddress.Loopback, static (answer, _) => FakeNameServer.AddressOf(answer));
        var daemon = fixture.StartDaemon();
        var inside = fixture.CreateNamespace();
        await daemon.ServeAsync(Container("c1", "n1", silent.FromHost, server.FromHost), inside, default);
        Assert.Equal("192.0.2.6", Address(Ask(inside, "a.test")));
    }

    [Fact]
    public async Task Garbage_is_survived()
    {
        await using var fixture = new NetHelperFixture();
        var daemon = fixture.StartDaemon();
        var inside = fixture.CreateNamespace();
        await daemon.ServeAsync(Container("c1"), inside, default);
        await daemon.PublishAsync(Names("c1", "10.0.0.2", "web"), default);
        using var socket = NetworkNamespace.Run(inside, () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.Connect(ResolverSockets.Address, 53);
        using var stream = NetworkNamespace.Run(inside, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        stream.Connect(ResolverSockets.Address, 53);
        stream.Send([0xff, 0xff, 1, 2, 3]);
        var random = new Random(7);
        for (var i = 0; i < 2000; i++)
        {
            var bytes = i % 2 == 0 ? Question("web", DnsType.A, 1, edns: true) : new byte[random.Next(3000)];
            if (i % 2 == 0)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            else
                random.NextBytes(bytes);
            socket.Send(bytes);
        }
        Assert.Equal("10.0.0.2", Address(Ask(inside, "web")));
    }

    [Fact]
    public async Task Two_hundred_containers_find_each_other()
    {
        const int count = 200;
        await using var fixture = new NetHelperFixture();
        var daemon = fixture.StartDaemon();
        var namespaces = Enumerable.Range(0, count).Select(_ => fixture.CreateNamespace()).ToList();
        for (var i = 0; i < count; i++)
        {
            await daemon.ServeAsync(Container($"c{i}"), namespaces[i], [Names($"c{i}", $"10.0.1.{i}", $"web{i}", "all")], default);
        }
        for (var i = 0; i < count; i++)
            Assert.Equal($"10.0.1.{(i * 7 + 1) % count}", Address(Ask(namespaces[i], $"web{(i * 7 + 1) % count}")));
        Assert.Equal(count, AskByStream(namespaces[0], "all").Single().Answers.Count);
        Assert.Equal((count, count), ((await daemon.StatusAsync())!.Containers, (await daemon.StatusAsync())!.Entries));
    }
}
