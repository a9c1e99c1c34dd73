using Gantry.EndToEnd.Tests.Harness;
using Gantry.Registry.Client.Tests.Server;

namespace Gantry.EndToEnd.Tests.Registry;

/// <summary>An engine that reaches registries through proxies, which want a name and a password; the registries have names that only they know.</summary>
public sealed class ProxiedEngine : IAsyncLifetime
{
    private readonly WorkFolder _certificates = new();
    private readonly TestCertificate _certificate = new("secure.test");
    private readonly TestHttpServer _plainProxy;

    public ProxiedEngine() => _plainProxy = new TestHttpServer(Forward);

    internal TunnelProxy Tunnel { get; } = new();

    internal LocalRegistry Secure { get; private set; } = null!;

    internal LocalRegistry Plain { get; } = new();

    internal Engine Engine { get; private set; } = null!;

    /// <summary>What the proxy of plain HTTP was asked for with the right name and password.</summary>
    internal IEnumerable<string> Forwarded =>
        _plainProxy.Requests.Where(request => request.Header("Proxy-Authorization") == TunnelProxy.Authorization).Select(request => request.Target);

    public Task InitializeAsync()
    {
        Secure = new LocalRegistry(tls: _certificate.Server);
        Tunnel.Hosts["secure.test:443"] = Secure.Port;
        Tunnel.Hosts["plain.test:5000"] = Plain.Port;
        Directory.CreateDirectory(_certificates.File("secure.test"));
        File.WriteAllText(Path.Combine(_certificates.File("secure.test"), "ca.crt"), _certificate.Pem);
        var environment = new Dictionary<string, string>
        {
            ["HTTP_PROXY"] = $"http://proxy:s%40cret@{_plainProxy.Authority}",
            ["HTTPS_PROXY"] = $"http://proxy:s%40cret@{Tunnel.Authority}",
            ["NO_PROXY"] = ".direct.test",
        };
        Engine = new Engine(environment, ["--certs-dir", _certificates.File(""), "--insecure-registry", "plain.test:5000"]);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        Engine.Dispose();
        await Tunnel.DisposeAsync();
        await _plainProxy.DisposeAsync();
        await Plain.DisposeAsync();
        await Secure.DisposeAsync();
        _certificate.Dispose();
        _certificates.Dispose();
    }

    private TestResponse Forward(TestRequest request)
    {
        if (request.Header("Proxy-Authorization") != TunnelProxy.Authorization)
            return TestResponse.Text(407, "", ("Proxy-Authenticate", "Basic realm=\"test\""));
        var target = new Uri(request.Target);
        return target.Authority == "plain.test:5000" ? Plain.Answer(request with { Target = target.PathAndQuery }) : TestResponse.Text(502);
    }
}

[Trait("Only", "Gantry")]
public sealed class ProxyTests(ProxiedEngine world) : IClassFixture<ProxiedEngine>
{
    [Fact]
    public void HTTPS_goes_through_a_tunnel()
    {
        PushesAndPulls("secure.test/app:1");

        Assert.Contains("secure.test:443", world.Tunnel.Tunnels);
        Assert.NotEmpty(world.Secure.Requests);
    }

    [Fact]
    public void Plain_HTTP_is_asked_of_the_proxy()
    {
        PushesAndPulls("plain.test:5000/app:1");

        Assert.Contains("http://plain.test:5000/v2/app/manifests/1", world.Forwarded);
    }

    [Fact]
    public void What_is_excepted_is_not_asked_of_the_proxy_which_alone_knows_the_name()
    {
        world.Tunnel.Hosts["registry.direct.test:443"] = world.Secure.Port;

        var error = world.Engine.Docker.Run("pull", "registry.direct.test/app:1").ExitsWithFailure().Error;

        Assert.Contains("lookup registry.direct.test", error, StringComparison.Ordinal);
        Assert.DoesNotContain("registry.direct.test:443", world.Tunnel.Tunnels);
    }

    [Fact]
    public void A_host_that_the_proxy_does_not_reach_is_told_with_the_proxy_s_answer()
    {
        var error = world.Engine.Docker.Run("pull", "unknown.test/app:1").ExitsWithFailure().Error;

        Assert.Contains("unknown.test", error, StringComparison.Ordinal);
        Assert.Contains("502", error, StringComparison.Ordinal);
    }

    private void PushesAndPulls(string image)
    {
        var docker = world.Engine.Docker;
        docker.Run("tag", Engine.Image, image).Succeeded();
        docker.Run("push", image).Succeeded();
        docker.Run("rmi", image).Succeeded();
        docker.Run("pull", image).Succeeded();
        Assert.Equal("ran", docker.Text("run", "--rm", "--network", "none", image, "echo", "ran"));
        docker.Run("rmi", image).Succeeded();
    }
}
