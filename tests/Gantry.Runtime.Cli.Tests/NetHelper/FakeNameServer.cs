using System.Net;
using System.Net.Sockets;
using Gantry.Dns.Messages;
using Gantry.Runtime.NetHelper;

namespace Gantry.Runtime.Cli.Tests.NetHelper;

/// <summary>A server outside that a test made: UDP and TCP on one port, each question answered by what the test says.</summary>
internal sealed class FakeNameServer : IDisposable
{
    private readonly Socket _datagrams, _listener;
    private readonly Func<DnsMessage, bool, DnsMessage?> _answer;

    /// <summary>Begins, in the network namespace of the calling thread.</summary>
    /// <param name="address">Where.</param>
    /// <param name="answer">Fills the answer, which has the question already; told whether it came by TCP; null: silence.</param>
    public FakeNameServer(IPAddress address, Func<DnsMessage, bool, DnsMessage?> answer)
    {
        _answer = answer;
        (_datagrams, _listener) = Bind(address);
        EndPoint = (IPEndPoint)_datagrams.LocalEndPoint!;
        _listener.Listen();
        new Thread(Serve) { IsBackground = true }.Start();
        new Thread(ServeStreams) { IsBackground = true }.Start();
    }

    public IPEndPoint EndPoint { get; }

    public UpstreamServer FromHost => new(EndPoint.Address, (ushort)EndPoint.Port, FromHost: true);

    public UpstreamServer FromContainer => new(EndPoint.Address, (ushort)EndPoint.Port, FromHost: false);

    /// <summary>How many questions came.</summary>
    public int Count { get; private set; }

    /// <summary>The addresses of names: the last number is the length of the name.</summary>
    public static DnsMessage AddressOf(DnsMessage answer, uint ttl = 60)
    {
        var name = answer.Questions[0].Name;
        answer.Answers.Add(new DnsRecord(name, DnsType.A, 1, ttl, [192, 0, 2, (byte)name.Length]));
        return answer;
    }

    /// <summary>A port that is free for UDP may be somebody's for TCP: then another is tried.</summary>
    private static (Socket Datagrams, Socket Listener) Bind(IPAddress address)
    {
        while (true)
        {
            var datagrams = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                datagrams.Bind(new IPEndPoint(address, 0));
                listener.Bind(datagrams.LocalEndPoint!);
                return (datagrams, listener);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                datagrams.Dispose();
                listener.Dispose();
            }
        }
    }

    public void Dispose()
    {
        _datagrams.Dispose();
        _listener.Dispose();
    }

    private void Serve()
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                EndPoint sender = new IPEndPoint(IPAddress.Any, 0);
                var count = _datagrams.ReceiveFrom(buffer, ref sender);
                if (Answer(buffer.AsSpan(0, count), isStream: false) is { } answer)
                    _datagrams.SendTo(answer, sender);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private void ServeStreams()
    {
        try
        {
            while (true)
            {
                using var client = _listener.Accept();
                var length = NetHelperFixture.Receive(client, 2);
                if (Answer(NetHelperFixture.Receive(client, length[0] << 8 | length[1]), isStream: true) is { } answer)
                    client.Send([(byte)(answer.Length >> 8), (byte)answer.Length, .. answer]);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private byte[]? Answer(ReadOnlySpan<byte> question, bool isStream)
    {
        Count++;
        var asked = DnsMessage.Parse(question)!;
        var message = new DnsMessage { Id = asked.Id, Flags = DnsFlags.Response | DnsFlags.RecursionDesired };
        message.Questions.Add(asked.Questions[0]);
        return _answer(message, isStream)?.Write();
    }
}
