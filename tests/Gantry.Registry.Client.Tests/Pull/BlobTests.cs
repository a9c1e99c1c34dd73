using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Tests.Server;

namespace Gantry.Registry.Client.Tests.Pull;

public class BlobTests
{
    private static readonly byte[] s_content = RegistryWorld.Bytes(300_000);

    [Fact]
    public async Task A_blob_is_read_and_verified()
    {
        await using var world = new RegistryWorld();
        var blob = world.Registry.AddBlob("app", s_content);
        var repository = await world.RepositoryAsync();
        Assert.Equal(s_content, await RegistryWorld.ReadAllAsync(await repository.OpenVerifiedBlobAsync(blob)));
        Assert.Equal(s_content[1000..], await RegistryWorld.ReadAllAsync(await repository.OpenBlobAsync(blob, 1000)));
        Assert.Empty(await RegistryWorld.ReadAllAsync(await repository.OpenBlobAsync(blob, s_content.Length)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65536)]
    [InlineData(299_999)]
    public async Task A_connection_that_breaks_off_is_resumed_where_it_was(int cut)
    {
        await using var world = new RegistryWorld();
        var blob = world.Registry.AddBlob("app", s_content);
        world.Registry.Fault = request => request.Header("Range") is null && request.Path.Contains("/blobs/", StringComparison.Ordinal)
            ? new TestResponse(200, s_content) { CutAfter = cut } : null;
        if (cut == 0)
            world.Registry.Fault = Once(new TestResponse(200, s_content) { CutAfter = 0 });
        Assert.Equal(s_content, await RegistryWorld.ReadAllAsync(await (await world.RepositoryAsync()).OpenVerifiedBlobAsync(blob)));
        Assert.Equal(cut == 0 ? null : $"bytes={cut}-", world.Registry.Requests.Last().Header("Range"));
        Assert.NotEmpty(world.Time.Pauses);
    }

    [Fact]
    public async Task A_body_that_stalls_is_broken_off_and_resumed()
    {
        await using var world = new RegistryWorld();
        var blob = world.Registry.AddBlob("app", s_content);
        world.Registry.Fault = Once(new TestResponse(200, s_content) { StallAfter = 70_000 });
        Assert.Equal(s_content, await RegistryWorld.ReadAllAsync(await (await world.RepositoryAsync()).OpenVerifiedBlobAsync(blob)));
        Assert.Equal("bytes=70000-", world.Registry.Requests.Last().Header("Range"));
    }

    [Fact]
    public async Task A_server_that_ignores_ranges_is_read_from_the_beginning()
    {
        await using var world = new RegistryWorld();
        var blob = world.Registry.AddBlob("app", s_content);
        world.Registry.Fault = request => new TestResponse(200, s_content) { CutAfter = request.Header("Range") is null ? 100_000 : null };
        Assert.Equal(s_content, await RegistryWorld.ReadAllAsync(await (await world.RepositoryAsync()).OpenVerifiedBlobAsync(blob)));
        Assert.Equal(2, world.Registry.Requests.Count());
    }

    [Fact]
    public async Task A_connection_that_never_brings_anything_is_given_up()
    {
        await using var world = new RegistryWorld();
        var blob = world.Registry.AddBlob("app", s_content);
        world.Registry.Fault = request => new TestResponse(200, s_content) { CutAfter = 0 };
        var stream = await (await world.RepositoryAsync()).OpenVerifiedBlobAsync(blob);
        var error = await Assert.ThrowsAsync<RegistryException>(() => RegistryWorld.ReadAllAsync(stream));
        Assert.Contains($"{world.Registry.Authority}/app@{blob.Digest}: the connection to {world.Registry.Authority} broke off at byte 0 of 300000",
            error.Message, StringComparison.Ordinal);
        Assert.Equal(4, world.Time.Pauses.Count);
    }

    [Fact]
    public async Task Other_content_of_the_same_length_never_ends_well()
    {
        await using var world = new RegistryWorld();
        var blob = world.Registry.AddBlob("app", s_content);
        world.Registry.Fault = request => new TestResponse(200, RegistryWorld.Bytes(300_000, seed: 2));
        var stream = await (await world.RepositoryAsync()).OpenVerifiedBlobAsync(blob);
        var error = await Assert.ThrowsAsync<RegistryException>(() => RegistryWorld.ReadAllAsync(stream));
        Assert.Contains($"/app@{blob.Digest}: the registry sent a blob with the digest sha256:", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200_000, false)]
    [InlineData(400_000, false)]
    [InlineData(400_000, true)]
    public async Task Content_of_another_length_is_refused(int length, bool chunked)
    {
        await using var world = new RegistryWorld();
        var blob = world.Registry.AddBlob("app", s_content);
        world.Registry.Fault = request =>
            new TestResponse(200, [.. s_content, .. new byte[100_000]]) { Chunked = chunked, DeclaredLength = chunked ? null
                : length, CutAfter = chunked ? null : 10 };
        var repository = await world.RepositoryAsync();
        var error = await Assert.ThrowsAsync<RegistryException>(async () =>
            await RegistryWorld.ReadAllAsync(await repository.OpenVerifiedBlobAsync(blob)));
        Assert.Contains(chunked ? "sent more than the 300000 bytes"
            : $"has {length} bytes where the manifest says 300000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_range_than_the_one_asked_for_is_refused()
    {
        await using var world = new RegistryWorld();
        var blob = world.Registry.AddBlob("app", s_content);
        world.Registry.Fault = request =>
            new TestResponse(206, s_content[50..]) { Headers = { ("Content-Range", "bytes 50-299999/300000") } };
        var repository = await world.RepositoryAsync();
        var error = await Assert.ThrowsAsync<RegistryException>(() => repository.OpenBlobAsync(blob, 100));
        Assert.Contains("when bytes from 100 of 300000 were asked for", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_blob_is_named()
    {
        await using var world = new RegistryWorld();
        var blob = new Descriptor { Digest = Digest.Compute("x"u8), Size = 1 };
        var repository = await world.RepositoryAsync();
        var error = await Assert.ThrowsAsync<RegistryException>(() => repository.OpenBlobAsync(blob));
        Assert.Equal(ErrorKind.NotFound, error.Kind);
        Assert.Equal($"{world.Registry.Authority}/app@{blob.Digest}: blob unknown: blob unknown to registry", error.Message);
    }

    [Fact]
    public async Task Layers_are_read_in_parallel()
    {
        await using var world = new RegistryWorld();
        var repository = await world.RepositoryAsync();
        var blobs = Enumerable.Range(0, 12).Select(i => (Content: RegistryWorld.Bytes(50_000 + i, i), i)).Select(item =>
            (item.Content, Blob: world.Registry.AddBlob("app", item.Content))).ToList();
        var read = await Task.WhenAll(blobs.Select(async item =>
            await RegistryWorld.ReadAllAsync(await repository.OpenVerifiedBlobAsync(item.Blob))));
        Assert.Equal(blobs.Select(item => item.Content), read);
    }

    [Fact]
    public async Task Cancelling_ends_a_read_that_waits()
    {
        await using var world = new RegistryWorld();
        var blob = world.Registry.AddBlob("app", s_content);
        world.Registry.Fault = _ => new TestResponse(200, s_content) { StallAfter = 0 };
        var client = world.Client(options => options with { StallTimeout = TimeSpan.FromMinutes(5) });
        await using var stream = await (await world.RepositoryAsync(client: client)).OpenBlobAsync(blob);
        using var cancellation = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await stream.ReadExactlyAsync(new byte[10], cancellation.Token));
    }

    /// <summary>Misbehaves at the first request only.</summary>
    private static Func<TestRequest, TestResponse?> Once(TestResponse response)
    {
        var used = 0;
        return _ => Interlocked.Exchange(ref used, 1) == 0 ? response : null;
    }
}
