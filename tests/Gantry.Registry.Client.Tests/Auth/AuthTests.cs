using System.Text;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Auth;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Hosts;
using Gantry.Registry.Client.Tests.Server;

namespace Gantry.Registry.Client.Tests.Auth;

public class AuthTests
{
    private static readonly RegistryCredentials s_user = new() { Username = "ann", Password = "secret" };
    private static readonly string s_basic = "Basic " + Convert.ToBase64String("ann:secret"u8);

    [Fact]
    public async Task Basic_is_sent_when_it_is_asked_for()
    {
        await using var world = new RegistryWorld();
        world.Registry.AddImage("app", "v1", [1]);
        world.Registry.Fault = request =>
            request.Header("Authorization") == s_basic ? null : TestResponse.Text(401, "", ("WWW-Authenticate", "Basic realm=\"x\""));
        await (await world.RepositoryAsync(credentials: s_user)).FetchManifestAsync("v1");
        Assert.Equal([null, s_basic], world.Registry.Requests.Select(request => request.Header("Authorization")));
        var nobody = await world.RepositoryAsync();
        var error = await Assert.ThrowsAsync<RegistryException>(() => nobody.FetchManifestAsync("v1"));
        Assert.Equal(ErrorKind.Unauthorized, error.Kind);
        Assert.Contains("no basic auth credentials", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_token_serves_parallel_layers_and_later_pulls()
    {
        await using var world = new RegistryWorld();
        var tokens = new TokenServer(world.Registry);
        var repository = await world.RepositoryAsync();
        await repository.FetchManifestAsync(world.Registry.AddImage("app", "v1", [1]));
        var blobs = Enumerable.Range(0, 6).Select(i => world.Registry.AddBlob("app", [(byte)i])).ToList();
        await Task.WhenAll(blobs.Select(async blob => await RegistryWorld.ReadAllAsync(await repository.OpenVerifiedBlobAsync(blob))));
        Assert.Equal("repository:app:pull", Assert.Single(tokens.Asked).Query("scope")[0]);
        Assert.Null(tokens.Asked[0].Header("Authorization"));
    }

    [Fact]
    public async Task A_token_that_expires_during_a_pull_is_replaced()
    {
        await using var world = new RegistryWorld();
        var tokens = new TokenServer(world.Registry);
        var repository = await world.RepositoryAsync(credentials: s_user);
        var image = world.Registry.AddImage("app", "v1", [1]);
        await repository.FetchManifestAsync(image);
        tokens.Valid = "second";
        await repository.FetchManifestAsync(image);
        Assert.Equal(2, tokens.Asked.Count);
        Assert.Equal(s_basic, tokens.Asked[1].Header("Authorization"));
        // The client's own clock tells it as well, without another refusal.
        world.Time.Now += TimeSpan.FromHours(1);
        await repository.FetchManifestAsync(image);
        Assert.Equal(3, tokens.Asked.Count);
        Assert.Equal(2, tokens.Refused);
    }

    [Fact]
    public async Task A_mount_asks_for_both_repositories()
    {
        await using var world = new RegistryWorld();
        var tokens = new TokenServer(world.Registry);
        var blob = world.Registry.AddBlob("base", [1, 2]);
        Assert.True(await (await world.RepositoryAsync()).MountBlobAsync(blob.Digest, "base"));
        Assert.Equal(["repository:app:pull,push", "repository:base:pull"], tokens.Asked.Single().Query("scope"));
    }

    [Fact]
    public async Task An_identity_token_is_used_by_POST()
    {
        await using var world = new RegistryWorld();
        var tokens = new TokenServer(world.Registry);
        world.Registry.AddImage("app", "v1", [1]);
        await (await world.RepositoryAsync(credentials: new() { Username = "<token>", IdentityToken = "lasting" })).FetchManifestAsync(
            "v1");
        var asked = Assert.Single(tokens.Asked);
        Assert.Equal("POST", asked.Method);
        Assert.Equal("grant_type=refresh_token&service=test&client_id=docker&refresh_token=lasting&scope=repository%3Aapp%3Apull",
            Encoding.UTF8.GetString(asked.Body));
    }

    [Fact]
    public async Task A_registry_token_is_sent_as_it_is()
    {
        await using var world = new RegistryWorld();
        var tokens = new TokenServer(world.Registry);
        world.Registry.AddImage("app", "v1", [1]);
        await (await world.RepositoryAsync(credentials: new() { RegistryToken = tokens.Valid })).FetchManifestAsync("v1");
        Assert.Empty(tokens.Asked);
    }

    [Fact]
    public async Task A_login_returns_the_identity_token()
    {
        await using var world = new RegistryWorld();
        var tokens = new TokenServer(world.Registry);
        Assert.Equal("lasting", await world.Client().CheckLoginAsync(world.Registry.Authority, s_user));
        Assert.Equal(("true", "ann"), (tokens.Asked[0].Query("offline_token")[0], tokens.Asked[0].Query("account")[0]));
    }

    [Fact]
    public async Task A_login_with_a_wrong_password_fails_in_dockers_words()
    {
        await using var world = new RegistryWorld();
        _ = new TokenServer(world.Registry) { Answer = TestResponse.Text(401, """{"details":"incorrect username or password"}""") };
        var error = await Assert.ThrowsAsync<RegistryException>(() => world.Client().CheckLoginAsync(world.Registry.Authority, s_user));
        Assert.Equal($"Get \"http://{world.Registry.Authority}/v2/\": unauthorized: incorrect username or password", error.Message);
        world.Registry.Fault = _ => TestResponse.Text(401, "", ("WWW-Authenticate", "Basic realm=x"));
        error = await Assert.ThrowsAsync<RegistryException>(() => world.Client().CheckLoginAsync(world.Registry.Authority, s_user));
        Assert.Equal((ErrorKind.Unauthorized,
            $"login attempt to http://{world.Registry.Authority}/v2/ failed with status: 401 Unauthorized"), (error.Kind, error.Message));
    }

    [Fact]
    public async Task A_token_that_allows_too_little_is_a_denied_pull()
    {
        await using var world = new RegistryWorld();
        _ = new TokenServer(world.Registry) { Error = "insufficient_scope", Valid = "never given" };
        var repository = await world.RepositoryAsync();
        var error = await Assert.ThrowsAsync<RegistryException>(() => repository.FetchManifestAsync("v1"));
        Assert.Equal(ErrorKind.NotFound, error.Kind);
        Assert.Equal($"pull access denied for {world.Registry.Authority}/app, repository does not exist or may require 'docker login': "
            + "denied: requested access to the resource is denied", error.Message);
    }

    [Theory]
    [InlineData("""realm="http://a/b",service="x,y",scope="repository:a:pull,push" """, "http://a/b", "x,y", "repository:a:pull,push")]
    [InlineData("""service=s , realm="a\"b" """, "a\"b", "s", null)]
    [InlineData("realm=\"open", "open", null, null)]
    public void Challenges_are_read(string text, string realm, string? service, string? scope)
    {
        var parameters = AuthChallenge.ReadParameters(text);
        Assert.Equal((realm, service, scope),
            (parameters["realm"], parameters.GetValueOrDefault("service"), parameters.GetValueOrDefault("scope")));
    }

    [Fact]
    public void Scopes_are_merged_in_a_fixed_order() =>
        Assert.Equal(["repository:a:pull,push", "repository:b:pull"],
            TokenScopes.Merge(["repository:b:pull", "repository:a:push"], ["repository:a:pull"]));

    /// <summary>Guards a registry by tokens that it gives out itself under /token.</summary>
    private sealed class TokenServer
    {
        private readonly TestRegistry _registry;
        private int _given;

        public TokenServer(TestRegistry registry)
        {
            _registry = registry;
            registry.Fault = Guard;
        }

        public List<TestRequest> Asked { get; } = [];

        public string Valid { get; set; } = "first";

        public string Error { get; init; } = "invalid_token";

        public TestResponse? Answer { get; init; }

        public int Refused => _refused;

        private int _refused;

        private TestResponse? Guard(TestRequest request)
        {
            if (request.Path == "/token")
            {
                lock (Asked)
                    Asked.Add(request);
                return Answer ?? TestResponse.Text(
                    200, $$"""{"token":"{{(Valid == "never given" ? "other" : Valid)}}","expires_in":300,"refresh_token":"lasting","n":{{++_given}}}""");
            }
            if (request.Header("Authorization") == "Bearer " + Valid)
                return null;
            Interlocked.Increment(ref _refused);
            return TestResponse.Text(401, """{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}""",
                ("WWW-Authenticate", $"Bearer realm=\"http://{_registry.Authority}/token\",service=\"test\",error=\"{Error}\""));
        }
    }
}
