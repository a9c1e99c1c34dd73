using Gantry.Images.Push;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Images.Tests.Push;

using LayerForm = Gantry.Images.LayerForm;

/// <summary>Which layers get another form, and that what is in them stays the same.</summary>
public sealed class LayerCompressorTests : IDisposable
{
    private readonly ImageWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("", null)]
    [InlineData("compression=zstd", "zstd")]
    [InlineData("compression=zstd,compression-level=19", "zstd 19")]
    [InlineData("compression=zstd,compression-level=-5", "zstd")]
    [InlineData("compression-level=-1", "gzip -1")]
    [InlineData("compression-level=9,force-compression=false", "gzip 9")]
    [InlineData("force-compression=", "gzip forced")]
    [InlineData("compression=uncompressed,force-compression=true", "plain forced")]
    [InlineData("compression=lz4", "!unsupported layer compression type: lz4: uncompressed, gzip or zstd")]
    [InlineData("compression-level=10", "!gzip: invalid compression level: 10: -2 to 9")]
    [InlineData("compression=zstd,compression-level=23", "!zstd: invalid compression level: 23: 0 to 22")]
    [InlineData("compression=uncompressed,compression-level=1", "!compression-level=1 with layers that are not compressed")]
    [InlineData("compression-level=high", "!non-integer value high specified for compression-level")]
    [InlineData("force-compression=maybe", "!non-bool value maybe specified for force-compression")]
    public void A_form_is_read(string attributes, string? expected)
    {
        var values = attributes.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('=')).ToDictionary(one => one[0], one => one[1]);
        if (expected?.StartsWith('!') == true)
            Assert.Equal(expected[1..], Assert.Throws<GantryException>(() => LayerForm.Parse(values)).Message);
        else
            Assert.Equal(expected, LayerForm.Parse(values) is { } form
                ? $"{form.Compression?.ToString().ToLowerInvariant() ?? "plain"} {form.Level} {(form.IsForced ? "forced" : "")}".Replace("  ", " ").Trim() : null);
    }

    [Theory]
    [InlineData(MediaTypes.OciLayer, LayerCompression.Gzip, false, true)]
    [InlineData(MediaTypes.DockerLayer, null, true, false)]
    [InlineData(MediaTypes.DockerLayerGzip, LayerCompression.Zstd, false, false)]
    [InlineData(MediaTypes.DockerLayerGzip, LayerCompression.Zstd, true, true)]
    [InlineData(MediaTypes.OciLayerGzip, LayerCompression.Gzip, true, false)]
    [InlineData(MediaTypes.OciLayerZstd, null, true, true)]
    [InlineData(MediaTypes.DockerForeignLayerGzip, LayerCompression.Zstd, true, false)]
    public void Those_that_are_compressed_stay_unless_forced(string type, LayerCompression? compression, bool isForced, bool changes) =>
        Assert.Equal(changes, new LayerForm(compression, null, isForced).Changes(new Descriptor { MediaType = type }));

    [Fact]
    public async Task A_layer_goes_from_form_to_form()
    {
        // A name that begins as a bzip2 stream does: what is plain is not taken for compressed.
        var archive = Archives.Tar(("BZh9", new byte[100_000]));
        using var lease = _world.Content.Lease();
        var plain = new Descriptor { MediaType = MediaTypes.DockerLayer, Digest = lease.Add(archive), Size = archive.Length };

        var gzip = await ConvertAsync(plain, LayerCompression.Gzip);
        var zstd = await ConvertAsync(gzip with { Annotations = new() { ["index"] = "at 17" } }, LayerCompression.Zstd);
        var back = await ConvertAsync(zstd, null);

        Assert.Equal((MediaTypes.DockerLayerGzip, MediaTypes.OciLayerZstd, MediaTypes.OciLayer), (gzip.MediaType, zstd.MediaType, back.MediaType));
        Assert.Null(zstd.Annotations);
        Assert.Equal((plain.Digest, plain.Size), (back.Digest, back.Size));
        Assert.Equal(zstd, await ConvertAsync(gzip, LayerCompression.Zstd, isNew: false));
        Assert.Equal(zstd with { Annotations = null }, await ConvertAsync(back, LayerCompression.Zstd, isNew: false));

        async Task<Descriptor> ConvertAsync(Descriptor blob, LayerCompression? kind, bool? isNew = null)
        {
            var (written, wasNew) = await new LayerCompressor(_world.Content, new LayerForm(kind, null, IsForced: true))
                .CompressAsync(blob, lease, static _ => { }, CancellationToken.None);
            Assert.Equal(isNew ?? kind is not null, wasNew);
            Assert.Equal(_world.Content.SizeOf(written.Digest), written.Size);
            return written;
        }
    }

    [Fact]
    public async Task A_damaged_layer_is_told()
    {
        using var lease = _world.Content.Lease();
        var archive = Archives.Gzip(Archives.Tar(("file", new byte[10_000])))[..^20];
        var blob = new Descriptor { MediaType = MediaTypes.OciLayerGzip, Digest = lease.Add(archive), Size = archive.Length };
        var error = await Assert.ThrowsAsync<GantryException>(() => new LayerCompressor(_world.Content, new LayerForm(LayerCompression.Zstd, null, true))
            .CompressAsync(blob, lease, static _ => { }, CancellationToken.None));
        Assert.StartsWith($"the layer {blob.Digest} is damaged: ", error.Message, StringComparison.Ordinal);
    }
}
