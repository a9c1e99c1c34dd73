using System.Net;
using System.Net.Sockets;
using Gantry.Dns.Messages;
using Gantry.Os;
using Gantry.Os.Namespaces;
using Gantry.Os.Netlink;
using Gantry.Os.Processes;
using Gantry.Os.Sockets;
using Gantry.Runtime.NetHelper;

namespace Gantry.Runtime.Cli.Tests.NetHelper;

/// <summary>
/// A run folder with net helpers of the built program, and namespaces that stand for containers; at the end helpers are stopped and all is gone.
/// </summary>
public sealed class NetHelperFixture : IAsyncDisposable
{
    private readonly List<Runtime.NetHelper.NetHelper> _daemons = [];
    private readonly List<Fd> _namespaces = [];

    public string Folder { get; } = Directory.CreateTempSubdirectory("nethelper-test-").FullName;

    public static string Binary => Environment.GetEnvironmentVariable("GANTRY_RUNTIME") ?? Path.Combine(AppContext.BaseDirectory, "gantry-runtime");

    /// <summary>A daemon's view of the helper. Several of them, one after the other, are a daemon that restarts.</summary>
    public Runtime.NetHelper.NetHelper StartDaemon(string? binary = null)
    {
        var daemon = new Runtime.NetHelper.NetHelper(new NetHelperOptions
        {
            RuntimeBinary = binary ?? Binary,
            RunFolder = Folder,
            Grace = TimeSpan.FromSeconds(1),
        });
        _daemons.Add(daemon);
        return daemon;
    }

    /// <summary>A namespace whose loopback interface is up.</summary>
    public Fd CreateNamespace()
    {
        const int loopback = 1;
        var created = NetworkNamespace.Create();
        _namespaces.Add(created);
        using var route = RouteSocket.Open(created);
        route.SetUp(loopback);
        return created;
    }

    public static ServedContainer Container(string id, string network = "n1", params UpstreamServer[] servers) =>
        new() { Id = id, Networks = [new ServedNetwork(network, "mynet")], Servers = servers };

    public static PublishedNames Names(string container, string address, params string[] names) =>
        new() { Network = "n1", Container = container, Names = names, Addresses = [IPAddress.Parse(address)] };

    /// <summary>Asks 127.0.0.11 inside a namespace over UDP, again each second as resolvers do.</summary>
    public static DnsMessage Ask(Fd networkNamespace, string name, DnsType type = DnsType.A, bool edns = false)
    {
        const int attempts = 30;
        using var socket = NetworkNamespace.Run(networkNamespace, () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.Connect(ResolverSockets.Address, 53);
        socket.ReceiveTimeout = 1000;
        var buffer = new byte[4096];
        for (var attempt = 1; ; attempt++)
        {
            socket.Send(Question(name, type, (ushort)attempt, edns));
            try
            {
                return DnsMessage.Parse(buffer.AsSpan(0, socket.Receive(buffer)))!;
            }
            catch (SocketException error) when (
                attempt < attempts && error.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock or SocketError.ConnectionRefused)
            {
                // Asked again.
            }
        }
    }

    /// <summary>Asks several questions over one connection of TCP; the answers in the order of the questions.</summary>
    public static List<DnsMessage> AskByStream(Fd networkNamespace, params string[] names)
    {
        using var socket = NetworkNamespace.Run(networkNamespace, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        socket.ReceiveTimeout = 20_000;
        socket.Connect(ResolverSockets.Address, 53);
        ushort id = 0;
        foreach (var name in names)
        {
            var question = Question(name, DnsType.A, id++, edns: false);
            socket.Send([(byte)(question.Length >> 8), (byte)question.Length, .. question]);
        }
        var answers = new List<DnsMessage>();
        while (answers.Count < names.Length)
        {
            var length = Receive(socket, 2);
            answers.Add(DnsMessage.Parse(Receive(socket, length[0] << 8 | length[1]))!);
        }
        return [.. answers.OrderBy(answer => answer.Id)];
    }

    public static string Address(DnsMessage answer) => new IPAddress(answer.Answers.Single().Data).ToString();

    public static byte[] Question(string name, DnsType type, ushort id, bool edns)
    {
        var message = new DnsMessage { Id = id, Flags = DnsFlags.RecursionDesired };
        message.Questions.Add(new DnsQuestion(name, type));
        if (edns)
            message.Additionals.Add(new DnsRecord("", DnsType.Opt, 1232, 0, []));
        return message.Write();
    }

    public static byte[] Receive(Socket socket, int count)
    {
        var bytes = new byte[count];
        for (var filled = 0; filled < count;)
        {
            var received = socket.Receive(bytes, filled, count - filled, SocketFlags.None);
            Assert.True(received > 0, "the connection was closed");
            filled += received;
        }
        return bytes;
    }

    /// <summary>kill -9 of the helper.</summary>
    public static void Kill(int processId)
    {
        using var pidFd = PidFd.TryOpen(processId, out _)!;
        PidFd.SendSignal(pidFd, 9);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var daemon in _daemons)
            daemon.Dispose();
        foreach (var created in _namespaces)
            created.Dispose();
        foreach (var socket in Directory.GetFiles(Folder, "nethelper-*.sock"))
        {
            using var connection = UnixSocket.TryConnect(socket, out _);
            if (connection is null)
                continue;
            var processId = UnixSocket.Peer(connection).Pid;
            using var helper = PidFd.TryOpen(processId, out _);
            if (helper is null)
                continue;
            PidFd.SendSignal(helper, 9);
            await Keeper.KeeperFixture.EventuallyAsync(() =>
            {
                PidFd.Reap(helper);
                return PidFd.SendSignal(helper, 0) == Errno.ESRCH;
            });
        }
        Assert.Equal("", string.Join('\n', Directory.GetFiles(Folder, "nethelper.log").Select(File.ReadAllText)));
        Directory.Delete(Folder, recursive: true);
    }
}
