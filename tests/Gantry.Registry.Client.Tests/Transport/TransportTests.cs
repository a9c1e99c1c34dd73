using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Auth;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Hosts;
using Gantry.Registry.Client.Tests.Server;
using Gantry.Registry.Client.Transport;

namespace Gantry.Registry.Client.Tests.Transport;

public class TransportTests
{
    [Fact]
    public async Task A_busy_registry_is_left_alone_as_long_as_it_asks()
    {
        await using var world = new RegistryWorld();
        world.Registry.AddImage("app", "v1", [1]);
        var refusals = 2;
        world.Registry.Fault = _ => refusals-- > 0 ? TestResponse.Text(429, "", ("Retry-After", "17")) : null;
        await (await world.RepositoryAsync()).FetchManifestAsync("v1");
        Assert.Equal([TimeSpan.FromSeconds(17), TimeSpan.FromSeconds(17)], world.Time.Pauses);
    }

    [Fact]
    public async Task A_registry_that_asks_for_hours_is_not_waited_for()
    {
        await using var world = new RegistryWorld();
        world.Registry.Fault = _ =>
            TestRegistry.Error(429, "TOOMANYREQUESTS", "You have reached your pull rate limit.", ("Retry-After", "7200"));
        var repository = await world.RepositoryAsync();
        var error = await Assert.ThrowsAsync<RegistryException>(() => repository.FetchManifestAsync("v1"));
        Assert.Equal(ErrorKind.Unavailable, error.Kind);
        Assert.Equal(
            $"{world.Registry.Authority}/app:v1: toomanyrequests: You have reached your pull rate limit. (the registry asks to come back in 7200 seconds)",
            error.Message);
        Assert.Empty(world.Time.Pauses);
    }

    [Fact]
    public async Task Failures_that_stay_are_told_after_five_attempts()
    {
        await using var world = new RegistryWorld();
        var notices = new List<RetryNotice>();
        world.Registry.Fault = _ => TestResponse.Text(500, "<html>");
        var client = world.Client(options => options with { Retrying = notices.Add });
        var repository = await world.RepositoryAsync(client: client);
        var error = await Assert.ThrowsAsync<RegistryException>(() => repository.FetchManifestAsync("v1"));
        Assert.Equal($"Get \"http://{world.Registry.Authority}/v2/app/manifests/v1\": received unexpected HTTP status: 500 InternalServerError", error.Message);
        Assert.Equal([1, 2, 3, 4], notices.Select(notice => notice.Attempt));
    }

    [Fact]
    public async Task Redirects_are_followed_without_credentials_for_others()
    {
        await using var world = new RegistryWorld();
        var storage = world.AddRegistry();
        var blob = world.Registry.AddBlob("app", [1, 2, 3]);
        storage.AddBlob("app", [1, 2, 3]);
        world.Registry.Fault = request => request.Header("Authorization") is null
            ? TestResponse.Text(401, "", ("WWW-Authenticate", "Basic realm=x"))
            : TestResponse.Text(307, "", ("Location", $"http://{storage.Authority}{request.Path}"));
        var repository = await world.RepositoryAsync(credentials: new() { Username = "a", Password = "b" });
        Assert.Equal([1, 2, 3], await RegistryWorld.ReadAllAsync(await repository.OpenVerifiedBlobAsync(blob)));
        Assert.Null(Assert.Single(storage.Requests).Header("Authorization"));
    }

    [Fact]
    public async Task Redirects_that_lead_in_a_circle_end()
    {
        await using var world = new RegistryWorld();
        world.Registry.Fault = request => TestResponse.Text(302, "", ("Location", request.Target));
        var repository = await world.RepositoryAsync();
        var error = await Assert.ThrowsAsync<RegistryException>(() => repository.FetchManifestAsync("v1"));
        Assert.Contains("/app:v1: stopped after 10 redirects", error.Message, StringComparison.Ordinal);
        Assert.Equal(11, world.Registry.Requests.Count());
    }

    [Fact]
    public async Task A_mirror_serves_what_it_has_and_is_passed_over_for_the_rest()
    {
        await using var world = new RegistryWorld();
        var mirror = world.AddRegistry();
        world.Write(world.Registry.Authority, "hosts.toml", $"[host.\"http://{mirror.Authority}\"]\n  capabilities = [\"pull\"]\n");
        var image = world.Registry.AddImage("app", "v1", [1]);
        var (there, corrupt) = (mirror.AddBlob("app", [5]), world.Registry.AddBlob("app", [6]));
        mirror.Blobs[$"app@{corrupt.Digest}"] = [9];
        var repository = await world.RepositoryAsync(credentials: new RegistryCredentials { RegistryToken = "secret" });
        Assert.Equal(image.Digest, (await repository.ResolveManifestAsync("v1")).Digest);
        Assert.Empty(mirror.Requests);
        await repository.FetchManifestAsync(image);
        Assert.Equal([5], await RegistryWorld.ReadAllAsync(await repository.OpenVerifiedBlobAsync(there)));
        Assert.DoesNotContain(mirror.Requests, request => request.Header("Authorization") is not null);
        Assert.Equal(world.Registry.Authority, mirror.Requests.First().Query("ns").Single());
        // Once it has lied, the registry itself is asked.
        await Assert.ThrowsAsync<RegistryException>(async () =>
            await RegistryWorld.ReadAllAsync(await repository.OpenVerifiedBlobAsync(corrupt)));
        Assert.Equal([6], await RegistryWorld.ReadAllAsync(await repository.OpenVerifiedBlobAsync(corrupt)));
    }

    [Fact]
    public async Task A_mirror_that_is_down_does_not_hide_the_registrys_answer()
    {
        await using var world = new RegistryWorld();
        world.Write(world.Registry.Authority, "hosts.toml", "[host.\"http://127.0.0.1:1\"]\n");
        var repository = await world.RepositoryAsync();
        var error = await Assert.ThrowsAsync<RegistryException>(() => repository.FetchManifestAsync("v1"));
        Assert.StartsWith("manifest for ", error.Message, StringComparison.Ordinal);
        Assert.Contains("dial tcp 127.0.0.1:1: connect: connection refused", error.Earlier[0].Message, StringComparison.Ordinal);
        Assert.Contains("http: server gave HTTP response to HTTPS client", error.Earlier[1].Message, StringComparison.Ordinal);
        Assert.Empty(world.Time.Pauses);
    }

    [Fact]
    public async Task A_server_of_plain_http_is_told_from_one_of_tls()
    {
        await using var world = new RegistryWorld();
        world.Write(world.Registry.Authority, "hosts.toml", $"server = \"https://{world.Registry.Authority}\"\n");
        var repository = await world.RepositoryAsync();
        var error = await Assert.ThrowsAsync<RegistryException>(() => repository.FetchManifestAsync("v1"));
        Assert.Equal($"Get \"https://{world.Registry.Authority}/v2/app/manifests/v1\": http: server gave HTTP response to HTTPS client",
            error.Message);
    }

    [Theory]
    [InlineData("https://registry.example.com/v2/", "http://proxy:3128/")]
    [InlineData("http://registry.example.com/v2/", null)]
    [InlineData("https://localhost:5000/", null)]
    [InlineData("https://127.0.0.1:5000/", null)]
    [InlineData("https://a.internal.example/", null)]
    [InlineData("https://internal.example:8443/", null)]
    [InlineData("https://10.1.2.3/", null)]
    [InlineData("https://other.test:5000/", null)]
    [InlineData("https://other.test/", "http://proxy:3128/")]
    public void Proxies_are_chosen_as_elsewhere(string address, string? expected)
    {
        var proxy = new ProxySettings(new ProxyOptions { Https = "user:p%40ss@proxy:3128",
            Exceptions = "internal.example, 10.0.0.0/8,other.test:5000" });
        Assert.Equal(expected, proxy.GetProxy(new Uri(address))?.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path,
            UriFormat.UriEscaped));
        Assert.Equal("p@ss", proxy.GetCredential(new Uri("http://proxy:3128"), "Basic")?.Password);
    }
}
