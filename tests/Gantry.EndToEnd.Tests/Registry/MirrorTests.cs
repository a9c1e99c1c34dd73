using System.Text;
using Gantry.EndToEnd.Tests.Harness;
using Gantry.Registry.Client.Tests.Server;

namespace Gantry.EndToEnd.Tests.Registry;

/// <summary>An engine with a folder for <c>hosts.toml</c>, and a mirror of docker.io.</summary>
public sealed class MirroredEngine : IAsyncLifetime
{
    private readonly WorkFolder _hosts = new();

    internal LocalRegistry HubMirror { get; } = new();

    internal Engine Engine { get; private set; } = null!;

    public Task InitializeAsync()
    {
        Engine = new Engine(null, ["--certs-dir", _hosts.File(""), "--registry-mirror", $"http://{HubMirror.Authority}"]);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        Engine.Dispose();
        await HubMirror.DisposeAsync();
        _hosts.Dispose();
    }

    /// <summary>Says where a registry is, from the next pull on.</summary>
    internal void Write(string registry, string hosts)
    {
        Directory.CreateDirectory(_hosts.File(registry));
        File.WriteAllText(Path.Combine(_hosts.File(registry), "hosts.toml"), hosts);
    }
}

/// <summary>Mirrors, for docker.io and for any other registry, and what happens when one is of no use.</summary>
[Trait("Only", "Gantry")]
public sealed class MirrorTests(MirroredEngine world) : IClassFixture<MirroredEngine>, IAsyncLifetime
{
    private const string Image = "registry.test/app:1";
    private readonly LocalRegistry _registry = new(RegistryAccess.Basic);
    private readonly LocalRegistry _first = new();
    private readonly LocalRegistry _second = new();

    private static Client Docker(MirroredEngine world) => world.Engine.Docker;

    public Task InitializeAsync()
    {
        RemoteImage.Add(_second, "app", "mirrored").Tag(_second, "app", "1");
        world.Write("registry.test", $"""
            server = "http://{_registry.Authority}"
            [host."http://{_first.Authority}"]
              capabilities = ["pull", "resolve"]
            [host."http://{_second.Authority}"]
              capabilities = ["pull", "resolve"]
            """);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        Docker(world).Run("rmi", "-f", Image);
        await _registry.DisposeAsync();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public void A_mirror_that_lacks_the_image_is_passed_over()
    {
        PullsAndRuns();

        Assert.NotEmpty(_first.Requests);
        Assert.All(_first.Requests.Concat(_second.Requests), request => Assert.Equal(["registry.test"], request.Query("ns")));
        Assert.Empty(_registry.Requests);
    }

    [Fact]
    public void A_mirror_that_is_not_there_is_passed_over()
    {
        world.Write("registry.test", $"""
            server = "http://{_registry.Authority}"
            [host."http://127.0.0.1:1"]
            [host."http://{_second.Authority}"]
            """);

        PullsAndRuns();
    }

    [Theory]
    [InlineData(500)]
    [InlineData(429)]
    [InlineData(401)]
    public void A_mirror_that_fails_is_passed_over(int status)
    {
        _first.Fault = _ => TestResponse.Text(status);

        PullsAndRuns();
    }

    [Fact]
    public void A_mirror_that_sends_other_content_is_passed_over()
    {
        _second.CopyTo(_first);
        _first.Fault = request => request.Path.Contains("/blobs/", StringComparison.Ordinal) ? Altered(request) : null;

        PullsAndRuns();
    }

    [Fact]
    public void A_mirror_that_breaks_off_is_followed_by_the_next_where_it_was()
    {
        _second.CopyTo(_first);
        _first.Fault = request => request.Path.Contains("/blobs/", StringComparison.Ordinal)
            && request.Header("Range") is null && _second.Answer(request) is var answer ? answer with { CutAfter = answer.Body.Length / 2 } : null;

        PullsAndRuns();

        Assert.Contains(_first.Requests.Concat(_second.Requests), request => request.Header("Range") is not null);
    }

    [Fact]
    public void When_no_mirror_has_it_the_registry_is_asked_and_the_user_s_credentials_go_to_no_mirror()
    {
        _second.Fault = _ => TestResponse.Text(404);

        var auth = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{LocalRegistry.User}:{LocalRegistry.Password}"));
        var environment = new Dictionary<string, string> { ["DOCKER_AUTH_CONFIG"] = "{\"auths\":{\"registry.test\":{\"auth\":\"" + auth + "\"}}}" };

        var error = Command.Run([TestEnvironment.Gantry, "-H", world.Engine.Host, "pull", Image], environment: environment).ExitsWithFailure().Error;

        Assert.NotEmpty(_registry.Requests);
        Assert.NotEmpty(error);
        Assert.All(_first.Requests.Concat(_second.Requests), request => Assert.Null(request.Header("Authorization")));
    }

    [Fact]
    public void A_mirror_that_may_not_resolve_is_asked_for_content_only()
    {
        world.Write("registry.test", $"""
            server = "http://{_first.Authority}"
            [host."http://{_second.Authority}"]
              capabilities = ["pull"]
            """);
        _second.CopyTo(_first);

        PullsAndRuns();

        Assert.Contains(_first.Requests, request => request.Path.EndsWith("/manifests/1", StringComparison.Ordinal));
        Assert.DoesNotContain(_second.Requests, request => request.Path.EndsWith("/manifests/1", StringComparison.Ordinal));
        Assert.DoesNotContain(_first.Requests, request => request.Path.Contains("/blobs/", StringComparison.Ordinal));
    }

    [Fact]
    public void A_push_goes_to_the_registry_and_never_to_a_mirror()
    {
        world.Write("registry.test", $"""
            server = "http://{_first.Authority}"
            [host."http://{_second.Authority}"]
              capabilities = ["pull", "resolve"]
            """);
        Docker(world).Run("tag", Engine.Image, "registry.test/pushed:1").Succeeded();

        Docker(world).Run("push", "registry.test/pushed:1").Succeeded();

        Assert.NotEmpty(_first.Manifest("pushed:1").Bytes);
        Assert.Empty(_second.Requests);
        Docker(world).Run("rmi", "registry.test/pushed:1").Succeeded();
    }

    [Fact]
    public void The_mirror_of_docker_io_is_asked_for_short_names()
    {
        RemoteImage.Add(world.HubMirror, "library/mirrored", "hub").Tag(world.HubMirror, "library/mirrored", "latest");

        Docker(world).Run("pull", "mirrored").Succeeded();

        Assert.Equal("hub", Docker(world).Text("run", "--rm", "--network", "none", "mirrored", "cat", "/mark"));
        Docker(world).Run("rmi", "mirrored").Succeeded();
    }

    [Fact]
    public void A_file_that_is_not_understood_is_named_with_its_line()
    {
        world.Write("registry.test", "server = \"http://127.0.0.1:1\"\nskip_verfy = true\n");

        var error = Docker(world).Run("pull", Image).ExitsWithFailure().Error;

        Assert.Contains("registry.test/hosts.toml: unknown key \"skip_verfy\"", error, StringComparison.Ordinal);
    }

    private void PullsAndRuns()
    {
        Docker(world).Run("pull", Image).Succeeded();
        Assert.Equal("mirrored", Docker(world).Text("run", "--rm", "--network", "none", Image, "cat", "/mark"));
    }

    private TestResponse Altered(TestRequest request)
    {
        var answer = _second.Answer(request);
        return answer with { Body = [.. answer.Body[..^1], (byte)(answer.Body[^1] ^ 1)] };
    }
}
