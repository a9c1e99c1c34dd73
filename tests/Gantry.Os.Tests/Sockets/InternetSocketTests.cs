using System.Net;
using Gantry.Os.Namespaces;
using Gantry.Os.Netlink;
using Gantry.Os.Sockets;

namespace Gantry.Os.Tests.Sockets;

public class InternetSocketTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void A_batch_answers_each_sender_and_passes_over_what_is_too_long(string address)
    {
        using var server = InternetSocket.OpenDatagram(new IPEndPoint(IPAddress.Parse(address), 0));
        var there = new IPEndPoint(IPAddress.Parse(address), InternetSocket.LocalPort(server));
        using var one = InternetSocket.TryConnectDatagram(there, out _)!;
        using var other = InternetSocket.TryConnectDatagram(there, out _)!;
        using var batch = new DatagramBatch(receiveSize: 16, answerSize: 16);
        Assert.Equal(0, batch.Receive(server));
        InternetSocket.Send(one, [1]);
        InternetSocket.Send(other, new byte[17]);
        InternetSocket.Send(other, [2, 2]);
        Assert.Equal(3, batch.Receive(server));
        Assert.Equal([1, 0, 2], new[] { batch.Received(0).Length, batch.Received(1).Length, batch.Received(2).Length });
        Assert.Equal(InternetSocket.LocalPort(other), batch.Sender(2).Port);
        Assert.Equal(there.Address, batch.Sender(0).Address);
        batch.Answer(2)[0] = 9;
        batch.SetAnswer(2, 1);
        batch.SendAnswers(server);
        var buffer = new byte[16];
        Assert.Equal((1, 9), (InternetSocket.ReceiveFrom(other, buffer, out var from).Count, buffer[0]));
        Assert.Equal(new InternetAddress(there), from);
        Assert.Equal(Errno.EAGAIN, InternetSocket.ReceiveFrom(one, buffer, out _).Error);
        Assert.Equal(default, InternetSocket.SendTo(server, [3], new InternetAddress(new IPEndPoint(there.Address, InternetSocket.LocalPort(one)))));
        Assert.Equal((1, 3), (InternetSocket.ReceiveFrom(one, buffer, out _).Count, buffer[0]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Answers_to_one_sender_arrive_one_by_one_in_their_order(bool kernelRefusesToDivide)
    {
        using var server = InternetSocket.OpenDatagram(new IPEndPoint(IPAddress.Loopback, 0));
        if (kernelRefusesToDivide)
            SendWithoutChecksums(server);
        var there = new IPEndPoint(IPAddress.Loopback, InternetSocket.LocalPort(server));
        using var one = InternetSocket.TryConnectDatagram(there, out _)!;
        using var other = InternetSocket.TryConnectDatagram(there, out _)!;
        using var batch = new DatagramBatch(receiveSize: 16, answerSize: 16);
        // Its answer's length: equal, equal, shorter, equal to that, longer; one without an answer, one for another, and one more.
        int[] lengths = [4, 4, 3, 3, 5, 0, 5, 5];
        for (var i = 0; i < lengths.Length; i++)
            InternetSocket.Send(i == 6 ? other : one, [(byte)i]);
        Assert.Equal(lengths.Length, batch.Receive(server));
        for (var i = 0; i < lengths.Length; i++)
        {
            batch.Answer(i)[..lengths[i]].Fill(batch.Received(i)[0]);
            batch.SetAnswer(i, lengths[i]);
        }
        batch.SendAnswers(server);
        Assert.Equal(["0000", "1111", "222", "333", "44444", "77777"], All(one));
        Assert.Equal(["66666"], All(other));
    }

    private static List<string> All(Fd socket)
    {
        var (all, buffer) = (new List<string>(), new byte[64]);
        while (InternetSocket.ReceiveFrom(socket, buffer, out _).Count is var count and > 0)
            all.Add(string.Concat(buffer.AsSpan(0, count).ToArray()));
        return all;
    }

    /// <summary>The kernel divides no datagram of such a socket (udp_send_skb).</summary>
    private static void SendWithoutChecksums(Fd server)
    {
        const int socketLevel = 1, noCheck = 11;
        using var handle = new System.Net.Sockets.SafeSocketHandle(server.Number, ownsHandle: false);
        using var socket = new System.Net.Sockets.Socket(handle);
        socket.SetRawSocketOption(socketLevel, noCheck, BitConverter.GetBytes(1));
    }

    [Fact]
    public void A_socket_may_be_made_before_its_address_is_there()
    {
        const int loopback = 1;
        const string current = "/proc/thread-self/ns/net";
        var before = new FileInfo(current).LinkTarget;
        using var inside = NetworkNamespace.Create();
        using var home = NetworkNamespace.OfThisThread();
        var address = new IPEndPoint(new IPAddress([127, 0, 0, 11]), 0);
        using var listener = NetworkNamespace.RunHere(inside, home, () => InternetSocket.Listen(address, 1, mayBeMissing: true));
        using (var route = RouteSocket.Open(inside))
            route.SetUp(loopback);
        var there = new IPEndPoint(address.Address, InternetSocket.LocalPort(listener));
        using var client = NetworkNamespace.RunHere(inside, home, () => InternetSocket.TryConnectStream(there, out _))!;
        Assert.Equal(default, InternetSocket.TakeError(client));
        using var accepted = UnixSocket.TryAccept(listener, out _);
        Assert.NotNull(accepted);
        Assert.Equal(before, new FileInfo(current).LinkTarget);
    }
}
