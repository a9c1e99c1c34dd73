using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Images.Tests.Import;

public sealed class ImageImporterTests : IDisposable
{
    private static readonly byte[] Root = Archives.Layer(("file", "content\n"));
    private readonly ImageWorld _world = new();

    public void Dispose() => _world.Dispose();

    private Task<Image> ImportAsync(byte[] archive, string? name, ImageRunConfig? run = null) => new ImageImporter(_world.Store, _world.Unpacker)
        .ImportAsync(new ForwardStream(archive), name is null ? null : ImageReference.Parse(name), run ?? new ImageRunConfig(), "from a test", progress: line =>
            _world.Lines.Add(line.Line!));

    [Fact]
    public async Task A_root_filesystem_becomes_an_image()
    {
        foreach (var archive in (byte[][])[Root, Archives.Gzip(Root), Archives.Zstd(Root), Compressed("bzip2"), Compressed("xz")])
        {
            var image = await ImportAsync(archive, "mine", new ImageRunConfig { Cmd = ["sh"], Env = ["A=1"] });
            Assert.Equal("content\n", _world.ReadFile(image, "file"));
            Assert.Equal(["mine:latest"], image.RepoTags);
            Assert.Equal(["sh"], image.Config.Config!.Cmd);
            Assert.Equal(Platform.Host, image.Config.Platform);
            Assert.Equal("from a test", image.Config.History![0].Comment);
            Assert.Equal(image.Id.ToString(), _world.Lines[^1]);
            Assert.Equal(8, image.Size);
        }
        _world.Restart();
        Assert.Equal(5, _world.Store.Images.Count);
    }

    /// <summary>The root, compressed by a program of the host.</summary>
    private static byte[] Compressed(string program)
    {
        using var process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo(program, "-c") { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        process.StandardInput.BaseStream.Write(Root);
        process.StandardInput.Close();
        using var compressed = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(compressed);
        process.WaitForExit();
        return compressed.ToArray();
    }

    [Theory]
    [InlineData("BZh9", "bzip2")]
    [InlineData("not a tar archive at all", "")]
    public async Task What_is_no_archive_is_refused_and_leaves_nothing(string content, string message)
    {
        var error = await Assert.ThrowsAsync<GantryException>(() => ImportAsync(Archives.Bytes(content), "mine"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal((0, 0, ""), _world.Contents());
    }
}
