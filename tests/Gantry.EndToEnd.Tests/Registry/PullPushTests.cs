using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gantry.EndToEnd.Tests.Api;
using Gantry.EndToEnd.Tests.Harness;
using Gantry.Registry.Client.Tests.Server;

namespace Gantry.EndToEnd.Tests.Registry;

/// <summary>Images on their way to and from a registry, as docker's client and the API's users see it.</summary>
public sealed partial class PullPushTests(Engine engine) : IClassFixture<Engine>, IAsyncLifetime
{
    private const int NoiseLength = 500_000;
    private readonly LocalRegistry _registry = new();

    private string Name(string name) => $"{_registry.Authority}/{name}";

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        RemoveAll(_registry);
        await _registry.DisposeAsync();
    }

    [Fact]
    public void What_was_pushed_and_removed_is_pulled_by_tag_and_by_digest()
    {
        var digest = Push("app:1");
        RemoveAll(_registry);

        var pulled = engine.Docker.Text("pull", Name("app:1"));

        Assert.Contains("1: Pulling from app", pulled, StringComparison.Ordinal);
        Assert.Contains($"Digest: {digest}", pulled, StringComparison.Ordinal);
        Assert.Contains($"Status: Downloaded newer image for {Name("app:1")}", pulled, StringComparison.Ordinal);
        Assert.Contains($"Status: Image is up to date for {Name("app:1")}", engine.Docker.Text("pull", Name("app:1")), StringComparison.Ordinal);
        RemoveAll(_registry);
        engine.Docker.Run("pull", Name($"app@{digest}")).Succeeded();
        Assert.Equal("ran", engine.Docker.Text("run", "--rm", Name($"app@{digest}"), "echo", "ran"));
    }

    /// <summary>Layers in zstd, and behind one of them a frame that readers skip, as buildah's zstd:chunked has it for its table of contents.</summary>
    [Fact]
    [Trait("Only", "Gantry")]
    public void Layers_in_zstd_are_pushed_pulled_and_run()
    {
        TestImage.Load(engine, Name("app:1"), [TestImage.File("mark", "zstd")]).Succeeded();
        new Client(TestEnvironment.Gantry, engine.Host).Run("push", "--compression", "zstd", Name("app:1")).Succeeded();
        var manifest = JsonNode.Parse(_registry.Manifest("app:1").Bytes)!;
        var layer = manifest["layers"]![0]!;
        Assert.Equal("application/vnd.oci.image.layer.v1.tar+zstd", layer["mediaType"]!.GetValue<string>());
        byte[] longer = [.. _registry.Blob("app", layer["digest"]!.GetValue<string>()), 0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
        (layer["digest"], layer["size"]) = (_registry.AddBlob("app", longer), longer.Length);
        _registry.AddManifest("app", "chunked", _registry.Manifest("app:1").Type, JsonSerializer.SerializeToUtf8Bytes(manifest));
        RemoveAll(_registry);

        foreach (var tag in (string[])["app:1", "app:chunked"])
        {
            engine.Docker.Run("pull", Name(tag)).Succeeded();
            Assert.Equal("ran", engine.Docker.Text("run", "--rm", "--network", "none", Name(tag), "echo", "ran"));
            // Both are one image, of which the tags have a manifest each.
            Assert.Contains($"Image is up to date for {Name(tag)}", engine.Docker.Text("pull", Name(tag)), StringComparison.Ordinal);
        }
        engine.Docker.Run("tag", Name("app:chunked"), Name("copy:1")).Succeeded();
        engine.Docker.Run("push", Name("copy:1")).Succeeded();
        Assert.Equal(_registry.Manifest("app:chunked").Bytes, _registry.Manifest("copy:1").Bytes);
    }

    [Fact]
    public async Task An_import_takes_the_archive_from_an_address()
    {
        await using var server = new TestHttpServer(request => request.Path == "/root.tar"
            ? new TestResponse(200, TestImage.Layer(TestImage.File("etc/name", "fetched"))) : TestResponse.Text(404));
        var name = Name("imported:1");

        var imported = engine.Docker.Text("import", $"http://{server.Authority}/root.tar", name);

        Assert.Contains($"Downloading from http://{server.Authority}/root.tar", imported, StringComparison.Ordinal);
        Assert.Equal($"Imported from http://{server.Authority}/root.tar", engine.Docker.Text("image", "inspect", "-f", "{{.Comment}}", name));
        Assert.Contains($"http://{server.Authority}/gone", engine.Docker.Run("import", $"http://{server.Authority}/gone").ExitsWithFailure().Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_pulls_the_image_that_is_missing()
    {
        Push("app:1");
        RemoveAll(_registry);

        Assert.Equal("ran", engine.Docker.Text("run", "--rm", Name("app:1"), "echo", "ran"));
    }

    [Fact]
    public void All_tags_are_pushed_and_pulled()
    {
        engine.Docker.Run("tag", Engine.Image, Name("app:1")).Succeeded();
        engine.Docker.Run("tag", Engine.Image, Name("app:2")).Succeeded();
        engine.Docker.Run("push", "--all-tags", Name("app")).Succeeded();
        RemoveAll(_registry);

        var pulled = engine.Docker.Run("pull", "--all-tags", Name("app")).Lines;

        Assert.Equal([$"Status: Downloaded newer image for {Name("app")}"], pulled.Where(line => line.StartsWith("Status", StringComparison.Ordinal)));
        Assert.Contains($"Status: Image is up to date for {Name("app")}", engine.Docker.Run("pull", "-a", Name("app")).Lines);
        Assert.Equal(["1", "2"], engine.Docker.Run("images", Name("app"), "--format", "{{.Tag}}").Lines.Order());
    }

    [Fact]
    public void The_messages_of_a_pull_are_docker_s()
    {
        Push("app:1");
        RemoveAll(_registry);

        var answer = RawHttp.Post(engine, $"/images/create?fromImage={Name("app")}&tag=1");

        Assert.Equal(200, answer.Status);
        var messages = Messages(answer);
        Assert.Equal(("Pulling from app", "1"), (Text(messages[0], "status"), Text(messages[0], "id")));
        var own = messages.Select(message => Text(message, "id")).Last(id => id is { Length: 12 });
        var layer = messages.Where(message => Text(message, "id") == own).Select(message => Text(message, "status")).ToList();
        Assert.Equal("Pulling fs layer", layer[0]);
        Assert.Equal("Pull complete", layer[^1]);
        Assert.Matches("^Digest: sha256:[0-9a-f]{64}$", Text(messages[^2], "status"));
        Assert.Equal($"Status: Downloaded newer image for {Name("app:1")}", Text(messages[^1], "status"));
    }

    [Fact]
    public void The_messages_of_a_push_are_docker_s()
    {
        engine.Docker.Run("tag", Engine.Image, Name("app:1")).Succeeded();

        var messages = Messages(RawHttp.Post(engine, $"/images/{Name("app")}/push?tag=1"));

        Assert.Equal($"The push refers to repository [{Name("app")}]", Text(messages[0], "status"));
        Assert.Contains(messages, message => Text(message, "status") == "Preparing" && Text(message, "id") is { Length: 12 });
        Assert.Contains(messages, message => Text(message, "status") == "Pushed");
        var (type, bytes) = _registry.Manifest("app:1");
        Assert.NotEmpty(type);
        Assert.Contains(messages, message =>
            DigestLine().Match(Text(message, "status") ?? "") is { Success: true } line && line.Groups[1].Value == $"{bytes.Length}");
        var aux = messages[^1].GetProperty("aux");
        Assert.Equal(("1", bytes.Length), (aux.GetProperty("Tag").GetString()!, aux.GetProperty("Size").GetInt32()));
        Assert.StartsWith("sha256:", aux.GetProperty("Digest").GetString(), StringComparison.Ordinal);
        var again = Messages(RawHttp.Post(engine, $"/images/{Name("app")}/push?tag=1"));
        Assert.Contains(again, message => Text(message, "status") == "Layer already exists");
        engine.Docker.Run("tag", Name("app:1"), Name("other:1")).Succeeded();
        var mounted = Messages(RawHttp.Post(engine, $"/images/{Name("other")}/push?tag=1"));
        Assert.Contains(mounted, message => Text(message, "status") == "Mounted from app");
    }

    [Fact]
    public void What_is_not_there_is_told_with_404_and_docker_s_words()
    {
        var answer = RawHttp.Post(engine, $"/images/create?fromImage={Name("nothing")}&tag=1");

        Assert.Equal(404, answer.Status);
        Assert.Contains($"manifest for {Name("nothing:1")} not found: manifest unknown: manifest unknown", answer.Body, StringComparison.Ordinal);
        Assert.Contains($"An image does not exist locally with the tag: {Name("nothing")}",
            engine.Docker.Run("push", Name("nothing:1")).ExitsWithFailure().Error, StringComparison.Ordinal);
        engine.Docker.Run("tag", Engine.Image, Name("app:1")).Succeeded();
        var push = engine.Docker.Run("push", Name("app:2")).ExitsWithFailure();
        Assert.Contains($"The push refers to repository [{Name("app")}]", push.Output, StringComparison.Ordinal);
        Assert.Contains($"tag does not exist: {Name("app:2")}", push.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_distribution_inspect_tells_digest_and_platforms()
    {
        var digest = Push("app:1");

        var answer = RawHttp.Get(engine, $"/distribution/{Name("app:1")}/json");

        Assert.Equal(200, answer.Status);
        var document = JsonDocument.Parse(answer.Body).RootElement;
        Assert.Equal(digest, document.GetProperty("Descriptor").GetProperty("digest").GetString());
        Assert.Equal("linux", document.GetProperty("Platforms")[0].GetProperty("os").GetString());
    }

    [Theory]
    [InlineData(RegistryAccess.Basic)]
    [InlineData(RegistryAccess.Token)]
    public async Task Only_who_is_known_pushes_pulls_and_logs_in(RegistryAccess access)
    {
        await using var registry = new LocalRegistry(access);
        engine.Docker.Run("tag", Engine.Image, $"{registry.Authority}/app:1").Succeeded();
        var push = $"/images/{registry.Authority}/app/push?tag=1";
        var login = $$"""{"username":"{{LocalRegistry.User}}","password":"PASSWORD","serveraddress":"{{registry.Authority}}"}""";

        Assert.Contains("errorDetail", Post(push, LocalRegistry.Password + "x").Body, StringComparison.Ordinal);
        Assert.DoesNotContain("errorDetail", Post(push, LocalRegistry.Password).Body, StringComparison.Ordinal);
        RemoveAll(registry);
        var pull = $"/images/create?fromImage={registry.Authority}/app&tag=1";
        Assert.NotEqual(200, RawHttp.Post(engine, pull).Status);
        Assert.Contains("Downloaded newer image", Post(pull, LocalRegistry.Password).Body, StringComparison.Ordinal);
        Assert.Equal(200, RawHttp.Post(engine, "/auth", login.Replace("PASSWORD", LocalRegistry.Password, StringComparison.Ordinal)).Status);
        Assert.Equal(401, RawHttp.Post(engine, "/auth", login.Replace("PASSWORD", "wrong", StringComparison.Ordinal)).Status);
        RemoveAll(registry);
    }

    /// <summary>Kills the daemon in the middle of a layer: what came is kept, and the pull after it asks for the rest.</summary>
    [Fact]
    [Trait("Only", "Gantry")]
    public void A_pull_that_the_daemon_s_death_broke_off_is_finished_by_the_next()
    {
        Push("app:1");
        RemoveAll(_registry);
        foreach (var length in (int[])[1_000, 20_000, 300_000])
        {
            var asked = LayerRequests().Count;
            _registry.StallAfter = length;
            using var pull = engine.Docker.Start("pull", Name("app:1"));
            Eventually.True(() => LayerRequests().Count > asked && Partial.Any(), () => "nothing of the layer arrives");
            engine.Daemon.Kill();
            pull.Wait().ExitsWithFailure();
            engine.Daemon.Restart();
            Assert.Contains("no problems", new Client(TestEnvironment.Gantry, engine.Host).Text("system", "check"), StringComparison.Ordinal);
        }
        _registry.StallAfter = null;

        engine.Docker.Run("pull", Name("app:1")).Succeeded();

        Assert.NotNull(LayerRequests()[^1].Header("Range"));
        Assert.Equal("ran", engine.Docker.Text("run", "--rm", Name("app:1"), "echo", "ran"));
    }

    private IEnumerable<FileInfo> Partial =>
        new DirectoryInfo(Path.Combine(engine.Daemon.Root, "images", "ingest")).EnumerateFiles("*.partial").Where(file => file.Length > 0);

    private List<TestRequest> LayerRequests() =>
        [.. _registry.Requests.Where(request => request.Method == "GET" && request.Path.Contains("/blobs/", StringComparison.Ordinal))];

    private HttpAnswer Post(string path, string password)
    {
        var auth = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($$"""{"username":"{{LocalRegistry.User}}","password":"{{password}}"}"""));
        using var connection = RawHttp.Open(engine, "POST", path, headers: $"Connection: close\r\nX-Registry-Auth: {auth}\r\n");
        return connection.ReadAnswer();
    }

    /// <summary>Pushes an image with a layer that no other has; gives the digest.</summary>
    private string Push(string name)
    {
        TestImage.Load(engine, Name(name), [TestImage.File("noise", RandomNumberGenerator.GetBytes(NoiseLength))]).Succeeded();
        return DigestPattern().Match(engine.Docker.Text("push", Name(name))).Value;
    }

    private void RemoveAll(LocalRegistry registry)
    {
        var names = engine.Docker.Run("images", "--digests", "--format", "{{.Repository}} {{.Tag}} {{.Digest}}").Lines
            .Select(line => line.Split(' ')).Where(parts => parts[0].StartsWith(registry.Authority, StringComparison.Ordinal))
            .SelectMany(parts => new[] { parts[1] == "<none>" ? "" : $"{parts[0]}:{parts[1]}", parts[2] == "<none>" ? "" : $"{parts[0]}@{parts[2]}" })
            .Where(name => name.Length > 0).Distinct().ToArray();
        foreach (var name in names) engine.Docker.Run("rmi", name);
    }

    private static List<JsonElement> Messages(HttpAnswer answer) =>
        [.. answer.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    private static string? Text(JsonElement message, string member) => message.TryGetProperty(member, out var value) ? value.GetString() : null;

    [GeneratedRegex("^1: digest: sha256:[0-9a-f]{64} size: ([0-9]+)$")]
    private static partial Regex DigestLine();

    [GeneratedRegex("sha256:[0-9a-f]{64}")]
    private static partial Regex DigestPattern();
}
