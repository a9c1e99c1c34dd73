using Gantry.Images.Push;
using Gantry.Storage.Compression;

namespace Gantry.Images.Tests.Push;

/// <summary>What is compressed in pieces reads as one stream, for gzip and zstd alike.</summary>
public sealed class ParallelCompressionTests
{
    [Theory]
    [InlineData(LayerCompression.Gzip, 0)]
    [InlineData(LayerCompression.Gzip, 1)]
    [InlineData(LayerCompression.Gzip, 4 << 20)]
    [InlineData(LayerCompression.Gzip, (9 << 20) + 7)]
    [InlineData(LayerCompression.Zstd, 0)]
    [InlineData(LayerCompression.Zstd, 1)]
    [InlineData(LayerCompression.Zstd, 4 << 20)]
    [InlineData(LayerCompression.Zstd, (9 << 20) + 7)]
    public async Task Comes_back_as_it_was(LayerCompression kind, int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content.AsSpan(0, length / 2));
        var compressed = new MemoryStream();
        var read = 0L;

        await ParallelCompression.CompressAsync(new MemoryStream(content), compressed, kind, done => read = done, CancellationToken.None);

        Assert.Equal(length, read);
        compressed.Position = 0;
        var (plain, detected) = await Decompression.OpenAsync(compressed);
        Assert.Equal(kind == LayerCompression.Zstd ? CompressionKind.Zstd : CompressionKind.Gzip, detected);
        var back = new MemoryStream();
        await plain.CopyToAsync(back);
        Assert.Equal(content, back.ToArray());
    }
}
