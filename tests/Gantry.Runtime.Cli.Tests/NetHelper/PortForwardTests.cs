using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Gantry.Os.Sockets;
using Gantry.Runtime.NetHelper;
using static Gantry.Runtime.Cli.Tests.NetHelper.NetHelperFixture;

namespace Gantry.Runtime.Cli.Tests.NetHelper;

/// <summary>Ports of ::1 that lead to an IPv4 address.</summary>
public class PortForwardTests
{
    [Fact]
    public async Task Connections_are_passed_on_both_ways_with_their_ends()
    {
        const int size = 8 << 20;
        await using var fixture = new NetHelperFixture();
        using var target = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        target.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        target.Listen();
        var daemon = fixture.StartDaemon();
        var local = FreePort(SocketType.Stream);
        await ForwardAsync(daemon, "f", new PortForward(local, (IPEndPoint)target.LocalEndPoint!, IsTcp: true));

        // What the target gets it digests, and answers only when the client has sent all: a half-closed connection.
        var serving = Task.Run(() =>
        {
            using var server = target.Accept();
            using var stream = new NetworkStream(server);
            var digest = SHA256.HashData(stream);
            stream.Write(digest);
            stream.Write(new byte[size]);
        });
        using var client = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(local);
        var data = new byte[size];
        new Random(1).NextBytes(data);
        client.SendTimeout = client.ReceiveTimeout = 60_000;
        for (var sent = 0; sent < size;)
            sent += client.Send(data, sent, size - sent, SocketFlags.None);
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(SHA256.HashData(data), Receive(client, 32));
        Assert.Equal(new byte[size], Receive(client, size));
        Assert.Equal(0, client.Receive(new byte[1]));
        await serving;

        await daemon.ReleaseAsync("f", default);
        using var late = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        Assert.Throws<SocketException>(() => late.Connect(local));
    }

    [Fact]
    public async Task A_target_that_refuses_ends_the_connection()
    {
        await using var fixture = new NetHelperFixture();
        var daemon = fixture.StartDaemon();
        var local = FreePort(SocketType.Stream);
        await ForwardAsync(daemon, "f", new PortForward(local, new IPEndPoint(IPAddress.Loopback, 1), IsTcp: true));
        using var client = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(local);
        client.ReceiveTimeout = 60_000;
        Assert.Equal(0, client.Receive(new byte[1]));
    }

    [Fact]
    public async Task Datagrams_are_passed_on_and_each_sender_gets_its_answers()
    {
        await using var fixture = new NetHelperFixture();
        using var target = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        target.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        target.ReceiveTimeout = 60_000;
        var daemon = fixture.StartDaemon();
        var local = FreePort(SocketType.Dgram);
        await ForwardAsync(daemon, "f", new PortForward(local, (IPEndPoint)target.LocalEndPoint!, IsTcp: false));
        using var one = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
        using var other = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
        var buffer = new byte[100];
        foreach (var (client, letter) in new[] { (one, (byte)'a'), (other, (byte)'b'), (one, (byte)'c') })
        {
            client.ReceiveTimeout = 60_000;
            client.Connect(local);
            client.Send([letter]);
            EndPoint sender = new IPEndPoint(IPAddress.Any, 0);
            Assert.Equal((1, letter), (target.ReceiveFrom(buffer, ref sender), buffer[0]));
            target.SendTo([letter, letter], sender);
            Assert.Equal((2, letter), (client.Receive(buffer), buffer[1]));
        }
    }

    private static async Task ForwardAsync(Gantry.Runtime.NetHelper.NetHelper daemon, string key, PortForward forward)
    {
        var reserved = PortReservation.TryReserve(
            forward.Local.Address, (ushort)forward.Local.Port, (byte)(forward.IsTcp ? ProtocolType.Tcp : ProtocolType.Udp), out _)!.Value;
        using var socket = reserved.Socket;
        PortReservation.Open(socket, forward.IsTcp, onlyFromHere: true);
        await daemon.ForwardAsync(key, socket, forward, default);
    }

    private static IPEndPoint FreePort(SocketType type)
    {
        using var socket = new Socket(AddressFamily.InterNetworkV6, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }
}
