using System.IO.Compression;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Images;

public sealed class LoadTests(Engine engine) : IClassFixture<Engine>
{
    private static byte[] Archive => File.ReadAllBytes(TestEnvironment.ImageArchive);

    [Theory, BothClients]
    public void An_archive_is_loaded_from_a_file(string client) =>
        Assert.Contains("Loaded image: gantry-e2e:latest", engine.Client(client).Text("load", "-i", TestEnvironment.ImageArchive), StringComparison.Ordinal);

    [Theory, BothClients]
    public void An_archive_is_loaded_from_standard_input(string client) =>
        Assert.Contains("Loaded image: gantry-e2e:latest", engine.Client(client).RunWithInput(Archive, "load").Text, StringComparison.Ordinal);

    [Theory, BothClients]
    public void A_gzip_archive_is_loaded(string client)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(Archive);
        Assert.Contains("Loaded image: gantry-e2e:latest", engine.Client(client).RunWithInput(compressed.ToArray(), "load").Text, StringComparison.Ordinal);
    }

    [Theory, BothClients]
    public void A_zstd_archive_is_loaded(string client)
    {
        using var work = new WorkFolder();
        var file = work.File("image.tar.zst");
        Command.Run(["zstd", "-q", TestEnvironment.ImageArchive, "-o", file]).Succeeded();
        Assert.Contains("Loaded image: gantry-e2e:latest", engine.Client(client).Text("load", "-i", file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [Trait("Only", "Gantry")] // Docker reads this form with its containerd store only.
    public void An_OCI_archive_is_loaded_whatever_compresses_its_layer(string compression)
    {
        using var work = new WorkFolder();
        var tag = $"e2e-oci-{compression}:1";
        var file = work.File("oci.tar");
        OciArchive.Write(file, tag, compression);
        Assert.Contains($"Loaded image: {tag}", engine.Docker.Text("load", "-i", file), StringComparison.Ordinal);
        Assert.Equal("from an OCI archive", engine.Docker.Text("run", "--rm", tag, "cat", "/where"));
        engine.Docker.Run("rmi", tag).Succeeded();
    }

    [Theory, BothClients]
    public void What_is_no_archive_is_refused(string client)
    {
        var result = engine.Client(client).RunWithInput("this is no image archive, however long it is read\n", "load");
        Assert.NotEqual(0, result.ExitCode);
        Assert.NotEqual("", result.Error.Trim());
    }

    [Theory, BothClients]
    public void A_missing_file_is_named(string client)
    {
        var result = engine.Client(client).Run("load", "-i", "/nonexistent/image.tar").ExitsWith(1);
        Assert.Contains("/nonexistent/image.tar", result.Error, StringComparison.Ordinal);
    }

    [Theory, BothClients]
    public void Quiet_tells_only_the_name(string client) =>
        Assert.Equal("Loaded image: gantry-e2e:latest", engine.Client(client).Text("load", "-q", "-i", TestEnvironment.ImageArchive));
}
