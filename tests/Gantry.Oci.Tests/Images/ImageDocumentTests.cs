using System.Text;
using Gantry.Oci.Images;

namespace Gantry.Oci.Tests.Images;

public class ImageDocumentTests
{
    [Fact]
    public void The_digest_is_that_of_the_bytes_read()
    {
        var bytes = Encoding.UTF8.GetBytes(
            "{ \"os\":\"linux\",\n \"architecture\":\"amd64\", \"history\":null, \"unknown\":[1], \"rootfs\":{\"type\":\"layers\",\"diff_ids\":null}}");
        var config = ImageDocument.ReadConfig(bytes);
        Assert.Equal(Digest.Compute(bytes), config.Digest);
        Assert.Equal("linux/amd64", config.Value.Platform.ToString());
        Assert.Empty(config.Value.RootFs!.DiffIds);
    }

    [Theory]
    [InlineData("{\"layers\":[],\"manifests\":[]}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"layers\":")]
    [InlineData("{\"config\":{\"digest\":\"sha256:zz\"}}")]
    public void Malformed_and_ambiguous_manifests_are_refused(string json) =>
        Assert.Equal(ErrorKind.InvalidArgument, Assert.Throws<GantryException>(() => ImageDocument.ReadManifest(Encoding.UTF8.GetBytes(json))).Kind);

    [Fact]
    public void An_index_with_layers_is_refused() =>
        Assert.Contains("\"layers\"", Assert.Throws<GantryException>(() => ImageDocument.ReadIndex("{\"manifests\":[],\"layers\":[]}"u8.ToArray())).Message);

    [Fact]
    public void Nested_names_are_not_ambiguous() =>
        Assert.Empty(ImageDocument.ReadManifest("{\"layers\":[],\"annotations\":{\"manifests\":\"x\"}}"u8.ToArray()).Value.Layers);

    [Fact]
    public void A_written_document_reads_back_the_same()
    {
        var manifest = ImageDocument.Create(new ImageManifest
        {
            MediaType = MediaTypes.OciManifest,
            Config = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = Digest.Compute("{}"u8), Size = 2 },
            Layers = [new Descriptor { MediaType = MediaTypes.OciLayer, Digest = Digest.Compute("x"u8), Size = 1 }],
        });
        var again = ImageDocument.ReadManifest(manifest.Bytes);
        Assert.Equal(manifest.Digest, again.Digest);
        Assert.Equal(manifest.Value.Layers, again.Value.Layers);
        Assert.DoesNotContain("null", Encoding.UTF8.GetString(manifest.Bytes.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_keeps_docker_fields()
    {
        var config = ImageDocument.ReadConfig("""
            {"architecture":"arm","os":"linux","variant":"v7","created":"2024-01-02T03:04:05.123456789Z",
             "config":{"Env":["A=1"],"Cmd":["sh"],"ExposedPorts":{"80/tcp":{}},"Healthcheck":{"Test":["CMD","x"],"Interval":1000000000,"Retries":3},
                       "OnBuild":["RUN x"],"Shell":["/bin/bash","-c"],"ArgsEscaped":true,"StopSignal":"SIGINT"}}
            """u8.ToArray()).Value;
        Assert.Equal("2024-01-02T03:04:05.123456789Z", config.Created);
        Assert.Equal(new DateTimeOffset(2024, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1234568), config.CreatedAt);
        Assert.Equal(1_000_000_000, config.Config!.Healthcheck!.Interval);
        Assert.Equal(["/bin/bash", "-c"], config.Config.Shell);
        Assert.True(config.Config.ArgsEscaped);
        Assert.Contains("80/tcp", config.Config.ExposedPorts!.Keys);
    }
}
