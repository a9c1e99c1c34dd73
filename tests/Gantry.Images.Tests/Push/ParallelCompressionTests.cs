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

        await ParallelCompression.CompressAsync(new MemoryStream(content), compressed, kind, null, done => read = done, CancellationToken.None);

        Assert.Equal(length, read);
        compressed.Position = 0;
        var (plain, detected) = await Decompression.OpenAsync(compressed);
        Assert.Equal(kind == LayerCompression.Zstd ? CompressionKind.Zstd : CompressionKind.Gzip, detected);
        var back = new MemoryStream();
        await plain.CopyToAsync(back);
        Assert.Equal(content, back.ToArray());
    }

    [Theory]
    [InlineData(LayerCompression.Gzip, -2, 9)]
    [InlineData(LayerCompression.Gzip, 0, 1)]
    [InlineData(LayerCompression.Gzip, -1, 6, true)]
    [InlineData(LayerCompression.Zstd, 0, 1, true)]
    [InlineData(LayerCompression.Zstd, 1, 22)]
    public async Task A_level_says_how_much(LayerCompression kind, int one, int other, bool isSame = false)
    {
        var content = new byte[6 << 20];
        for (var i = 0; i < content.Length; i++)
            content[i] = (byte)(i * (long)i >> 7);
        var (first, second) = (await CompressAsync(one), await CompressAsync(other));

        Assert.Equal(isSame, first.SequenceEqual(second));
        Assert.Equal(first, await CompressAsync(one));
        if (!isSame)
            Assert.True(second.Length < first.Length, $"{second.Length} of {first.Length}");
        Assert.Equal(content, await PlainAsync(first));
        Assert.Equal(content, await PlainAsync(second));

        async Task<byte[]> CompressAsync(int level)
        {
            var compressed = new MemoryStream();
            await ParallelCompression.CompressAsync(new MemoryStream(content), compressed, kind, level, static _ => { }, CancellationToken.None);
            return compressed.ToArray();
        }

        static async Task<byte[]> PlainAsync(byte[] compressed)
        {
            var (plain, _) = await Decompression.OpenAsync(new MemoryStream(compressed));
            var back = new MemoryStream();
            await plain.CopyToAsync(back);
            return back.ToArray();
        }
    }
}
