using System.Text;
using System.Text.Json.Nodes;
using Gantry.EndToEnd.Tests.Harness;
using Gantry.EndToEnd.Tests.Registry;
using Gantry.Registry.Client.Tests.Server;

namespace Gantry.EndToEnd.Tests.Compose;

/// <summary>Projects in registries.</summary>
public sealed class PublishTests(Engine engine) : IClassFixture<Engine>
{
    private const string File = """
        services:
          one:
            image: gantry-e2e:latest
            network_mode: none
            command: sh -c 'echo $$A $$B'
            env_file:
              - a.env # kept as it is
              - {path: missing.env, required: false}
          two:
            extends:
              file: "sub/base.yaml"
              service: base
        """;

    [Fact]
    public async Task A_published_project_comes_up_from_the_registry()
    {
        await using var registry = new LocalRegistry();
        using var cache = new WorkFolder();
        using var project = new ComposeProject(engine, File) { Environment = new() { ["XDG_CACHE_HOME"] = cache.Path } };
        Fill(project);
        var name = $"{registry.Authority}/e2e/project:1";
        project.Run("-f", Path.Combine(project.Folder, "over.yaml"), "publish", "--with-env", "-y", name).Succeeded();

        // As docker compose writes it: content and order of the manifest are told by what its own `publish` makes.
        var manifest = JsonNode.Parse(Get(registry, "/v2/e2e/project/manifests/1"))!;
        Assert.Equal("application/vnd.docker.compose.project", manifest["artifactType"]!.GetValue<string>());
        Assert.Equal("application/vnd.oci.empty.v1+json", manifest["config"]!["mediaType"]!.GetValue<string>());
        var layers = manifest["layers"]!.AsArray();
        Assert.Equal(
            ["application/vnd.docker.compose.file+yaml", "application/vnd.docker.compose.file+yaml", "application/vnd.docker.compose.file+yaml",
                "application/vnd.docker.compose.envfile"],
            layers.Select(static layer => layer!["mediaType"]!.GetValue<string>()));
        Assert.Equal("over.yaml", layers[1]!["annotations"]!["com.docker.compose.file"]!.GetValue<string>());
        Assert.Equal("true", layers[2]!["annotations"]!["com.docker.compose.extends"]!.GetValue<string>());
        var first = Encoding.UTF8.GetString(Convert.FromBase64String(layers[0]!["data"]!.GetValue<string>()));
        Assert.Contains(".env # kept as it is", first, StringComparison.Ordinal);
        Assert.DoesNotContain(" a.env #", first, StringComparison.Ordinal);

        var up = project.RunPlain("-f", $"oci://{name}", "up").Succeeded();
        Assert.Contains("one-1  | 1 2", up.Output, StringComparison.Ordinal);
        Assert.Contains("two-1  | base", up.Output, StringComparison.Ordinal);

        // What is fetched already is not asked for again; another project may include it.
        var blobs = registry.Requests.Count(static request => request.Path.Contains("/blobs/", StringComparison.Ordinal) && request.Method == "GET");
        project.Write($"include: [\"oci://{name}\"]");
        Assert.Equal(["one", "two"], project.Run("config", "--services").Lines.Order(StringComparer.Ordinal));
        Assert.Equal(blobs, registry.Requests.Count(static request => request.Path.Contains("/blobs/", StringComparison.Ordinal) && request.Method == "GET"));
    }

    [Fact]
    public async Task Images_are_published_along()
    {
        await using var registry = new LocalRegistry();
        using var cache = new WorkFolder();
        var image = $"{registry.Authority}/e2e/image:1";
        engine.Docker.Run("tag", Engine.Image, image).Succeeded();
        engine.Docker.Run("push", image).Succeeded();
        engine.Docker.Run("rmi", image).Succeeded();
        using var project = new ComposeProject(engine,
            "services: {one: {image: \"" + image + "\", network_mode: none, command: \"true\"}}") { Environment = new() { ["XDG_CACHE_HOME"] = cache.Path } };
        project.Run("publish", "--app", $"{registry.Authority}/e2e/app").Succeeded();
        var manifest = JsonNode.Parse(Get(registry, "/v2/e2e/app/manifests/latest"))!;
        var pinned = manifest["layers"]!.AsArray()
            .Single(static layer => layer!["annotations"]!["com.docker.compose.file"]!.GetValue<string>() == "image-digests.yaml")!;
        var digest = Encoding.UTF8.GetString(Convert.FromBase64String(pinned["data"]!.GetValue<string>())).Split('@')[1].Trim();
        Assert.NotEmpty(Get(registry, $"/v2/e2e/app/manifests/{digest}"));
    }

    [Fact]
    public async Task What_must_not_or_cannot_be_published_is_told()
    {
        await using var registry = new LocalRegistry();
        var name = $"{registry.Authority}/e2e/refused:1";
        using var project = new ComposeProject(engine, File);
        Fill(project);
        Assert.Contains("service \"one\" has env_file declared.", project.Run("publish", name).ExitsWith(1).Error, StringComparison.Ordinal);
        project.Write("services: {one: {image: x, environment: {KEY: AKIAIOSFODNN7EXAMPLE}, volumes: [\"./sub:/x\"]}}");
        var asked = project.Run("publish", "--with-env", name).Succeeded();
        Assert.Contains("you are about to publish bind mounts declaration", asked.Output, StringComparison.Ordinal);
        project.Write("services: {one: {image: x, environment: {KEY: AKIAIOSFODNN7EXAMPLE}}}");
        Assert.Contains("AWS Client ID\n\"services.one.environment.KEY\": AKIAIOSFODNN7EXAMPLE", project.Run("publish", "--with-env", name).Succeeded().Output,
            StringComparison.Ordinal);
        project.Write("services: {one: {build: .}}");
        Assert.Contains("it only contains a build section for service(s):\n- \"one\"", project.Run("publish", name).ExitsWith(1).Error,
            StringComparison.Ordinal);
        project.Write("include: [other.yaml]");
        project.Write("other.yaml", "services: {one: {image: x}}");
        Assert.Contains("cannot publish compose file with local includes", project.Run("publish", name).ExitsWith(1).Error, StringComparison.Ordinal);
        Assert.Empty(registry.Requests);
        project.Write("services: {}");
    }

    [Theory]
    [InlineData("../../escape.env")]
    [InlineData("compose.yaml")]
    public async Task A_hostile_name_is_no_file(string file)
    {
        await using var registry = new LocalRegistry();
        using var cache = new WorkFolder();
        using var project = new ComposeProject(engine,
            "services: {one: {image: x, env_file: [a.env]}}") { Environment = new() { ["XDG_CACHE_HOME"] = cache.Path } };
        project.Write("a.env", "A=1\n");
        project.Run("publish", "--with-env", "-y", $"{registry.Authority}/e2e/hostile:1").Succeeded();
        registry.Fault = request =>
            request is { Method: "GET" } && request.Path.Contains("/manifests/", StringComparison.Ordinal) ? Changed(registry, request.Path, file) : null;
        var result = project.RunPlain("-f", $"oci://{registry.Authority}/e2e/hostile:1", "config").ExitsWith(1);
        Assert.Contains($"\"{file}\" is no name of a file", result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(cache.Path, "*.env", SearchOption.AllDirectories));
        project.Write("services: {}");
    }

    private static TestResponse Changed(LocalRegistry registry, string path, string file)
    {
        registry.Fault = null;
        var manifest = JsonNode.Parse(Get(registry, path))!;
        foreach (var layer in manifest["layers"]!.AsArray())
            if (layer!["annotations"]!["com.docker.compose.envfile"] is not null)
                layer["annotations"]!["com.docker.compose.envfile"] = file;
        return TestResponse.Text(200, manifest.ToJsonString(), ("Content-Type", "application/vnd.oci.image.manifest.v1+json"));
    }

    private static void Fill(ComposeProject project)
    {
        project.Write("a.env", "A=1\n");
        project.Write("over.yaml", "services: {one: {environment: {B: \"2\"}}}\n");
        project.Write("sub/base.yaml", "services: {base: {image: \"gantry-e2e:latest\", network_mode: none, command: echo base}}\n");
    }

    [Fact]
    public async Task The_version_of_the_manifest_can_be_said()
    {
        await using var registry = new LocalRegistry();
        using var project = new ComposeProject(engine, "services:\n  one: {image: \"gantry-e2e:latest\", command: \"true\"}\n");
        var name = $"{registry.Authority}/e2e/versions";
        project.Run("publish", "-y", "--oci-version", "1.0", $"{name}:old").Succeeded();
        project.Run("publish", "-y", "--oci-version", "1.1", $"{name}:new").Succeeded();

        // Up to 1.0 the configuration's type tells what it is, since 1.1 the manifest itself.
        var (old, newer) = (JsonNode.Parse(Get(registry, "/v2/e2e/versions/manifests/old"))!, JsonNode.Parse(Get(registry, "/v2/e2e/versions/manifests/new"))!);
        Assert.Null(old["artifactType"]);
        Assert.Equal("application/vnd.docker.compose.config.empty.v1+json", old["config"]!["mediaType"]!.GetValue<string>());
        Assert.Equal("application/vnd.docker.compose.project", newer["artifactType"]!.GetValue<string>());
        Assert.Equal("application/vnd.oci.empty.v1+json", newer["config"]!["mediaType"]!.GetValue<string>());
        Assert.Contains("unsupported OCI version: 2.0", project.Run("publish", "-y", "--oci-version", "2.0", $"{name}:none").ExitsWith(1).Error,
            StringComparison.Ordinal);
    }

    private static string Get(LocalRegistry registry, string path)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{registry.Authority}{path}");
        request.Headers.TryAddWithoutValidation("Accept", "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json");
        using var response = client.Send(request);
        return response.EnsureSuccessStatusCode().Content.ReadAsStringAsync().GetAwaiter().GetResult();
    }
}
