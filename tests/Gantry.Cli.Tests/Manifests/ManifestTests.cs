using System.Text;
using System.Text.Json.Nodes;
using Gantry.Client.Tests;

namespace Gantry.Cli.Tests.Manifests;

public class ManifestTests
{
    private const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    private const string Digest = "sha256:ca7a121114975902958fb766122ce55dbaa16858a087f79b1c3722874dcaea49";
    private const string Raw = """{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json"}""";

    private const string List =
        """
        {
           "schemaVersion": 2,
           "mediaType": "application/vnd.docker.distribution.manifest.list.v2+json",
           "manifests": [
              {
                 "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                 "size": 527,
                 "digest": "sha256:ca7a121114975902958fb766122ce55dbaa16858a087f79b1c3722874dcaea49",
                 "platform": {
                    "architecture": "arm64",
                    "os": "linux",
                    "os.version": "5",
                    "os.features": [
                       "a",
                       "b"
                    ],
                    "variant": "v8"
                 }
              },
              {
                 "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                 "size": 527,
                 "digest": "sha256:ca7a121114975902958fb766122ce55dbaa16858a087f79b1c3722874dcaea49",
                 "platform": {
                    "architecture": "amd64",
                    "os": "linux"
                 }
              }
           ]
        }
        """;

    /// <summary>The steps of docker's own client, whose list had this text and this digest.</summary>
    [Fact]
    public async Task A_list_is_made_annotated_and_pushed()
    {
        using var folder = new ConfigFolder();
        using var daemon = Registry();
        Task<(int ExitCode, string Output, string Error)> Run(string command) =>
            CommandRunner.RunAsync(command.Split(' '), daemon.Address, "", folder.Environment);
        Assert.Equal((0, "Created manifest list r:5/list:1\n", ""), await Run("manifest create r:5/list:1 r:5/bb:1 r:5/other:1"));
        Assert.Equal((1, "", "refusing to amend an existing manifest list with no --amend flag\n"), await Run("manifest create r:5/list:1 r:5/bb:1"));
        Assert.Equal(
            (0, "", ""), await Run("manifest annotate r:5/list:1 r:5/bb:1 --arch arm64 --variant v8 --os-version 5 --os-features a,b"));
        Assert.Equal(
            (1, "", "manifest entry for image has unsupported os/arch combination: linux/foo\n"),
            await Run("manifest annotate r:5/list:1 r:5/bb:1 --arch foo"));
        Assert.Equal((0, List + "\n", ""), await Run("manifest inspect r:5/list:1"));
        Assert.Equal(
            (0, "{\n\t\"schemaVersion\": 2,\n\t\"mediaType\": \"application/vnd.docker.distribution.manifest.v2+json\"\n}\n", ""),
            await Run("manifest inspect r:5/list:1 r:5/bb:1"));
        var verbose = JsonNode.Parse((await Run("manifest inspect -v r:5/list:1")).Output)!;
        Assert.Equal("r:5/other:1", (string?)verbose[1]!["Ref"]);
        Assert.Equal(DockerManifest, (string?)verbose[1]!["SchemaV2Manifest"]!["mediaType"]);
        daemon.Requests.Clear();
        Assert.Equal(
            (0, $"Pushed ref r:5/list@{Digest} with digest: {Digest}\nPushed ref r:5/list@{Digest} with digest: {Digest}\n{Digest}\n", ""),
            await Run("manifest push -p --insecure r:5/list:1"));
        Assert.EndsWith($"/copy?from={Uri.EscapeDataString("r:5/other@" + Digest)}&to=r%3A5%2Flist&insecure=1", daemon.Requests[1].Target);
        Assert.EndsWith("/gantry/registry/manifest?reference=r%3A5%2Flist%3A1&insecure=1", daemon.Requests[2].Target);
        Assert.Equal(List, Encoding.UTF8.GetString(Convert.FromBase64String((string)JsonNode.Parse(daemon.Requests[2].Text)!["Raw"]!)));
        Assert.Equal("sha256:7921bf7cce015b03653533e0a4a26195d091a33e2545987a278a0e08996d8707",
            (string?)JsonNode.Parse(daemon.Requests[2].Text)!["Descriptor"]!["digest"]);
        Assert.Equal((1, "", "No such manifest: r:5/list:1\n"), await Run("manifest rm r:5/list:1"));
    }

    [Theory]
    [InlineData("manifest inspect r:5/none:1", "no such manifest: r:5/none:1\n")]
    [InlineData("manifest create r:5/l r:5/list:1", "r:5/list:1 is a manifest list\n")]
    [InlineData("manifest annotate r:5/l r:5/a --os linux", "manifest for image r:5/a does not exist in r:5/l\n")]
    [InlineData("manifest push r:5/l", "No such manifest: r:5/l:latest\n")]
    [InlineData("manifest rm r:5/l nope", "No such manifest: r:5/l:latest\nNo such manifest: docker.io/library/nope:latest\n")]
    public async Task Mistakes(string command, string error)
    {
        using var folder = new ConfigFolder();
        using var daemon = Registry();
        Assert.Equal((1, "", error), await CommandRunner.RunAsync(command.Split(' '), daemon.Address, "", folder.Environment));
        Assert.False(Directory.Exists(Path.Combine(folder.FullPath, "manifests")));
    }

    [Fact]
    public async Task Images_of_another_registry_cannot_be_pushed()
    {
        using var folder = new ConfigFolder();
        using var daemon = Registry();
        Assert.Equal(0, (await CommandRunner.RunAsync(["manifest", "create", "q/l", "r:5/bb:1"], daemon.Address, "", folder.Environment)).ExitCode);
        Assert.Equal(
            (1, "", "cannot use source images from a different registry than the target image: r:5 != docker.io\n"),
            await CommandRunner.RunAsync(["manifest", "push", "q/l"], daemon.Address, "", folder.Environment));
    }

    [Fact]
    public async Task A_list_in_a_registry_is_shown_as_docker_shows_it()
    {
        using var daemon = Registry();
        Assert.Equal((0, List + "\n", ""), await CommandRunner.RunAsync(["manifest", "inspect", "r:5/list:1"], daemon.Address));
        var (_, output, _) = await CommandRunner.RunAsync(["manifest", "inspect", "-v", "r:5/list:1"], daemon.Address);
        var first = JsonNode.Parse(output)![0]!;
        Assert.Equal("r:5/list:1@" + Digest, (string?)first["Ref"]);
        Assert.Equal("arm64", (string?)first["Descriptor"]!["platform"]!["architecture"]);
    }

    private static FakeDaemon Registry() => new(static (request, connection) =>
    {
        var descriptor = $$"""{"mediaType":"{{DockerManifest}}","digest":"{{Digest}}","size":527,"platform":{"architecture":"amd64","os":"linux"} }""";
        var list = $$"""{"mediaType":"application/vnd.docker.distribution.manifest.list.v2+json","digest":"{{Digest}}","size":1}""";
        return connection.Send(
            request.Method != "GET" ? FakeDaemon.Response(200, descriptor)
            : request.Target.Contains("none") ? FakeDaemon.Response(404, """{"message":"manifest unknown"}""")
            : request.Target.EndsWith("list%3A1") ? FakeDaemon.Response(200, $$"""{"Descriptor":{{list}},"Raw":"{{Base64(List)}}"}""")
            : FakeDaemon.Response(200, $$"""{"Descriptor":{{descriptor}},"Raw":"{{Base64(Raw)}}"}""")) > 0;
    });

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
