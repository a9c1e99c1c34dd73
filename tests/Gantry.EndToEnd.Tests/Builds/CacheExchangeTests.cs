using System.Text.Json.Nodes;
using Gantry.EndToEnd.Tests.Harness;
using Gantry.EndToEnd.Tests.Registry;

namespace Gantry.EndToEnd.Tests.Builds;

/// <summary>Caches that builds hand on: what was built with one builder is not built again by another that knows nothing.</summary>
public sealed class CacheExchangeTests(Engine engine) : IClassFixture<Engine>, IAsyncLifetime
{
    private readonly WorkFolder _work = new();
    private readonly LocalRegistry _registry = new();

    public Task InitializeAsync()
    {
        // Two stages: what `max` has and `min` has not is the first one's step.
        File.WriteAllText(_work.File("Dockerfile"), $"""
            FROM {Engine.Image} AS made
            RUN date +%N > /made
            FROM {Engine.Image}
            COPY --from=made /made /made
            RUN date +%N > /when
            COPY file /
            RUN cat /made /when /file > /all
            """);
        File.WriteAllText(_work.File("file"), "one\n");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        Forget();
        _work.Dispose();
        await _registry.DisposeAsync();
    }

    [Theory]
    [InlineData("registry", "")]
    [InlineData("registry", ",mode=max")]
    [InlineData("registry", ",mode=max,image-manifest=false,compression=zstd")]
    [InlineData("local", "")]
    [InlineData("local", ",mode=max,compression=uncompressed")]
    [InlineData("local", ",mode=max,compression=zstd,compression-level=12,force-compression=true")]
    [InlineData("registry", ",compression-level=9")]
    public void A_builder_that_knows_nothing_builds_nothing_again(string type, string options)
    {
        var (to, from) = type == "registry" ? ($"ref={_registry.Authority}/cache:main", $"ref={_registry.Authority}/cache:main")
            : ($"dest={_work.File("cache")}", $"src={_work.File("cache")}");
        var (first, exported) = Build("--cache-to", $"type={type},{to}{options}");
        Assert.Contains($"exporting cache to {(type == "registry" ? "registry" : "client directory")}", exported, StringComparison.Ordinal);
        Forget();
        var (second, imported) = Build("--cache-from", $"type={type},{from}");
        Assert.Contains("importing cache manifest from", imported, StringComparison.Ordinal);
        Assert.Equal(first, second);
        Assert.Equal("one", engine.Docker.Text("run", "--rm", second, "tail", "-n", "1", "/all"));
        // What has changed is run, on what has not.
        File.WriteAllText(_work.File("file"), "two\n");
        Forget();
        var (third, _) = Build("--cache-from", $"type={type},{from}");
        Assert.NotEqual(first, third);
        Assert.Equal(When(first, type, from), When(third, type, from));
    }

    [Fact]
    public void An_image_that_is_here_is_a_cache_if_it_has_the_records()
    {
        var (first, _) = Build("--cache-to", "type=inline", "-t", "e2e-inline");
        Command.Run([.. engine.Client("gantry").Prefix, "builder", "prune", "-af"]).Succeeded();
        var (second, imported) = Build("--cache-from", "e2e-inline");
        Assert.Contains("importing cache manifest from", imported, StringComparison.Ordinal);
        Assert.Equal(engine.Docker.Text("run", "--rm", first, "cat", "/when"), engine.Docker.Text("run", "--rm", second, "cat", "/when"));
        engine.Docker.Run("rmi", "e2e-inline").Succeeded();
    }

    [Fact]
    public void Only_max_has_the_steps_of_other_stages()
    {
        var name = $"{_registry.Authority}/cache:main";
        Build("--cache-to", $"type=registry,ref={name}");
        var least = Records("cache:main");
        Forget();
        Build("--cache-to", $"type=registry,ref={name},mode=max");
        Assert.True(Records("cache:main") > least);
    }

    [Fact]
    public void An_image_has_its_cache_inside()
    {
        var name = $"{_registry.Authority}/app:1";
        var (first, _) = Build("--cache-to", "type=inline", "-t", name, "--push");
        Forget();
        var (second, _) = Build("--cache-from", name, "--cache-to", "type=inline");
        Assert.Equal(first, second);
        // The classic builder takes names of images.
        Forget();
        engine.Docker.Run("pull", name).Succeeded();
        var classic = Command.Shell(
            $"DOCKER_BUILDKIT=0 '{TestEnvironment.DockerClient}' -H {engine.Host} build --cache-from {name} -t e2e-cache:classic '{_work.Path}' 2>&1");
        Assert.Contains("Using cache", classic, StringComparison.Ordinal);
        Assert.Equal(engine.Docker.Text("run", "--rm", name, "cat", "/when"), engine.Docker.Text("run", "--rm", "e2e-cache:classic", "cat", "/when"));
    }

    [Fact]
    public void A_local_cache_keeps_the_entries_of_others()
    {
        Build("--cache-to", $"type=local,dest={_work.File("cache")},tag=one");
        Build("--cache-to", $"type=local,dest={_work.File("cache")},tag=two,mode=max");
        var index = JsonNode.Parse(File.ReadAllText(_work.File("cache/index.json")))!["manifests"]!.AsArray();
        Assert.Equal(["one", "two"], index.Select(entry => entry!["annotations"]!["org.opencontainers.image.ref.name"]!.GetValue<string>()));
    }

    [Fact]
    public void A_cache_that_is_not_there_or_not_what_it_says_fails_no_build()
    {
        Assert.Contains("one", engine.Docker.Text("run", "--rm", Build("--cache-from", $"{_registry.Authority}/none:1").Image, "cat", "/file"),
            StringComparison.Ordinal);
        Build("--cache-to", $"type=local,dest={_work.File("cache")}");
        foreach (var blob in Directory.EnumerateFiles(_work.File("cache/blobs/sha256")).Where(blob => File.ReadAllBytes(blob)[0] != '{'))
            File.WriteAllText(blob, "other content");
        Forget();
        Assert.Equal("one", engine.Docker.Text("run", "--rm", Build("--cache-from", $"type=local,src={_work.File("cache")}").Image, "cat", "/file"));
    }

    [Theory]
    [InlineData("type=s3,bucket=x", "unknown cache exporter: \"s3\"")]
    [InlineData("type=registry", "ref is required")]
    [InlineData("type=local,dest=x,mode=some", "unsupported cache export mode: some")]
    [InlineData("type=local", "dest is required")]
    public void What_is_malformed_or_not_offered_is_refused(string cache, string expected)
    {
        var refused = engine.Client("gantry").Run("build", "--cache-to", cache, _work.Path);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(expected, refused.Error, StringComparison.Ordinal);
    }

    private string When(string image, string type, string from)
    {
        // The image may have been removed with the cache: then it comes from there once more.
        if (engine.Docker.Run("image", "inspect", image).ExitCode == 0)
            return engine.Docker.Text("run", "--rm", image, "cat", "/when");
        File.WriteAllText(_work.File("file"), "one\n");
        Assert.Equal(image, Build("--cache-from", $"type={type},{from}").Image);
        return engine.Docker.Text("run", "--rm", image, "cat", "/when");
    }

    private int Records(string name)
    {
        var manifest = JsonNode.Parse(_registry.Manifest(name).Bytes)!;
        Assert.Equal("application/vnd.buildkit.cacheconfig.v0", manifest["config"]!["mediaType"]!.GetValue<string>());
        var config = JsonNode.Parse(_registry.Blob("cache", manifest["config"]!["digest"]!.GetValue<string>()))!;
        return config["records"]!.AsArray().Count;
    }

    private (string Image, string Progress) Build(params string[] options)
    {
        var built = engine.Client("gantry").Run(
            ["build", "--progress=plain", "--iidfile", _work.File("id"), .. options, "-f", _work.File("Dockerfile"), _work.Path]).Succeeded();
        return (File.ReadAllText(_work.File("id")), built.Error);
    }

    private void Forget()
    {
        engine.Docker.Run("image", "prune", "-af").Succeeded();
        engine.Docker.Run("builder", "prune", "-af").Succeeded();
        engine.Docker.Run("load", "-i", TestEnvironment.ImageArchive).Succeeded();
    }
}
