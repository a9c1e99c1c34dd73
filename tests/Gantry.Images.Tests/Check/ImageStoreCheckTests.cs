using Gantry.Images.Check;
using Gantry.Oci.Images;

namespace Gantry.Images.Tests.Check;

public sealed class ImageStoreCheckTests : IDisposable
{
    private static readonly byte[] Lower = Archives.Layer(("hello", "hello\n"));
    private static readonly byte[] Upper = Archives.Layer(("again", "again\n"));
    private readonly ImageWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_sound_store_has_no_findings()
    {
        await LoadAsync();
        using var lease = _world.Content.Lease();
        lease.Add("being pulled"u8);
        var result = await CheckAsync();
        Assert.Empty(result.Findings);
        Assert.Equal(5, result.Blobs);
        Assert.Equal(_world.Content.List().Sum(blob => blob.Size), result.Bytes);
    }

    [Fact]
    public async Task A_damaged_layer_is_deleted_and_comes_back_with_the_next_load()
    {
        var image = await LoadAsync();
        var path = _world.Content.PathOf(image.Layers[0].Blob.Digest);
        File.WriteAllBytes(path, [.. File.ReadAllBytes(path)[..^1], 1]);
        var finding = Assert.Single((await CheckAsync()).Findings);
        Assert.Equal(("blob", image.Layers[0].Blob.Digest.ToString(), "its content is damaged"), (finding.Kind, finding.Subject, finding.Problem));
        Assert.True(File.Exists(path));
        Repair(finding);
        Assert.False(File.Exists(path));

        // Unpacked it still runs; what is missing is told, and only a load can help.
        var missing = Assert.Single((await CheckAsync()).Findings);
        Assert.Contains($"the archive of its layer {image.Layers[0].Blob.Digest} is missing", missing.Problem, StringComparison.Ordinal);
        Assert.Null(missing.Repair);
        Assert.Equal("hello\n", _world.ReadFile(_world.Store.Resolve("a:1"), "hello"));
        await LoadAsync();
        Assert.Empty((await CheckAsync()).Findings);
    }

    [Fact]
    public async Task An_image_whose_manifest_is_damaged_is_taken_out_and_nothing_else_is_lost_before()
    {
        var image = await LoadAsync();
        File.WriteAllText(_world.Content.PathOf(image.Manifest.Digest), "{");
        // A collection must not take what the manifest referred to.
        Assert.Empty(_world.Content.CollectGarbage(() => _world.Content.ReadIndex().Manifests));
        var findings = (await CheckAsync()).Findings;
        Assert.Equal(["blob", "image"], findings.Select(finding => finding.Kind));
        Assert.Equal("a:1", findings[1].Subject);
        Repair([.. findings]);
        Assert.Empty(_world.Store.Images);
        Assert.All((await CheckAsync()).Findings, finding => Assert.NotNull(finding.Repair));
        Repair([.. (await CheckAsync()).Findings, .. new ImageStoreCheck(_world.Store, _world.Snapshotter).CheckLayers()]);
        Assert.Empty((await CheckAsync()).Findings);
        Assert.Equal((0, 0, ""), _world.Contents());
        await LoadAsync();
        Assert.Empty((await CheckAsync()).Findings);
    }

    [Fact]
    public async Task An_image_whose_manifest_is_missing_is_taken_out()
    {
        var image = await LoadAsync();
        File.Delete(_world.Content.PathOf(image.Manifest.Digest));
        var finding = (await CheckAsync()).Findings[0];
        Assert.Equal($"its manifest {image.Manifest.Digest} is missing", finding.Problem);
        Repair(finding);
        Assert.Empty(_world.Content.ReadIndex().Manifests);
    }

    [Fact]
    public async Task What_nobody_needs_is_found_and_deleted()
    {
        await LoadAsync();
        Digest garbage;
        using (var lease = _world.Content.Lease())
            garbage = lease.Add("garbage"u8);
        var foreign = Path.Combine(_world.Content.Root, "blobs", "sha256", "no-digest");
        File.WriteAllText(foreign, "");
        var findings = (await CheckAsync()).Findings;
        Assert.Equal([garbage.ToString(), foreign], findings.Select(finding => finding.Subject));
        Repair([.. findings]);
        Assert.Empty((await CheckAsync()).Findings);
        Assert.False(_world.Content.Contains(garbage));
    }

    [Fact]
    public async Task A_layer_without_its_files_is_unpacked_again()
    {
        var image = await LoadAsync();
        var check = new ImageStoreCheck(_world.Store, _world.Snapshotter);
        Assert.Empty(check.CheckLayers());
        var folder = Path.Combine(_world.Root, "snapshots", _world.Snapshotter.Name, "layers", image.Layers[0].ChainId.ToString().Replace(':', '='));
        Directory.Delete(Path.Combine(folder, "fs"), recursive: true);
        var finding = Assert.Single(check.CheckLayers());
        Assert.Equal(("layer", image.Layers[0].ChainId.ToString(), "its files are missing"), (finding.Kind, finding.Subject, finding.Problem));
        Repair(finding);
        Assert.Empty(check.CheckLayers());
        await _world.Unpacker.EnsureUnpackedAsync(image);
        Assert.Equal("hello\n", _world.ReadFile(image, "hello"));
        Assert.Throws<Oci.GantryException>(() => _world.Snapshotter.Remove(image.Layers[0].ChainId.ToString()));
    }

    [Fact]
    public async Task Layers_and_folders_that_belong_to_nothing_are_deleted()
    {
        var image = await LoadAsync();
        var layers = Path.Combine(_world.Root, "snapshots", _world.Snapshotter.Name, "layers");
        Directory.CreateDirectory(Path.Combine(layers, "stray"));
        _world.Snapshotter.Prepare("temporary", image.TopSnapshot);
        var unneeded = Digest.Compute("nobody's"u8);
        _world.Snapshotter.Commit(unneeded.ToString(), "temporary");
        var check = new ImageStoreCheck(_world.Store, _world.Snapshotter);
        var findings = check.CheckLayers();
        Assert.Equal(["stray", unneeded.ToString()], findings.Select(finding => finding.Subject));
        Repair([.. findings]);
        Assert.Empty(check.CheckLayers());
        Assert.Equal("hello\n", _world.ReadFile(image, "hello"));
    }

    private static void Repair(params StoreFinding[] findings)
    {
        foreach (var finding in findings)
            finding.Repair!();
    }

    private async Task<ContentCheckResult> CheckAsync() =>
        await new ImageStoreCheck(_world.Store, _world.Snapshotter).CheckContentAsync(CancellationToken.None);

    private async Task<Image> LoadAsync() =>
        Assert.Single(await _world.LoadAsync(Archives.Docker(["a:1"], Archives.Config([Lower, Upper]), Archives.Gzip(Lower), Upper)));
}
