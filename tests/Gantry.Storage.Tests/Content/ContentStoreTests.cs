using System.Text;
using System.Text.Json;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Content;

namespace Gantry.Storage.Tests.Content;

public sealed class ContentStoreTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private ContentStore _store;

    public ContentStoreTests() => _store = ContentStore.Open(_temporary["store"]);

    public void Dispose()
    {
        _store.Dispose();
        _temporary.Dispose();
    }

    [Fact]
    public void It_is_an_OCI_layout()
    {
        using var lease = _store.Lease();
        var digest = lease.Add("hello"u8);
        Assert.Equal("""{"imageLayoutVersion":"1.0.0"}""", File.ReadAllText(_temporary["store/oci-layout"]));
        Assert.Equal("hello", File.ReadAllText(_temporary[$"store/blobs/sha256/{digest.Hex}"]));
        Assert.Equal(Digest.Compute("hello"u8), digest);
        Assert.Equal(5, _store.SizeOf(digest));
        Assert.Equal("hello"u8.ToArray(), _store.ReadBytes(digest));
        Assert.Equal([digest], _store.List().Select(blob => blob.Digest));
    }

    [Fact]
    public async Task Wrong_content_is_not_taken()
    {
        using var lease = _store.Lease();
        var expected = Digest.Compute("right"u8);
        await Refused(lease.AddAsync(new MemoryStream("wrong"u8.ToArray()), expected), "has the digest");
        await Refused(lease.AddAsync(new MemoryStream("righ"u8.ToArray()), expected, 5), "has 4 bytes instead of the expected 5");
        await Refused(lease.AddAsync(new MemoryStream("right!"u8.ToArray()), expected, 5), "more than the expected 5");
        Assert.False(_store.Contains(expected));
        Assert.Empty(Ingested());
        Assert.Equal(expected, await lease.AddAsync(new MemoryStream("right"u8.ToArray()), expected, 5));
    }

    [Fact]
    public async Task Both_algorithms_of_the_specification_are_verified()
    {
        var content = "content"u8.ToArray();
        var digest = Digest.Parse($"sha512:{Convert.ToHexStringLower(System.Security.Cryptography.SHA512.HashData(content))}");
        using var lease = _store.Lease();
        Assert.Equal(digest, await lease.AddAsync(new MemoryStream(content), digest, content.Length));
        Assert.Equal([digest], _store.List().Select(blob => blob.Digest));
        Assert.Equal(content, _store.ReadBytes(digest));
    }

    [Fact]
    public void What_was_being_written_when_the_process_ended_is_gone()
    {
        using var lease = _store.Lease();
        var writer = lease.CreateWriter();
        writer.Write("half"u8);
        File.WriteAllText(_temporary["store/ingest/99"], "left by a crash");
        Reopen();
        Assert.Empty(Ingested());
        Assert.Empty(_store.List());
    }

    [Fact]
    public void A_damaged_document_is_not_handed_out()
    {
        using var lease = _store.Lease();
        var digest = lease.Add("{}"u8);
        File.WriteAllText(_store.PathOf(digest), "[]");
        Assert.Contains("is damaged", Assert.Throws<GantryException>(() => _store.ReadBytes(digest)).Message);
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<GantryException>(() => _store.OpenRead(Digest.Compute("x"u8))).Kind);
    }

    [Fact]
    public void The_index_is_changed_as_a_whole_or_not_at_all()
    {
        Assert.Empty(_store.ReadIndex().Manifests);
        _store.UpdateIndex(index => index.Manifests.Add(Describe(MediaTypes.OciManifest, "m"u8)));
        Assert.Throws<InvalidOperationException>(() => _store.UpdateIndex(index =>
        {
            index.Manifests.Clear();
            throw new InvalidOperationException();
        }));
        Reopen();
        Assert.Single(_store.ReadIndex().Manifests);
        File.WriteAllText(_temporary["store/index.json"], "{");
        Assert.Contains("cannot read", Assert.Throws<GantryException>(() => _store.ReadIndex()).Message);
    }

    [Fact]
    public async Task Changes_of_the_index_by_many_threads_are_all_kept()
    {
        await Parallel.ForAsync(0, 40, (i, _) =>
        {
            _store.UpdateIndex(index => index.Manifests.Add(Describe(MediaTypes.OciManifest, Encoding.ASCII.GetBytes($"{i}"))));
            return ValueTask.CompletedTask;
        });
        Assert.Equal(40, _store.ReadIndex().Manifests.Count);
    }

    [Fact]
    public void Garbage_is_what_no_root_and_no_lease_reaches()
    {
        Descriptor root;
        Digest layer, config, garbage;
        using (var lease = _store.Lease())
        {
            layer = lease.Add("layer"u8);
            config = lease.Add("config"u8);
            garbage = lease.Add("garbage"u8);
            var manifest = new ImageManifest
            {
                MediaType = MediaTypes.OciManifest, Config = Describe(MediaTypes.OciConfig, "config"u8), Layers = [Describe(MediaTypes.OciLayer, "layer"u8)],
            };
            var bytes = JsonSerializer.SerializeToUtf8Bytes(manifest, OciImageJson.Default.ImageManifest);
            lease.Add(bytes);
            var index = new ImageIndex { MediaType = MediaTypes.OciIndex, Manifests = [Describe(MediaTypes.OciManifest, bytes)] };
            var indexBytes = JsonSerializer.SerializeToUtf8Bytes(index, OciImageJson.Default.ImageIndex);
            lease.Add(indexBytes);
            root = Describe(MediaTypes.OciIndex, indexBytes);
        }
        using var other = _store.Lease();
        var held = other.Add("held"u8);
        Assert.Equal([garbage], _store.CollectGarbage(() => [root]).Select(blob => blob.Digest));
        Assert.True(_store.Contains(layer) && _store.Contains(config) && _store.Contains(held));
        Assert.False(_store.Delete(held));
        other.Dispose();
        Assert.Equal([held], _store.CollectGarbage(() => [root]).Select(blob => blob.Digest));
        Assert.False(_store.Contains(held));
    }

    [Fact]
    public void A_lease_that_ends_while_a_collection_runs_still_protects()
    {
        var lease = _store.Lease();
        var digest = lease.Add("fresh"u8);
        Assert.Empty(_store.CollectGarbage(() =>
        {
            // The image is named now, but these roots were read before.
            lease.Dispose();
            return [];
        }));
        Assert.True(_store.Contains(digest));
        Assert.Single(_store.CollectGarbage(() => []));
    }

    [Fact]
    public void A_lease_holds_what_is_there_already()
    {
        Digest digest;
        using (var first = _store.Lease())
            digest = first.Add("shared"u8);
        using var lease = _store.Lease();
        Assert.True(lease.TryHold(digest));
        Assert.False(lease.TryHold(Digest.Compute("missing"u8)));
        Assert.Empty(_store.CollectGarbage(() => []));
    }

    [Fact]
    public void One_process_at_a_time_owns_a_store()
        => Assert.Equal(ErrorKind.Conflict, Assert.Throws<GantryException>(() => ContentStore.Open(_temporary["store"])).Kind);

    [Fact]
    public void A_layout_of_another_version_is_left_alone()
    {
        _store.Dispose();
        File.WriteAllText(_temporary["store/oci-layout"], """{"imageLayoutVersion":"2.0.0"}""");
        Assert.Contains("version \"2.0.0\"", Assert.Throws<GantryException>(() => ContentStore.Open(_temporary["store"])).Message);
    }

    private void Reopen()
    {
        _store.Dispose();
        _store = ContentStore.Open(_temporary["store"]);
    }

    private IEnumerable<string> Ingested() =>
        Directory.EnumerateFiles(_temporary["store/ingest"]).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal));

    private static Descriptor Describe(string type, ReadOnlySpan<byte> content)
        => new() { MediaType = type, Digest = Digest.Compute(content), Size = content.Length };

    private static async Task Refused(Task<Digest> add, string message)
        => Assert.Contains(message, (await Assert.ThrowsAsync<GantryException>(() => add)).Message);
}
