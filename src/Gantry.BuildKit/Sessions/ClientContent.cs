using System.IO.Pipelines;
using System.Text.Json;
using Gantry.Build.Cache.Exchange;
using Gantry.BuildKit.Grpc;
using Gantry.BuildKit.Messages;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.BuildKit.Sessions;

/// <summary>
/// A folder of the client that is an OCI layout, by containerd's service of content that the session offers: caches of type <c>local</c>. The client itself
/// writes which manifest its index names.
/// </summary>
/// <param name="session">The client.</param>
/// <param name="store">The client's name for the folder, e.g. <c>local:/cache</c>.</param>
/// <param name="root">What is read; default: nothing.</param>
internal sealed class ClientContent(ClientSession session, string store, Digest root = default) : ICacheSource, ICacheTarget
{
    private const string Service = "/containerd.services.content.v1.Content/";
    private const string StoreKey = "buildkit-attachable-store-id";
    private const int PartLength = 1 << 20;
    private const int MostManifestBytes = 8 << 20;

    string ICacheSource.Name => $"local:{root}";

    string ICacheTarget.Name => "client directory";

    public async Task<CacheDocumentBytes> ReadRootAsync(CancellationToken cancellation)
    {
        await using var stream = await OpenAsync(new Descriptor { Digest = root }, cancellation);
        using var memory = new MemoryStream();
        var buffer = new byte[1 << 16];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellation)) > 0 && memory.Length <= MostManifestBytes)
            memory.Write(buffer, 0, count);
        var bytes = memory.ToArray();
        if (Digest.Compute(bytes) != root)
            throw GantryException.Invalid($"the manifest {root} of the cache has other content than its digest says");
        return new CacheDocumentBytes(TypeOf(bytes), bytes);
    }

    public async Task<Stream> OpenAsync(Descriptor blob, CancellationToken cancellation)
    {
        var call = Open("Read", cancellation);
        await call.WriteAsync(new ContentReadRequest(blob.Digest));
        call.CompleteWriting();
        var pipe = new Pipe();
        _ = CopyAsync(call, pipe.Writer);
        return pipe.Reader.AsStream();
    }

    public async Task<bool> ContainsAsync(Descriptor blob, CancellationToken cancellation)
    {
        try
        {
            await using var call = Open("Info", cancellation);
            await call.WriteAsync(new ContentInfoRequest(blob.Digest));
            call.CompleteWriting();
            return await call.ReadAsync() is not null;
        }
        catch (GrpcException error) when (error.Code == GrpcCode.NotFound)
        {
            return false;
        }
    }

    public async Task WriteAsync(Descriptor blob, Func<Stream> open, CancellationToken cancellation)
    {
        await using var call = Open("Write", cancellation);
        await using var content = open();
        var request = new ContentWriteRequest { Ref = $"gantry-{blob.Digest}", Total = blob.Size, Expected = blob.Digest };
        var buffer = new byte[PartLength];
        var offset = 0L;
        int count;
        try
        {
            while ((count = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation)) > 0)
            {
                await ExchangeAsync(call, request with { Offset = offset, Data = buffer.AsMemory(0, count) });
                offset += count;
            }
            await ExchangeAsync(call, request with { Offset = offset, Commits = true });
        }
        catch (GrpcException error) when (error.Code == GrpcCode.AlreadyExists)
        {
            // Somebody else has just written it.
        }
    }

    public Task FinishAsync(Descriptor root, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
        WriteAsync(root, () => new MemoryStream(bytes.ToArray(), writable: false), cancellation);

    private GrpcStream Open(string method, CancellationToken cancellation) =>
        session.Channel.Open(Service + method, new GrpcMetadata { { StoreKey, store } }, cancellation);

    /// <summary>Each part is answered.</summary>
    private static async Task ExchangeAsync(GrpcStream call, ContentWriteRequest request)
    {
        await call.WriteAsync(request);
        if (await call.ReadAsync() is null)
            throw new GrpcException(GrpcCode.Internal, "the client ended the upload of a blob before it was whole");
    }

    private static async Task CopyAsync(GrpcStream call, PipeWriter writer)
    {
        try
        {
            await using (call)
            {
                while (await call.ReadAsync() is { } message)
                {
                    if ((await writer.WriteAsync(ContentReadResponse.DataOf(message.Span))).IsCompleted)
                        break;
                }
            }
            await writer.CompleteAsync();
        }
        catch (Exception error)
        {
            await writer.CompleteAsync(error);
        }
    }

    /// <summary>Documents say themselves what they are; those that do not are manifests or indexes by what they have.</summary>
    private static string TypeOf(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            if (document.RootElement.TryGetProperty("mediaType", out var type) && type.GetString() is { Length: > 0 } text)
                return text;
            return document.RootElement.TryGetProperty("manifests", out _) ? MediaTypes.OciIndex : MediaTypes.OciManifest;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw GantryException.Invalid($"the manifest of the cache is damaged: {error.Message}", error);
        }
    }
}
