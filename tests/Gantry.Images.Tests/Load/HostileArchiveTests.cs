using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Archives;

namespace Gantry.Images.Tests.Load;

/// <summary>Archives that want to break out, lie or exhaust: each is refused with a clear error and leaves nothing.</summary>
public sealed class HostileArchiveTests : IDisposable
{
    private static readonly byte[] Layer = Archives.Layer(("file", "content\n"));
    private readonly ImageWorld _world = new();

    public void Dispose() => _world.Dispose();

    private async Task RefusedAsync(byte[] archive, string message)
    {
        var error = await Assert.ThrowsAsync<GantryException>(() => _world.LoadAsync(archive));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal((0, 0, ""), _world.Contents());
        Assert.Equal([".lock"], Directory.GetFiles(Path.Combine(_world.Root, "content", "ingest")).Select(Path.GetFileName));
        Assert.Empty(_world.Store.Images);
    }

    [Theory]
    [InlineData("../../etc/passwd", "leaves the archive")]
    [InlineData("/etc/passwd", "absolute")]
    [InlineData("a/../../x", "leaves the archive")]
    [InlineData("blobs/sha256/zz", "no digest")]
    public Task Names_that_leave_the_archive(string name, string message) => RefusedAsync(Archives.Tar((name, Layer)), message);

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    public Task Links_that_leave_the_archive(string target) => RefusedAsync(Archives.TarOf((Archives.Link("a/layer.tar", target), [])), "");

    [Fact]
    public Task Links_in_a_circle() => RefusedAsync(
        Archives.TarOf((Archives.Link("a", "b"), []), (Archives.Link("b", "a"), []), Manifest("a")), "configuration a is missing");

    [Fact]
    public Task Devices() => RefusedAsync(
        Archives.TarOf((new TarEntry { Name = Archives.Bytes("dev"), Kind = TarEntryKind.CharacterDevice }, [])), "neither a file, a folder nor a link");

    [Fact]
    public Task Something_else() => RefusedAsync(Archives.Tar(("readme", Archives.Bytes("x"))), "neither manifest.json nor index.json");

    [Fact]
    public Task Nothing() => RefusedAsync([], "neither manifest.json nor index.json");

    [Fact]
    public Task Noise()
    {
        var noise = new byte[100_000];
        new Random(7).NextBytes(noise);
        return RefusedAsync(noise, "");
    }

    [Fact]
    public async Task Every_way_of_being_cut_short()
    {
        var archive = Archives.Docker(["a:1"], Archives.Config([Layer]), Layer);
        for (var length = 100; length < archive.Length - 2048; length += 511)
            await RefusedAsync(archive[..length], "");
        var compressed = Archives.Gzip(archive);
        await RefusedAsync(compressed[..(compressed.Length / 2)], "");
    }

    [Fact]
    public async Task Blobs_with_other_content_than_their_name_says()
    {
        var layout = new OciLayout();
        var image = layout.AddImage(Archives.Config([Layer]), (Layer, MediaTypes.OciLayer));
        layout.Index.Add(OciLayout.Named(image, "docker.io/library/a:1"));
        layout.Replace(Digest.Compute(Layer), Archives.Layer(("file", "changed\n")));
        await RefusedAsync(layout.ToTar(), "has the digest");
    }

    [Fact]
    public async Task A_layer_that_is_missing()
    {
        var layout = new OciLayout();
        layout.Index.Add(OciLayout.Named(layout.AddImage(Archives.Config([Layer]), (Layer, MediaTypes.OciLayer)), "docker.io/library/a:1"));
        layout.Remove(Digest.Compute(Layer));
        await RefusedAsync(layout.ToTar(), $"the layer {Digest.Compute(Layer)} is missing");
    }

    [Fact]
    public Task A_layer_with_another_diff_id() =>
        RefusedAsync(Archives.Docker(["a:1"], Archives.Config([Archives.Layer(("other", "x"))]), Layer), "diff ID");

    [Fact]
    public async Task A_layer_that_claims_to_be_one_that_is_there()
    {
        await _world.LoadAsync(Archives.Docker(["a:1"], Archives.Config([Layer]), Layer));
        var before = _world.Contents();
        var claim = Archives.Docker(["b:1"], Archives.Config([Layer], "b"), Archives.Gzip(Archives.Layer(("file", "evil\n"))));
        var error = await Assert.ThrowsAsync<GantryException>(() => _world.LoadAsync(claim));
        Assert.Contains("diff ID", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, _world.Contents());
    }

    [Fact]
    public Task A_layer_too_few() => RefusedAsync(Archives.Docker(["a:1"], Archives.Config([Layer, Layer]), Layer), "1 layers, its configuration 2");

    [Fact]
    public Task A_huge_configuration()
    {
        var config = new byte[ImageDocument.MaxLength + 1];
        config.AsSpan().Fill((byte)' ');
        return RefusedAsync(Archives.Docker(["a:1"], config, Layer), "at most");
    }

    [Fact]
    public Task A_huge_manifest() => RefusedAsync(Archives.Tar(("manifest.json", new byte[ImageDocument.MaxLength + 1])), "more than the");

    [Theory]
    [InlineData("[")]
    [InlineData("null")]
    [InlineData("[{\"Config\":1}]")]
    [InlineData("[{\"Config\":\"../x\",\"Layers\":[]}]")]
    [InlineData("[{\"Config\":\"\",\"Layers\":null}]")]
    public Task A_malformed_manifest(string json) => RefusedAsync(Archives.Tar(("manifest.json", Archives.Bytes(json))), "");

    [Theory]
    [InlineData("Foo:1", "must be lowercase")]
    [InlineData("foo", "invalid tag")]
    public Task Malformed_names(string tag, string message) => RefusedAsync(Archives.Docker([tag], Archives.Config([Layer]), Layer), message);

    [Fact]
    public Task An_index_that_is_a_manifest_too() =>
        RefusedAsync(Archives.Tar(("index.json", Archives.Bytes("{\"manifests\":[],\"layers\":[]}"))), "does not belong there");

    [Fact]
    public async Task An_index_nested_without_end()
    {
        var layout = new OciLayout();
        var index = layout.AddImage(Archives.Config([Layer]), (Layer, MediaTypes.OciLayer));
        for (var i = 0; i < 10; i++)
            index = layout.AddIndex(index);
        layout.Index.Add(index);
        await RefusedAsync(layout.ToTar(), "nested deeper");
    }

    [Fact]
    public Task A_million_entries()
    {
        // Compressed, as it would be sent: 66,000 headers of nothing.
        var entry = Archives.TarOf((new TarEntry { Name = Archives.Bytes("d/"), Kind = TarEntryKind.Directory }, []))[..512];
        var archive = new byte[512 * 66_000];
        for (var i = 0; i < archive.Length; i += 512)
            entry.CopyTo(archive, i);
        return RefusedAsync(Archives.Gzip(archive), "more than 65536 entries");
    }

    [Fact]
    public async Task Random_damage_is_refused_or_harmless()
    {
        var archive = Archives.Docker(["a:1"], Archives.Config([Layer]), Layer);
        var random = new Random(20261121);
        for (var i = 0; i < 150; i++)
        {
            var damaged = archive.ToArray();
            for (var n = random.Next(1, 6); n > 0; n--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                await _world.LoadAsync(damaged);
                foreach (var image in _world.Store.Images)
                    _world.Remover.Remove(image.Id.ToString(), force: true);
            }
            catch (GantryException)
            {
            }
            Assert.Equal((0, 0, ""), _world.Contents());
        }
    }

    private static (TarEntry, byte[]) Manifest(string config)
    {
        var bytes = Archives.Manifest((config, null, []));
        return (new TarEntry { Name = Archives.Bytes("manifest.json"), Size = bytes.Length }, bytes);
    }
}
