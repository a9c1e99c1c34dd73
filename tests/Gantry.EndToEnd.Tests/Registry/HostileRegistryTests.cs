using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Gantry.EndToEnd.Tests.Harness;
using Gantry.Registry.Client.Tests.Server;

namespace Gantry.EndToEnd.Tests.Registry;

/// <summary>Registries that lie: the user is told which one, about what, and nothing of it stays.</summary>
[Trait("Only", "Gantry")]
public sealed class HostileRegistryTests(Engine engine) : IClassFixture<Engine>, IAsyncLifetime
{
    private const string OciIndex = "application/vnd.oci.image.index.v1+json";
    private const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    private const int MebiByte = 1 << 20;
    private readonly LocalRegistry _registry = new();

    private string Repository => $"{_registry.Authority}/app";

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _registry.DisposeAsync();

    [Fact]
    public void A_manifest_that_is_another_than_its_digest_says()
    {
        var image = RemoteImage.Add(_registry, "app", "it");
        var digest = image.Tag(_registry, "app", "1");
        var other = _registry.Manifest("app:1").Bytes;
        Answer("/manifests/", OciManifest, [.. other, (byte)' ']);

        Refused($"app@{digest}", digest, "sha256:");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_layer_with_another_content_or_length(int more)
    {
        var image = RemoteImage.Add(_registry, "app", "it");
        image.Tag(_registry, "app", "1");
        var digest = image.Layers[1]["digest"]!.GetValue<string>();
        var layer = _registry.Blob("app", digest);
        byte[] sent = more switch { 0 => [.. layer[..^1], (byte)(layer[^1] ^ 1)], < 0 => layer[..^1], _ => [.. layer, 0] };
        _registry.Fault = request => request.Path.EndsWith(digest, StringComparison.Ordinal) ? new TestResponse(200, sent) : null;

        Refused("app:1", digest);
    }

    [Fact]
    public void Redirects_in_a_circle()
    {
        _registry.Fault = request =>
            request.Path.Contains("/manifests/", StringComparison.Ordinal) ? TestResponse.Text(302, "", ("Location", request.Target)) : null;

        Refused("app:1", "stopped after 10 redirects");
    }

    [Theory]
    [InlineData(10L << 30)]
    [InlineData(null)]
    public void Ten_gigabytes_where_a_manifest_should_be(long? declared)
    {
        _registry.Fault = request => !request.Path.Contains("/manifests/", StringComparison.Ordinal) ? null
            : new TestResponse(200, []) { Endless = true, DeclaredLength = declared, Headers = { ("Content-Type", OciManifest) } };

        Refused("app:1", "4194304");
    }

    [Fact]
    public void A_manifest_of_five_megabytes()
    {
        Answer("/manifests/", OciManifest, [.. "{"u8, .. Enumerable.Repeat((byte)' ', 5 * MebiByte), .. "}"u8]);

        Refused("app:1", "4194304");
    }

    [Fact]
    public void Indexes_in_indexes_without_end()
    {
        var digest = RemoteImage.Add(_registry, "app", "it").Tag(_registry, "app", "end");
        for (var depth = 0; depth < 20; depth++)
        {
            var (type, bytes) = _registry.Manifest($"app@{digest}");
            var entry = new JsonObject
            {
                ["mediaType"] = type,
                ["digest"] = digest,
                ["size"] = bytes.Length,
                ["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = "amd64" },
            };
            var index = Encoding.UTF8.GetBytes(
                new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = OciIndex, ["manifests"] = new JsonArray(entry) }.ToJsonString());
            _registry.AddManifest("app", depth.ToString(CultureInfo.InvariantCulture), OciIndex, index);
            digest = LocalRegistry.DigestOf(index);
        }

        Refused("app:19", "nested");
    }

    [Theory]
    [InlineData("application/vnd.docker.distribution.manifest.v1+prettyjws", "schema")]
    [InlineData("application/x-unheard-of", "application/x-unheard-of")]
    [InlineData("text/html", "text/html")]
    public void A_type_that_is_no_image(string type, string told)
    {
        Answer("/manifests/", type, "{\"schemaVersion\":1}"u8.ToArray());

        Refused("app:1", told);
    }

    [Fact]
    public void A_layer_of_a_type_that_nobody_knows()
    {
        var image = RemoteImage.Add(_registry, "app", "it");
        image.Layers[1]["mediaType"] = "application/x-unheard-of";
        image.Tag(_registry, "app", "1");

        Refused("app:1", "application/x-unheard-of");
    }

    private void Answer(string part, string type, byte[] body) => _registry.Fault = request =>
        request.Path.Contains(part, StringComparison.Ordinal) ? new TestResponse(200, body) { Headers = { ("Content-Type", type) } } : null;

    /// <summary>A pull fails with a message that names the repository and all of this; then nothing is there, on disk neither.</summary>
    private void Refused(string name, params string[] told)
    {
        var error = engine.Docker.Run("pull", $"{_registry.Authority}/{name}").ExitsWithFailure().Error;

        Assert.Contains(Repository, error, StringComparison.Ordinal);
        Assert.All(told, text => Assert.Contains(text, error, StringComparison.Ordinal));
        Assert.Empty(engine.Docker.Run("images", "-q", Repository).Lines);
        Assert.Contains("no problems", new Client(TestEnvironment.Gantry, engine.Host).Text("system", "check"), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(engine.Daemon.Root, "*.partial", SearchOption.AllDirectories));
    }
}
