using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Push;
using Gantry.Registry.Client.Tests.Server;

namespace Gantry.Registry.Client.Tests.Push;

public class PushTests
{
    private static readonly byte[] s_content = RegistryWorld.Bytes(250_000);
    private static readonly Descriptor s_blob = new() { MediaType = MediaTypes.OciLayerGzip, Digest = Digest.Compute(s_content),
        Size = s_content.Length };
    private static readonly BlobSource s_source = (offset, _) =>
        ValueTask.FromResult<Stream>(new MemoryStream(s_content, (int)offset, s_content.Length - (int)offset));

    [Fact]
    public async Task A_blob_is_uploaded_in_one_piece()
    {
        await using var world = new RegistryWorld();
        var repository = await world.RepositoryAsync();
        Assert.False(await repository.BlobExistsAsync(s_blob));
        await repository.UploadBlobAsync(s_blob, s_source);
        Assert.Equal(s_content, world.Registry.Blobs[$"app@{s_blob.Digest}"]);
        Assert.True(await repository.BlobExistsAsync(s_blob));
        Assert.Equal(["HEAD", "POST", "PUT", "HEAD"], world.Registry.Requests.Select(request => request.Method));
    }

    [Fact]
    public async Task An_empty_blob_is_uploaded()
    {
        await using var world = new RegistryWorld();
        var empty = new Descriptor { Digest = Digest.Compute([]), Size = 0 };
        await (await world.RepositoryAsync()).UploadBlobAsync(empty, (_, _) => ValueTask.FromResult(Stream.Null));
        Assert.Empty(world.Registry.Blobs[$"app@{empty.Digest}"]);
    }

    [Fact]
    public async Task A_registry_that_asks_for_chunks_gets_them_in_its_size()
    {
        await using var world = new RegistryWorld();
        world.Registry.LeastChunk = 100_000;
        var client = world.Client(options => options with { ChunkSize = 1000 });
        await (await world.RepositoryAsync(client: client)).UploadBlobAsync(s_blob, s_source);
        Assert.Equal(s_content, world.Registry.Blobs[$"app@{s_blob.Digest}"]);
        Assert.Equal(["0-99999", "100000-199999", "200000-249999"],
            world.Registry.Requests.Where(request => request.Method == "PATCH").Select(request => request.Header("Content-Range")));
    }

    [Fact]
    public async Task A_registry_that_takes_nothing_whole_gets_chunks()
    {
        await using var world = new RegistryWorld();
        world.Registry.Fault = request => request.Method == "PUT" && request.Body.Length > 0 ? TestResponse.Text(413) : null;
        var client = world.Client(options => options with { ChunkSize = 200_000 });
        await (await world.RepositoryAsync(client: client)).UploadBlobAsync(s_blob, s_source);
        Assert.Equal(s_content, world.Registry.Blobs[$"app@{s_blob.Digest}"]);
    }

    [Fact]
    public async Task A_chunk_that_failed_goes_on_where_the_registry_says()
    {
        await using var world = new RegistryWorld();
        world.Registry.LeastChunk = 1;
        var failures = 2;
        world.Registry.Fault = request =>
            request.Method == "PATCH" && !request.Header("Content-Range")!.StartsWith("0-", StringComparison.Ordinal) && failures-- > 0
            ? TestResponse.Text(503) : null;
        var client = world.Client(options => options with { ChunkSize = 100_000 });
        await (await world.RepositoryAsync(client: client)).UploadBlobAsync(s_blob, s_source);
        Assert.Equal(s_content, world.Registry.Blobs[$"app@{s_blob.Digest}"]);
        Assert.Equal(2, world.Registry.Requests.Count(request => request.Method == "GET"));
    }

    [Fact]
    public async Task A_failed_upload_begins_anew()
    {
        await using var world = new RegistryWorld();
        var failures = 2;
        world.Registry.Fault = request => request.Method == "PUT" && failures-- > 0 ? TestResponse.Text(500) : null;
        await (await world.RepositoryAsync()).UploadBlobAsync(s_blob, s_source);
        Assert.Equal(s_content, world.Registry.Blobs[$"app@{s_blob.Digest}"]);
        Assert.Equal(3, world.Registry.Requests.Count(request => request.Method == "POST"));
    }

    [Fact]
    public async Task A_source_that_fails_is_no_fault_of_the_network()
    {
        await using var world = new RegistryWorld();
        var repository = await world.RepositoryAsync();
        await Assert.ThrowsAsync<InvalidDataException>(() =>
            repository.UploadBlobAsync(s_blob, (_, _) => ValueTask.FromResult<Stream>(new MemoryStream(new byte[10]))));
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() =>
            repository.UploadBlobAsync(s_blob, (_, _) => throw new UnauthorizedAccessException()));
        Assert.Empty(world.Time.Pauses);
    }

    [Fact]
    public async Task A_blob_of_another_repository_is_mounted()
    {
        await using var world = new RegistryWorld();
        world.Registry.AddBlob("base", s_content);
        var repository = await world.RepositoryAsync();
        Assert.True(await repository.MountBlobAsync(s_blob.Digest, "base"));
        Assert.Equal(s_content, world.Registry.Blobs[$"app@{s_blob.Digest}"]);
    }

    [Fact]
    public async Task What_cannot_be_mounted_is_to_be_uploaded()
    {
        await using var world = new RegistryWorld();
        var repository = await world.RepositoryAsync();
        Assert.False(await repository.MountBlobAsync(s_blob.Digest, "base"));
        Assert.Equal(["POST", "DELETE"], world.Registry.Requests.Select(request => request.Method));
    }

    [Fact]
    public async Task A_manifest_is_put_by_tag_and_by_digest_and_deleted()
    {
        await using var world = new RegistryWorld();
        var bytes = """{"schemaVersion":2}"""u8.ToArray();
        var repository = await world.RepositoryAsync();
        var put = await repository.PutManifestAsync(bytes, MediaTypes.OciManifest, "v1");
        await repository.PutManifestAsync(bytes, MediaTypes.OciManifest, tag: null);
        Assert.Equal(MediaTypes.OciManifest, world.Registry.Manifests["app:v1"].Type);
        await repository.DeleteManifestAsync(put.Digest.ToString());
        Assert.DoesNotContain($"app@{put.Digest}", world.Registry.Manifests.Keys);
    }

    [Fact]
    public async Task A_registry_that_stores_something_else_is_found_out()
    {
        await using var world = new RegistryWorld();
        world.Registry.Fault = request =>
            request.Method == "PUT" ? TestResponse.Text(201, "", ("Docker-Content-Digest", Digest.Compute("other"u8).ToString())) : null;
        var repository = await world.RepositoryAsync();
        var error = await Assert.ThrowsAsync<RegistryException>(() =>
            repository.PutManifestAsync("{}"u8.ToArray(), MediaTypes.OciManifest, "v1"));
        Assert.Contains("stored the manifest", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_push_says_so()
    {
        await using var world = new RegistryWorld();
        world.Registry.Fault = _ => TestRegistry.Error(403, "DENIED", "requested access to the resource is denied");
        var repository = await world.RepositoryAsync();
        var error = await Assert.ThrowsAsync<RegistryException>(() => repository.UploadBlobAsync(s_blob, s_source));
        Assert.Equal(ErrorKind.Forbidden, error.Kind);
        Assert.EndsWith("denied: requested access to the resource is denied", error.Message, StringComparison.Ordinal);
    }
}
