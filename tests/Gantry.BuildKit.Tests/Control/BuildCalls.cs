using System.Formats.Tar;
using System.Text;
using Gantry.BuildKit.Grpc;
using Gantry.BuildKit.Messages;
using Gantry.BuildKit.Protobuf;

namespace Gantry.BuildKit.Tests.Control;

/// <summary>What tests of builds ask of a daemon, and how they read what it answers.</summary>
internal static class BuildCalls
{
    public const string Service = "/moby.buildkit.v1.Control/", Gateway = "/moby.buildkit.v1.frontend.LLBBridge/";

    public static void Give(ConnectedClient client, string dockerfile, params (string Path, string Content)[] files)
    {
        client.Client.Folders["dockerfile"] = [File("Dockerfile", dockerfile)];
        client.Client.Folders["context"] = [.. files.Select(file => File(file.Path, file.Content))];
    }

    public static (FileStat Stat, byte[] Content) File(string path, string content) => (
        new FileStat { Path = path, Mode = 0x1a4, Size = Encoding.UTF8.GetByteCount(content),
            Modified = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100 },
        Encoding.UTF8.GetBytes(content));

    public static Exporter Moby(string name) => new("moby", new Dictionary<string, string> { ["name"] = $"docker.io/library/{name}" });

    public static Func<Request, Request> Frontend(string name, params (string Key, string Value)[] attributes) => request =>
        request.Text(6, name)
            .Map(7, attributes.Select(attribute => KeyValuePair.Create(attribute.Key, attribute.Value)).Prepend(KeyValuePair.Create("filename", "Dockerfile")));

    public static async Task<Dictionary<string, string>> SolveAsync(
        ConnectedClient client, string name, Func<Request, Request> fill, params Exporter[] exporters)
    {
        var request = fill(new Request().Text(1, name).Text(5, client.Session));
        foreach (var exporter in exporters)
            request.Message(13, exporter);
        var answer = await client.Channel.CallAsync(Service + "Solve", request, CancellationToken.None);
        return Response(answer.Span);
    }

    public static Dictionary<string, string> Response(ReadOnlySpan<byte> answer)
    {
        var response = new Dictionary<string, string>();
        var reader = new ProtoReader(answer);
        while (reader.Next())
            Maps.Add(response, reader.TextEntry());
        return response;
    }

    public static async Task<List<string>> FollowAsync(ConnectedClient client, string name)
    {
        await using var stream = client.Channel.Open(Service + "Status", [], CancellationToken.None);
        await stream.WriteAsync(new TextMessage(name));
        stream.CompleteWriting();
        var names = new List<string>();
        while (await stream.ReadAsync() is { } status)
            names.AddRange(Names(status.Span));
        return names;
    }

    public static List<string> Names(ReadOnlySpan<byte> status)
    {
        var names = new List<string>();
        var reader = new ProtoReader(status);
        while (reader.Next())
        {
            var vertex = new ProtoReader(reader.Bytes());
            if (reader.Field != 1)
                continue;
            while (vertex.Next())
            {
                if (vertex.Field == 3)
                    names.Add(vertex.Text());
                else
                    vertex.Skip();
            }
        }
        return names;
    }

    public static async Task<ReadOnlyMemory<byte>> CallAsync(ConnectedClient client, string build, string method, IProtoMessage message)
    {
        await using var stream = client.Channel.Open(Gateway + method, new GrpcMetadata { { "buildkit-controlapi-buildid", build } }, CancellationToken.None);
        await stream.WriteAsync(message);
        stream.CompleteWriting();
        var answer = (await stream.ReadAsync())!.Value.ToArray();
        Assert.Null(await stream.ReadAsync());
        return answer;
    }

    public static GatewayResult ResultOf(ReadOnlyMemory<byte> answer)
    {
        var reader = new ProtoReader(answer.Span);
        Assert.True(reader.Next());
        return GatewayResult.Parse(reader.Bytes());
    }

    public static List<(string Path, string Content)> Files(MemoryStream archive)
    {
        archive.Position = 0;
        var files = new List<(string, string)>();
        using var reader = new TarReader(archive);
        while (reader.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is TarEntryType.RegularFile && entry.DataStream is { } data)
                files.Add((entry.Name.TrimStart('.', '/'), new StreamReader(data).ReadToEnd()));
        }
        return files;
    }
}
