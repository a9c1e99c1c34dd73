using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Tests.Server;

namespace Gantry.Images.Tests.Pull;

/// <summary>Registries that lie: each time the error names registry, repository and digest, and nothing is left.</summary>
public sealed class HostilePullTests : IAsyncDisposable
{
    private static readonly byte[] s_lower = Archives.Layer(("etc/name", "lower"));
    private static readonly byte[] s_upper = RegistryImages.Noise("data", 400_000);
    private readonly TransferWorld _world = new();

    [Theory]
    [InlineData(LayerForm.Gzip)]
    [InlineData(LayerForm.Plain)]
    public async Task Another_content_than_the_digest_says(LayerForm form)
    {
        var remote = _world.Registry.AddImage("app", "1", [s_lower, s_upper], form);
        var content = (byte[])Content(remote.Layers[1]).Clone();
        content[^3000] ^= 1;
        Replace(remote.Layers[1], content);

        await AssertRefusedAsync(remote.Layers[1]);
    }

    [Fact]
    public async Task Another_layer_of_the_same_length()
    {
        var remote = _world.Registry.AddImage("app", "1", [s_lower], LayerForm.Plain);
        Replace(remote.Layers[0], Archives.Layer(("etc/name", "loser")));

        await AssertRefusedAsync(remote.Layers[0]);
    }

    [Fact]
    public async Task Fewer_bytes_than_the_manifest_says()
    {
        var remote = _world.Registry.AddImage("app", "1", [s_lower, s_upper]);
        Replace(remote.Layers[1], Content(remote.Layers[1])[..^1]);

        await AssertRefusedAsync(remote.Layers[1]);
    }

    [Fact]
    public async Task More_bytes_than_the_manifest_says_and_no_length()
    {
        var remote = _world.Registry.AddImage("app", "1", [s_lower, s_upper]);
        _world.Registry.Fault = request => request.Path.EndsWith(remote.Layers[1].Digest.ToString(), StringComparison.Ordinal)
            ? new TestResponse(200, Content(remote.Layers[1])) { Endless = true } : null;

        await AssertRefusedAsync(remote.Layers[1]);
    }

    [Fact]
    public async Task A_layer_whose_diff_ID_is_not_that_of_the_configuration()
    {
        var remote = _world.Registry.AddImage("app", "1", [s_lower, s_upper], config: Archives.Config([s_lower, s_lower]));

        await AssertRefusedAsync(remote.Layers[1], "diff ID");
    }

    [Fact]
    public async Task A_layer_that_is_no_archive()
    {
        var rubbish = new byte[50_000];
        new Random(3).NextBytes(rubbish);
        var remote = _world.Registry.AddImage("app", "1", [s_lower, rubbish]);

        await AssertRefusedAsync(remote.Layers[1]);
    }

    [Fact]
    public async Task A_layer_that_ends_in_the_middle_of_its_compression()
    {
        var half = _world.Registry.AddBlob("app", Archives.Gzip(s_upper)[..100_000]);
        var config = _world.Registry.AddBlob("app", Archives.Config([s_upper]), MediaTypes.OciConfig);
        _world.Registry.AddManifest("app", "1", config, [half]);

        await AssertRefusedAsync(half);
    }

    [Theory]
    [InlineData("../../outside")]
    [InlineData("/../outside")]
    public async Task An_entry_that_leads_out_of_the_layer_stays_within_it_or_is_refused(string path)
    {
        _world.Registry.AddImage("app", "1", [Archives.Layer((path, "out"))]);

        await Record.ExceptionAsync(() => _world.PullAsync("app:1"));

        Assert.DoesNotContain(
            Directory.EnumerateFiles(_world.Images.Root, "outside", SearchOption.AllDirectories), file =>
                !file.Contains("/snapshots/", StringComparison.Ordinal));
        Assert.False(File.Exists(Path.Combine(Path.GetTempPath(), "outside")));
    }

    [Fact]
    public async Task An_entry_through_a_link_that_leads_outside_writes_nothing_there()
    {
        var outside = Path.Combine(_world.Images.Root, "outside");
        Directory.CreateDirectory(outside);
        _world.Registry.AddImage("app", "1", [Archives.TarOf(
            (Archives.Link("way", outside), []),
            (new Gantry.Storage.Archives.TarEntry { Name = Archives.Bytes("way/file"), Permissions = 0x1a4, Size = 3 }, Archives.Bytes("out")))]);

        await Record.ExceptionAsync(() => _world.PullAsync("app:1"));

        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
    }

    [Fact]
    public async Task A_hard_link_to_a_file_that_is_not_in_the_image()
    {
        var remote = _world.Registry.AddImage("app", "1", [Archives.TarOf(
            (Archives.Link("stolen", "../../../../../../etc/passwd", Gantry.Storage.Archives.TarEntryKind.HardLink), []))]);
        await AssertRefusedAsync(remote.Layers[0]);
    }

    [Fact]
    public async Task A_configuration_of_ten_gigabytes_is_not_even_asked_for()
    {
        var layer = _world.Registry.AddBlob("app", Archives.Gzip(s_lower));
        var config = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = Digest.Compute([1]), Size = 10L << 30 };
        _world.Registry.AddManifest("app", "1", config, [layer]);

        await AssertRefusedAsync(config);
        Assert.Empty(_world.Registry.Gets(config));
    }

    [Fact]
    public async Task A_configuration_that_goes_on_for_ever()
    {
        var remote = _world.Registry.AddImage("app", "1", [s_lower]);
        _world.Registry.Fault = request => request.Path.EndsWith(remote.Config.Digest.ToString(), StringComparison.Ordinal)
            ? new TestResponse(200, []) { Endless = true } : null;

        await AssertRefusedAsync(remote.Config);
    }

    [Fact]
    public async Task Another_configuration()
    {
        var remote = _world.Registry.AddImage("app", "1", [s_lower]);
        var config = (byte[])Content(remote.Config).Clone();
        config[^3] ^= 1;
        Replace(remote.Config, config);

        await AssertRefusedAsync(remote.Config);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}")]
    [InlineData("{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:x\"]}}")]
    public async Task A_configuration_that_is_none_or_does_not_fit(string text)
    {
        var remote = _world.Registry.AddImage("app", "1", [s_lower], config: Archives.Bytes(text));

        await AssertRefusedAsync(remote.Manifest);
    }

    [Fact]
    public async Task A_layer_of_a_negative_size()
    {
        var layer = _world.Registry.AddBlob("app", Archives.Gzip(s_lower)) with { Size = -5 };
        _world.Registry.AddManifest("app", "1", _world.Registry.AddBlob("app", Archives.Config([s_lower]), MediaTypes.OciConfig), [layer]);

        var error = await Assert.ThrowsAnyAsync<GantryException>(() => _world.PullAsync("app:1"));

        Assert.Contains($"{_world.Registry.Authority}/app", error.Message, StringComparison.Ordinal);
        _world.AssertNothingLeft();
    }

    [Fact]
    public async Task A_manifest_of_five_megabytes()
    {
        var manifest = _world.Registry.AddManifest("app", new byte[5 << 20], MediaTypes.OciManifest, "1");

        await AssertRefusedAsync(manifest with { Digest = default }, "too large");
    }

    [Fact]
    public async Task An_index_that_leads_in_a_circle()
    {
        // No digest can be its own: the registry answers the inner one with the outer.
        var outer = _world.Registry.AddIndex("app", "1", new Descriptor { MediaType = MediaTypes.OciIndex, Digest = Digest.Compute([7]), Size = 0 });
        _world.Registry.Manifests[$"app@{Digest.Compute([7])}"] = _world.Registry.Manifests[$"app@{outer.Digest}"];

        await AssertRefusedAsync(new Descriptor { MediaType = MediaTypes.OciIndex, Digest = Digest.Compute([7]) });
    }

    [Fact]
    public async Task An_unknown_media_type()
    {
        _world.Registry.AddManifest("app", Archives.Bytes("{\"schemaVersion\":2}"), "application/vnd.example.thing+json", "1");

        await AssertRefusedAsync(null, "application/vnd.example.thing+json");
    }

    [Fact]
    public async Task A_manifest_of_schema_1()
    {
        _world.Registry.AddManifest("app", Archives.Bytes("{\"schemaVersion\":1}"), "application/vnd.docker.distribution.manifest.v1+prettyjws", "1");

        await AssertRefusedAsync(null, "schema 1");
    }

    [Fact]
    public async Task What_was_there_before_stays_as_it_was()
    {
        _world.Registry.AddImage("app", "1", [s_lower]);
        var good = await _world.PullAsync("app:1");
        var before = _world.Images.Contents();
        _world.Registry.AddImage("app", "1", [s_lower, s_upper], config: Archives.Config([s_lower, s_lower]));

        await Assert.ThrowsAnyAsync<GantryException>(() => _world.PullAsync("app:1"));

        Assert.Equal(before, _world.Images.Contents());
        Assert.Equal(good.Id, _world.Images.Store.Resolve(_world.Name("app:1").ToString()).Id);
        Assert.Empty(_world.Partial);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    private async Task AssertRefusedAsync(Descriptor? about, string? cause = null)
    {
        var error = await Assert.ThrowsAnyAsync<GantryException>(() => _world.PullAsync("app:1"));
        Assert.Contains($"{_world.Registry.Authority}/app", error.Message, StringComparison.Ordinal);
        Assert.Contains(about is null || about.Digest.IsEmpty ? ":1" : about.Digest.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains(cause ?? "", error.Message, StringComparison.Ordinal);
        _world.AssertNothingLeft();
    }

    private byte[] Content(Descriptor blob) => _world.Registry.Blobs[$"app@{blob.Digest}"];

    private void Replace(Descriptor blob, byte[] content) => _world.Registry.Blobs[$"app@{blob.Digest}"] = content;
}
