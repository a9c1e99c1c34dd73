using System.Text.Json.Nodes;
using Gantry.EndToEnd.Tests.Harness;
using Gantry.Registry.Client.Tests.Server;

namespace Gantry.EndToEnd.Tests.Registry;

/// <summary>Layers that registries do not keep: the manifest says where their author has them.</summary>
[Trait("Only", "Gantry")]
public sealed class ForeignLayerTests(Engine engine) : IClassFixture<Engine>, IAsyncLifetime
{
    private readonly LocalRegistry _registry = new();
    private readonly TestCertificate _certificate = new("author.test");
    private TestHttpServer _author = null!;
    private byte[] _layer = [];

    private string Image => $"{_registry.Authority}/app:1";

    public Task InitializeAsync()
    {
        _author = new TestHttpServer(request => request.Path == "/layer" ? new TestResponse(200, _layer) : TestResponse.Text(404), _certificate.Server);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _author.DisposeAsync();
        await _registry.DisposeAsync();
        _certificate.Dispose();
    }

    [Theory]
    [InlineData("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")]
    [InlineData("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip")]
    public void It_is_fetched_from_its_author_and_not_pushed_but_its_address_stays(string type)
    {
        var digest = AddForeign(type, $"https://{_author.Authority}/gone", $"https://{_author.Authority}/layer");

        engine.Docker.Run("pull", Image).Succeeded();
        Assert.Equal("foreign", engine.Docker.Text("run", "--rm", "--network", "none", Image, "cat", "/mark"));
        engine.Docker.Run("tag", Image, $"{_registry.Authority}/copy:1").Succeeded();
        var pushed = engine.Docker.Text("push", $"{_registry.Authority}/copy:1");

        Assert.Contains("Skipped foreign layer", pushed, StringComparison.Ordinal);
        Assert.Contains($"digest: {digest}", pushed, StringComparison.Ordinal);
        Assert.False(_registry.HasBlob("copy", LocalRegistry.DigestOf(_layer)));
        var layer = JsonNode.Parse(_registry.Manifest("copy:1").Bytes)!["layers"]![1]!;
        Assert.Equal($"https://{_author.Authority}/layer", layer["urls"]![1]!.GetValue<string>());
        engine.Docker.Run("rmi", "-f", Image, $"{_registry.Authority}/copy:1").Succeeded();
        engine.Docker.Run("pull", $"{_registry.Authority}/copy:1").Succeeded();
        engine.Docker.Run("rmi", $"{_registry.Authority}/copy:1").Succeeded();
    }

    [Fact]
    public void It_stays_foreign_below_the_layer_of_a_commit()
    {
        AddForeign("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", $"https://{_author.Authority}/layer");
        engine.Docker.Run("pull", Image).Succeeded();
        var container = engine.NewName();
        engine.Docker.Run("run", "--name", container, "--network", "none", Image, "touch", "/new").Succeeded();
        engine.Docker.Run("commit", container, $"{_registry.Authority}/child:1").Succeeded();

        engine.Docker.Run("push", $"{_registry.Authority}/child:1").Succeeded();

        var layers = JsonNode.Parse(_registry.Manifest("child:1").Bytes)!["layers"]!.AsArray();
        Assert.Equal("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", layers[1]!["mediaType"]!.GetValue<string>());
        Assert.Equal($"https://{_author.Authority}/layer", layers[1]!["urls"]![0]!.GetValue<string>());
        engine.Docker.Run("rm", container).Succeeded();
        engine.Docker.Run("rmi", "-f", Image, $"{_registry.Authority}/child:1").Succeeded();
    }

    [Fact]
    public void What_its_author_has_instead_is_refused_and_nothing_is_left()
    {
        AddForeign("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", $"https://{_author.Authority}/layer");
        _layer = [.. _layer[..^1], (byte)(_layer[^1] ^ 1)];

        var error = engine.Docker.Run("pull", Image).ExitsWithFailure().Error;

        Assert.Contains($"{_registry.Authority}/app@sha256:", error, StringComparison.Ordinal);
        Assert.Empty(engine.Docker.Run("images", "-q", Image).Lines);
    }

    [Fact]
    public void An_address_without_TLS_is_refused_by_name()
    {
        AddForeign("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "http://author.test/layer");

        var error = engine.Docker.Run("pull", Image).ExitsWithFailure().Error;

        Assert.Contains("http://author.test/layer does not begin with https://", error, StringComparison.Ordinal);
    }

    /// <summary>An image whose upper layer is with the author alone.</summary>
    private string AddForeign(string type, params string[] addresses)
    {
        var image = RemoteImage.Add(_registry, "app", "foreign");
        var layer = image.Layers[1];
        _layer = _registry.Blob("app", layer["digest"]!.GetValue<string>());
        _registry.RemoveBlob("app", layer["digest"]!.GetValue<string>());
        layer["mediaType"] = type;
        layer["urls"] = new JsonArray([.. addresses.Select(address => JsonValue.Create(address))]);
        return image.Tag(_registry, "app", "1");
    }
}
