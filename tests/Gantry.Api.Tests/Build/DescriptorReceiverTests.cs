using Gantry.Api.Build;
using Gantry.Api.Model;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Sockets;

namespace Gantry.Api.Tests.Build;

public sealed class DescriptorReceiverTests : IDisposable
{
    private readonly string _name = BuildSessionRequest.DescriptorSocketPrefix + Guid.NewGuid().ToString("n");
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Files_arrive_in_their_order_and_can_be_read()
    {
        File.WriteAllText(_path, "content");
        using var listener = UnixSocket.ListenAbstract(_name);
        using var receiver = DescriptorReceiver.TryConnect(_name, "token")!;
        using var client = UnixSocket.TryAccept(listener, out _)!;
        using var file = FileOpener.Open(_path, OpenFlags.ReadOnly);
        using var other = FileOpener.Open("/etc/passwd", OpenFlags.ReadOnly);
        Span<byte> said = stackalloc byte[10];
        Assert.Equal(5, SocketMessages.Receive(client, said, new List<Fd>()).Count);
        Assert.Equal("token"u8, said[..5]);
        Send(client, file);
        Send(client, other);
        using var first = receiver.Take();
        using var second = receiver.Take();
        Assert.Equal("content", new StreamReader(new DescriptorStream(first.Number)).ReadToEnd());
        Assert.Equal(FileStatusReader.Read(other).Inode, FileStatusReader.Read(second).Inode);
        Assert.Throws<InvalidDataException>(receiver.Take);
    }

    [Fact]
    public void What_is_no_file_is_refused()
    {
        using var listener = UnixSocket.ListenAbstract(_name);
        using var receiver = DescriptorReceiver.TryConnect(_name, "token")!;
        using var client = UnixSocket.TryAccept(listener, out _)!;
        using var folder = FileOpener.Open("/", OpenFlags.Directory);
        Send(client, folder);
        Assert.Throws<InvalidDataException>(receiver.Take);
        Send(client, client);
        Assert.Throws<InvalidDataException>(receiver.Take);
        // Two at once.
        Assert.Equal(default, SocketMessages.Send(client, [0], [folder.Number, folder.Number], wait: false).Error);
        Assert.Throws<InvalidDataException>(receiver.Take);
        // None.
        Assert.Equal(default, SocketMessages.Send(client, [0], [], wait: false).Error);
        Assert.Throws<InvalidDataException>(receiver.Take);
    }

    [Fact]
    public void A_client_that_is_elsewhere_or_offers_nothing_is_no_error()
    {
        Assert.Null(DescriptorReceiver.TryConnect(_name, "token"));
        Assert.Null(DescriptorReceiver.TryConnect("", ""));
    }

    [Fact]
    public void A_client_that_takes_no_connection_is_not_waited_for()
    {
        using var listener = UnixSocket.ListenAbstract(_name);
        var connections = new List<DescriptorReceiver>();
        while (DescriptorReceiver.TryConnect(_name, "token") is { } connection && connections.Count < 100)
            connections.Add(connection);
        Assert.InRange(connections.Count, 1, 99);
        connections.ForEach(connection => connection.Dispose());
    }

    [Theory]
    [InlineData("/tmp/.X11-unix/X0")]
    [InlineData("gantry-build-")]
    [InlineData("gantry-build-0123456789abcdef0123456789abcdeF")]
    [InlineData("gantry-build-0123456789abcdef0123456789abcdef0")]
    public void Other_sockets_are_not_connected_to(string name) => Assert.Throws<InvalidDataException>(() => DescriptorReceiver.TryConnect(name, ""));

    private static void Send(Fd client, Fd file) => Assert.Equal(default, SocketMessages.Send(client, [0], [file.Number], wait: false).Error);
}
