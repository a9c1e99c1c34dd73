using System.Text;
using Gantry.Client.Streams;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Sockets;

namespace Gantry.Client.Tests;

public sealed class DescriptorSenderTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly DescriptorSender _sender = new();

    public void Dispose()
    {
        _sender.Dispose();
        File.Delete(_path);
    }

    [Fact]
    public void Large_files_go_to_who_knows_the_token_and_to_nobody_else()
    {
        File.WriteAllBytes(_path, new byte[1 << 20]);
        using var file = FileOpener.Open(_path, OpenFlags.ReadOnly);
        Assert.False(_sender.TrySend(file));

        using var stranger = Connect(new string('0', _sender.Token.Length));
        _sender.Accept();
        Assert.False(_sender.TrySend(file));

        using var silent = UnixSocket.TryConnectAbstract(_sender.Name)!;
        using var daemon = Connect(_sender.Token);
        _sender.Accept();
        Assert.True(_sender.TrySend(file));
        Assert.Empty(Received(stranger));
        Assert.Empty(Received(silent));
        var received = Assert.Single(Received(daemon));
        Assert.Equal(FileStatusReader.Read(file).Inode, FileStatusReader.Read(received).Inode);
        received.Dispose();
    }

    [Fact]
    public void Small_files_and_those_that_are_not_taken_go_another_way()
    {
        using var daemon = Connect(_sender.Token);
        _sender.Accept();
        using var small = FileOpener.Open(_path, OpenFlags.ReadOnly);
        Assert.False(_sender.TrySend(small));
        File.WriteAllBytes(_path, new byte[1 << 20]);
        // Nobody reads: what does not fit into the queue is not waited for.
        using var file = FileOpener.Open(_path, OpenFlags.ReadOnly);
        var sent = 0;
        while (sent < 100_000 && _sender.TrySend(file))
            sent++;
        Assert.InRange(sent, 1, 99_999);
        daemon.Dispose();
        Assert.False(_sender.TrySend(file));
    }

    private Fd Connect(string token)
    {
        var connection = UnixSocket.TryConnectAbstract(_sender.Name)!;
        Assert.Equal(default, SocketMessages.Send(connection, Encoding.ASCII.GetBytes(token), [], wait: false).Error);
        return connection;
    }

    private static List<Fd> Received(Fd connection)
    {
        var received = new List<Fd>();
        _ = SocketMessages.Receive(connection, stackalloc byte[8], received);
        return received;
    }
}
