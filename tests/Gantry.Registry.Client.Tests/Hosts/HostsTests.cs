using Gantry.Oci;
using Gantry.Registry.Client.Hosts;

namespace Gantry.Registry.Client.Tests.Hosts;

public sealed class HostsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-hosts-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Docker_io_is_asked_after_its_mirrors()
    {
        var endpoints = await Hosts(mirrors: ["https://mirror.example.com", "http://10.1.1.1:5000/"]).ResolveAsync("docker.io");
        Assert.Equal(["https://mirror.example.com/v2/", "http://10.1.1.1:5000/v2/", "https://registry-1.docker.io/v2/"],
            endpoints.Select(endpoint => endpoint.Base.AbsoluteUri));
        Assert.Equal([true, true, false], endpoints.Select(endpoint => endpoint.IsMirror));
        Assert.False(endpoints[0].Capabilities.HasFlag(EndpointCapabilities.Push));
        Assert.Single(await Hosts(mirrors: ["https://mirror.example.com"]).ResolveAsync("ghcr.io"));
    }

    [Theory]
    [InlineData("localhost:5000", true)]
    [InlineData("127.0.0.2:5000", true)]
    [InlineData("[::1]:5000", true)]
    [InlineData("insecure.example:5000", true)]
    [InlineData("insecure.example:5001", false)]
    [InlineData("anyport.example:7", true)]
    [InlineData("10.9.8.7", true)]
    [InlineData("11.9.8.7", false)]
    public async Task Insecure_registries_may_speak_plain_http(string registry, bool insecure)
    {
        var endpoints = await Hosts(insecure: ["insecure.example:5000", "anyport.example", "10.0.0.0/8"]).ResolveAsync(registry);
        Assert.Equal(insecure ? [$"https://{registry}/v2/", $"http://{registry}/v2/"]
            : [$"https://{registry}/v2/"], endpoints.Select(endpoint => endpoint.Base.AbsoluteUri));
        Assert.Equal(insecure, endpoints[0].Tls.SkipVerify);
    }

    [Fact]
    public async Task A_hosts_file_is_understood()
    {
        Write("reg.example", "ca.pem", "");
        Write("reg.example", "hosts.toml", """
            server = "https://reg.example" # the registry itself

            [host."https://first.example:8443/sub"]
              capabilities = ["pull",
                'resolve']
              ca = "ca.pem"
              skip_verify = true
              dial_timeout = "500ms"
              [host."https://first.example:8443/sub".header]
                X-One = ["a", "b"]
            [host."http://second.example/own/path"]
              override_path = true
            """);
        var endpoints = await Hosts().ResolveAsync("reg.example");
        Assert.Equal(["https://first.example:8443/sub/v2/", "http://second.example/own/path/", "https://reg.example/v2/"],
            endpoints.Select(endpoint => endpoint.Base.AbsoluteUri));
        var first = endpoints[0];
        Assert.Equal((EndpointCapabilities.Pull | EndpointCapabilities.Resolve, true, TimeSpan.FromMilliseconds(500), "reg.example"),
            (first.Capabilities, first.Tls.SkipVerify, first.ConnectTimeout, first.Namespace));
        Assert.Equal([Path.Combine(_folder, "reg.example", "ca.pem")], first.Tls.AuthorityFiles);
        Assert.Equal([KeyValuePair.Create("X-One", "a"), KeyValuePair.Create("X-One", "b")], first.Headers);
        Assert.Equal((false, EndpointCapabilities.All), (endpoints[2].IsMirror, endpoints[2].Capabilities));
    }

    [Theory]
    [InlineData("server = \"ftp://x\"", "is no address")]
    [InlineData("[host.\"https://a\"]\nskip_verfy = true", "unknown key \"skip_verfy\"")]
    [InlineData("[host.\"https://a\"]\nskip_verify = \"true\"", "has to be true or false")]
    [InlineData("[host.\"https://a\"]\ncapabilities = [\"fly\"]", "unknown capability \"fly\"")]
    [InlineData("[host.\"https://a\"]\nca = \"nowhere.pem\"", "there is no file")]
    [InlineData("skip_verify = true", "needs a \"server\"")]
    [InlineData("server = \"https://a\"\nserver = \"https://b\"", "line 2: \"server\" is there twice")]
    [InlineData("a = { b = 1 }", "inline tables are not supported")]
    [InlineData("\na = \"open", "line 2: a string does not end")]
    [InlineData("[[host]]", "arrays of tables")]
    [InlineData("a = 1.5", "is no string, boolean, whole number or array")]
    [InlineData("a = [1", "']' is missing")]
    [InlineData("a = true b", "the line should end here")]
    public async Task A_hosts_file_that_is_not_understood_is_refused(string text, string expected)
    {
        Write("reg.example", "hosts.toml", text);
        var hosts = Hosts();
        var error = await Assert.ThrowsAsync<GantryException>(() => hosts.ResolveAsync("reg.example"));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("hosts.toml", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_without_its_key_is_refused()
    {
        Write("reg.example:5000", "a.cert", "");
        var hosts = Hosts();
        var error = await Assert.ThrowsAsync<GantryException>(() => hosts.ResolveAsync("reg.example:5000"));
        Assert.Equal("missing key a.key for client certificate a.cert. CA certificates must use the extension .crt", error.Message);
        Write("reg.example:5000", "a.key", "");
        Write("reg.example:5000", "ca.crt", "");
        var tls = (await hosts.ResolveAsync("reg.example:5000"))[0].Tls;
        Assert.Equal((1, 1), (tls.AuthorityFiles.Count, tls.ClientCertificates.Count));
    }

    [Theory]
    [InlineData("insecure", "http://x")]
    [InlineData("insecure", "1.2.3.4/99")]
    [InlineData("mirror", "mirror.example.com")]
    [InlineData("mirror", "https://user:p@mirror.example.com")]
    [InlineData("mirror", "https://mirror.example.com/path")]
    public void Malformed_options_are_refused(string option, string value) =>
        Assert.Throws<GantryException>(() => option == "insecure" ? Hosts(insecure: [value]) : Hosts(mirrors: [value]));

    private RegistryHosts Hosts(string[]? insecure = null, string[]? mirrors = null) =>
        new(new RegistryHostOptions { InsecureRegistries = insecure ?? [], RegistryMirrors = mirrors ?? [], Folders = [_folder] });

    private void Write(string host, string file, string text)
    {
        Directory.CreateDirectory(Path.Combine(_folder, host));
        File.WriteAllText(Path.Combine(_folder, host, file), text);
    }
}
