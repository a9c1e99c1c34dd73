using Gantry.BuildKit.Messages;
using Gantry.BuildKit.Protobuf;
using Gantry.Os.Files;

namespace Gantry.BuildKit.Tests.Protobuf;

public class ProtoTests
{
    [Fact]
    public void What_is_written_is_read()
    {
        var bytes = new ProtoWriter().Number(1, -5).Text(2, "ä").Flag(3, true).Bytes(4, [1, 2]).Number(16, long.MaxValue).Written;
        var reader = new ProtoReader(bytes.Span);
        Assert.True(reader.Next());
        Assert.Equal(-5, reader.Number());
        Assert.True(reader.Next());
        Assert.Equal("ä", reader.Text());
        Assert.True(reader.Next());
        Assert.True(reader.Flag());
        Assert.True(reader.Next());
        Assert.Equal([1, 2], reader.Bytes().ToArray());
        Assert.True(reader.Next());
        Assert.Equal((16, long.MaxValue), (reader.Field, reader.Number()));
        Assert.False(reader.Next());
    }

    [Fact]
    public void Fields_of_any_kind_can_be_skipped()
    {
        // A varint, eight bytes, a text, four bytes, and then what is looked for.
        byte[] bytes = [0x08, 0x96, 0x01, 0x11, 1, 2, 3, 4, 5, 6, 7, 8, 0x1a, 2, 9, 9, 0x25, 1, 2, 3, 4, 0x28, 7];
        var reader = new ProtoReader(bytes);
        while (reader.Next() && reader.Field != 5)
            reader.Skip();
        Assert.Equal(7, reader.Number());
    }

    [Theory]
    [InlineData(new byte[] { 0x0a, 5, 1 })]
    [InlineData(new byte[] { 0x08 })]
    [InlineData(new byte[] { 0x00 })]
    [InlineData(new byte[] { 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1 })]
    public void Malformed_messages_are_refused(byte[] bytes) => Assert.Throws<InvalidDataException>(() =>
    {
        var reader = new ProtoReader(bytes);
        while (reader.Next())
            reader.Skip();
    });

    [Fact]
    public void A_solve_request_has_its_parts()
    {
        var exporter = new Exporter("moby", new Dictionary<string, string> { ["name"] = "a,b" });
        var bytes = new ProtoWriter().Text(1, "ref").Text(5, "session").Text(6, "dockerfile.v0")
            .Map(7, new Dictionary<string, string> { ["filename"] = "Dockerfile", ["no-cache"] = "" }).Texts(9, ["network.host"]).Flag(11, true)
                .Message(13, exporter).Written;
        var request = SolveRequest.Parse(bytes.Span);
        Assert.Equal(("ref", "session", "dockerfile.v0", true), (request.Ref, request.Session, request.Frontend, request.Internal));
        Assert.Equal("", request.FrontendAttributes["no-cache"]);
        Assert.Equal("a,b", Assert.Single(request.Exporters).Attributes["name"]);
        Assert.Equal(["network.host"], request.Entitlements);
    }

    [Fact]
    public void The_one_exporter_of_old_clients_is_known_too()
    {
        var bytes = new ProtoWriter().Text(3, "local").Map(4, new Dictionary<string, string> { ["a"] = "b" }).Written;
        Assert.Equal("local", Assert.Single(SolveRequest.Parse(bytes.Span).Exporters).Type);
    }

    [Theory]
    [InlineData(FileKind.Regular, 0x1a4u, 0x1a4u)]
    [InlineData(FileKind.Directory, 0x1edu, 0x800001edu)]
    [InlineData(FileKind.SymbolicLink, 0x1ffu, 0x080001ffu)]
    [InlineData(FileKind.Regular, 0x9edu, 0x008001edu)]
    [InlineData(FileKind.Directory, 0x3ffu, 0x801001ffu)]
    public void Modes_are_those_of_Go(FileKind kind, uint permissions, uint mode)
    {
        var stat = new FileStat { Path = "a", Mode = FileStat.ModeOf(kind, permissions) };
        Assert.Equal(mode, stat.Mode);
        Assert.Equal((kind, permissions), (stat.Kind, stat.UnixPermissions));
    }

    [Fact]
    public void The_data_of_a_message_are_part_of_it()
    {
        var message = ProtoWriter.Encode(new BytesMessage(new byte[] { 1, 2, 3 }));
        Assert.Equal([1, 2, 3], BytesMessage.DataOf(message).ToArray());
        Assert.True(BytesMessage.DataOf(Array.Empty<byte>()).IsEmpty);
    }
}
