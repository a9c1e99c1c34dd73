using System.Text;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Pull;
using Gantry.Registry.Client.Tests.Server;

namespace Gantry.Registry.Client.Tests.Pull;

public class ManifestTests
{
    [Fact]
    public async Task A_tag_is_resolved_without_fetching_it()
    {
        await using var world = new RegistryWorld();
        var image = world.Registry.AddImage("app", "v1", [1, 2, 3]);
        var found = await (await world.RepositoryAsync()).ResolveManifestAsync("v1");
        Assert.Equal((image.Digest, image.Size, image.MediaType), (found.Digest, found.Size, found.MediaType));
        Assert.DoesNotContain(world.Registry.Requests, request => request.Method == "GET");
    }

    [Fact]
    public async Task A_registry_without_HEAD_is_asked_by_GET()
    {
        await using var world = new RegistryWorld();
        var image = world.Registry.AddImage("app", "v1", [1, 2, 3]);
        world.Registry.Fault = request => request.Method == "HEAD" ? TestResponse.Text(405) : null;
        Assert.Equal(image.Digest, (await (await world.RepositoryAsync()).ResolveManifestAsync("v1")).Digest);
    }

    [Fact]
    public async Task A_missing_tag_is_told_in_dockers_words()
    {
        await using var world = new RegistryWorld();
        var repository = await world.RepositoryAsync();
        var error = await Assert.ThrowsAsync<RegistryException>(() => repository.ResolveManifestAsync("none"));
        Assert.Equal(ErrorKind.NotFound, error.Kind);
        Assert.Equal($"manifest for {world.Registry.Authority}/app:none not found: manifest unknown: manifest unknown", error.Message);
        Assert.Equal("MANIFEST_UNKNOWN", Assert.Single(error.Errors).Code);
    }

    [Fact]
    public async Task A_manifest_with_another_digest_is_refused()
    {
        await using var world = new RegistryWorld();
        var image = world.Registry.AddImage("app", "v1", [1, 2, 3]);
        var other = world.Registry.AddImage("app", "v2", [1, 2, 4]);
        world.Registry.Manifests[$"app@{image.Digest}"] = world.Registry.Manifests["app:v2"];
        var repository = await world.RepositoryAsync();
        var error = await Assert.ThrowsAsync<RegistryException>(() => repository.FetchManifestAsync(image));
        Assert.Contains($"{world.Registry.Authority}/app@{image.Digest}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{other.Digest} instead of {image.Digest}", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RegistryException>(() => repository.ResolveManifestAsync(image.Digest.ToString()));
    }

    [Theory]
    [InlineData(5 << 20, false)]
    [InlineData(5 << 20, true)]
    public async Task A_manifest_of_more_than_4_MiB_is_refused(int length, bool chunked)
    {
        await using var world = new RegistryWorld();
        world.Registry.Fault = _ =>
            new TestResponse(200, new byte[length]) { Headers = { ("Content-Type", MediaTypes.OciManifest) }, Chunked = chunked };
        var repository = await world.RepositoryAsync();
        var error = await Assert.ThrowsAsync<RegistryException>(() => repository.FetchManifestAsync("v1"));
        Assert.Contains("/app:v1: the manifest is too large", error.Message, StringComparison.Ordinal);
        Assert.Contains("4194304", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10L << 30)]
    [InlineData(null)]
    public async Task Ten_gigabytes_for_a_small_manifest_are_not_read(long? declared)
    {
        await using var world = new RegistryWorld();
        var image = world.Registry.AddImage("app", "v1", [1, 2, 3]);
        world.Registry.Fault = _ =>
            new TestResponse(200, []) { Headers = { ("Content-Type", MediaTypes.OciManifest) }, Endless = true, DeclaredLength = declared };
        var repository = await world.RepositoryAsync();
        var error = await Assert.ThrowsAsync<RegistryException>(() => repository.FetchManifestAsync(image));
        Assert.Contains($"at most {image.Size} are allowed", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/vnd.docker.distribution.manifest.v1+prettyjws", """{"schemaVersion":1}""", "schema 1")]
    [InlineData("application/json", """{"schemaVersion":1,"fsLayers":[]}""", "schema 1")]
    [InlineData("application/vnd.cncf.thing+json", "{}", "unsupported media type application/vnd.cncf.thing+json")]
    [InlineData("text/plain", """{"schemaVersion":2,"mediaType":"application/x-y"}""", "unsupported media type application/x-y")]
    [InlineData("text/plain", """{"schemaVersion":2}""", "unsupported media type")]
    [InlineData("text/html", "<html>", "unsupported media type text/html")]
    [InlineData(MediaTypes.OciManifest, "no json", "is not understood")]
    [InlineData(MediaTypes.OciManifest, """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json"}""", "calls itself")]
    public async Task What_is_no_manifest_is_refused_by_name(string type, string body, string expected)
    {
        await using var world = new RegistryWorld();
        world.Registry.AddManifest("app", Encoding.UTF8.GetBytes(body), type, "v1");
        var repository = await world.RepositoryAsync();
        var error = await Assert.ThrowsAsync<RegistryException>(() => repository.FetchManifestAsync("v1"));
        Assert.Contains($"{world.Registry.Authority}/app:v1: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linux/arm64", "arm")]
    [InlineData("linux/amd64", "intel")]
    public async Task An_index_leads_to_the_platform(string platform, string expected)
    {
        await using var world = new RegistryWorld();
        var intel = world.Registry.AddImage("app", null, [1]) with { Platform = Platform.Parse("linux/amd64") };
        var arm = world.Registry.AddImage("app", null, [2]) with { Platform = Platform.Parse("linux/arm64") };
        var attestation = world.Registry.AddImage("app", null, [3])
            with { Annotations = new() { [Annotations.DockerReferenceType] = "attestation-manifest" } };
        var nested = world.Registry.AddIndex("app", null, arm);
        var root = world.Registry.AddIndex("app", "v1", attestation, intel, nested);
        var image = await (await world.RepositoryAsync()).ResolveImageAsync("v1", Platform.Parse(platform));
        Assert.Equal(expected == "arm" ? arm.Digest : intel.Digest, image.Manifest.Digest);
        Assert.Equal(root.Digest, image.Root.Descriptor.Digest);
        Assert.Equal(expected == "arm" ? 3 : 2, image.Path.Count);
    }

    [Fact]
    public async Task A_platform_that_is_not_there_is_named()
    {
        await using var world = new RegistryWorld();
        world.Registry.AddIndex("app", "v1", world.Registry.AddImage("app", null, [1]) with { Platform = Platform.Parse("linux/amd64") });
        var repository = await world.RepositoryAsync();
        var error = await Assert.ThrowsAsync<RegistryException>(() => repository.ResolveImageAsync("v1", Platform.Parse("linux/s390x")));
        Assert.Equal(ErrorKind.NotFound, error.Kind);
        Assert.StartsWith("no matching manifest for linux/s390x in the manifest list entries", error.Message, StringComparison.Ordinal);
    }

    /// <summary>No index can contain its own digest: a registry that lies about it is caught before the circle closes.</summary>
    [Fact]
    public async Task An_index_that_leads_in_a_circle_is_refused()
    {
        await using var world = new RegistryWorld();
        var inner = new Descriptor { MediaType = MediaTypes.OciIndex, Digest = Digest.Compute("inner"u8), Size = 0 };
        var outer = world.Registry.AddIndex("app", "v1", inner);
        world.Registry.Manifests[$"app@{inner.Digest}"] = world.Registry.Manifests["app:v1"];
        var repository = await world.RepositoryAsync();
        var error = await Assert.ThrowsAsync<RegistryException>(() => repository.ResolveImageAsync("v1", Platform.Host));
        Assert.Contains($"{world.Registry.Authority}/app@{inner.Digest}", error.Message, StringComparison.Ordinal);
        var circle = new RegistryManifest(new Descriptor { MediaType = MediaTypes.OciIndex, Digest = inner.Digest },
            world.Registry.Manifests[$"app@{outer.Digest}"].Bytes);
        error = await Assert.ThrowsAsync<RegistryException>(() => repository.ResolveImageAsync(circle, Platform.Host));
        Assert.Contains($"leads in a circle: {inner.Digest} -> {inner.Digest}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Indexes_that_are_nested_too_deep_are_refused()
    {
        await using var world = new RegistryWorld();
        var entry = world.Registry.AddImage("app", null, [1]) with { Platform = Platform.Host };
        for (var i = 0; i < 9; i++)
            entry = world.Registry.AddIndex("app", "v1", entry);
        var repository = await world.RepositoryAsync();
        var error = await Assert.ThrowsAsync<RegistryException>(() => repository.ResolveImageAsync("v1", Platform.Host));
        Assert.Contains("nested deeper than 8", error.Message, StringComparison.Ordinal);
    }
}
