using Gantry.BuildKit.Grpc;
using Gantry.BuildKit.Messages;
using Gantry.BuildKit.Sessions;
using Gantry.BuildKit.Tests.Grpc;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gantry.BuildKit.Tests.Sessions;

/// <summary>What a client's side of a session does, as far as tests need it: it sends the files it is given, and answers for secrets.</summary>
internal sealed class FakeClient : IAsyncDisposable
{
    private readonly GrpcServer _server;
    private readonly PipePair _pair = new();
    private readonly Task _serving;

    private FakeClient(GrpcServer server)
    {
        _server = server;
        _serving = server.ServeAsync(_pair.One);
    }

    /// <summary>What the client sends of the folder named, in order; content by path.</summary>
    public Dictionary<string, List<(FileStat Stat, byte[] Content)>> Folders { get; } = [];

    /// <summary>What was asked for by name.</summary>
    public List<string> Requested { get; } = [];

    /// <summary>The patterns that the last order had.</summary>
    public IReadOnlyList<string> Excluded { get; private set; } = [];

    public Dictionary<string, byte[]> Secrets { get; } = [];

    /// <summary>What outputs were written, by their numbers.</summary>
    public Dictionary<string, MemoryStream> Outputs { get; } = [];

    /// <summary>The daemon's end of the connection.</summary>
    public System.IO.Pipelines.IDuplexPipe DaemonEnd => _pair.Other;

    public static async Task<FakeClient> StartAsync()
    {
        FakeClient client = null!;
        var server = new GrpcServer(
            new Dictionary<string, GrpcMethod>
            {
                ["/moby.filesync.v1.FileSync/DiffCopy"] = call => client.SendFolderAsync(call),
                ["/moby.filesync.v1.FileSend/DiffCopy"] = call => client.TakeOutputAsync(call),
                ["/moby.buildkit.secrets.v1.Secrets/GetSecret"] = call => client.TellSecretAsync(call),
                ["/grpc.health.v1.Health/Check"] = call => call.AnswerAsync(EmptyMessage.Instance),
            },
            NullLoggerFactory.Instance);
        client = new FakeClient(server);
        await server.StartAsync(CancellationToken.None);
        return client;
    }

    /// <summary>A session over the connection.</summary>
    public ClientSession Open() => new(new SessionHead("id", "key", []), new GrpcChannel(new PipeStream(DaemonEnd)));

    public async ValueTask DisposeAsync()
    {
        await _pair.One.Output.CompleteAsync();
        await _pair.Other.Output.CompleteAsync();
        await _server.DisposeAsync();
        await _serving;
    }

    private async Task SendFolderAsync(GrpcCall call)
    {
        Excluded = call.MetadataValues("exclude-patterns");
        var follow = call.MetadataValues("followpaths");
        var files = Folders.TryGetValue(call.Metadata("dir-name"), out var found) ? found
            : throw new GrpcException(GrpcCode.NotFound, $"no access allowed to dir \"{call.Metadata("dir-name")}\"");
        if (follow.Count > 0)
            files = files.FindAll(file => follow.Contains(file.Stat.Path));
        foreach (var (stat, _) in files)
            await call.WriteAsync(new FilePacket(FilePacketKind.Stat, stat));
        await call.WriteAsync(new FilePacket(FilePacketKind.Stat));
        while (await call.ReadAsync() is { } message)
        {
            var (kind, id) = Read(message);
            if (kind == FilePacketKind.Finish)
            {
                await call.WriteAsync(new FilePacket(FilePacketKind.Finish));
                return;
            }
            var (stat, content) = files[id];
            Requested.Add(stat.Path);
            foreach (var part in content.Chunk(7))
                await call.WriteAsync(new FilePacket(FilePacketKind.Data, Id: id, Data: part));
            await call.WriteAsync(new FilePacket(FilePacketKind.Data, Id: id));
        }
    }

    private static (FilePacketKind Kind, int Id) Read(ReadOnlyMemory<byte> message)
    {
        var packet = new ReceivedPacket(message.Span);
        return (packet.Kind, packet.Id);
    }

    private async Task TakeOutputAsync(GrpcCall call)
    {
        var output = Outputs[call.Metadata("buildkit-attachable-exporter-id")] = new MemoryStream();
        await call.BeginAsync();
        while (await call.ReadAsync() is { } message)
            output.Write(BytesMessage.DataOf(message).Span);
    }

    private async Task TellSecretAsync(GrpcCall call)
    {
        var id = TextMessage.Parse((await call.ReadOneAsync()).Span).Value;
        await call.WriteAsync(Secrets.TryGetValue(id, out var secret) ? new BytesMessage(secret)
            : throw new GrpcException(GrpcCode.NotFound, $"secret {id} not found"));
    }
}
