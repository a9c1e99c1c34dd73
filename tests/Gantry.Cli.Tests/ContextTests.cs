using Gantry.Client.Tests;

namespace Gantry.Cli.Tests;

/// <summary>Named endpoints, in docker's own files.</summary>
public sealed class ContextTests : IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_context_is_made_used_and_forgotten()
    {
        using var daemon = new FakeDaemon(static (_, connection) => connection.Send(FakeDaemon.Response(200, "[]")) > 0);

        Assert.Equal((0, "far\n", "Successfully created context \"far\"\n"),
            await RunAsync("context", "create", "far", "--description", "d", "--docker", "host=" + daemon.Address));
        Assert.Equal((1, "", "context \"far\" already exists\n"), await RunAsync("context", "create", "far", "--docker", "host=unix:///x"));
        Assert.Equal((0, "default\nfar\n", ""), await RunAsync("context", "ls", "-q"));
        Assert.Equal((0, "default\n", ""), await RunAsync("context", "show"));
        Assert.Equal((0, "", ""), await RunAsync("--context", "far", "ps", "-q"));
        Assert.Equal((0, "far\n", "Current context is now \"far\"\n"), await RunAsync("context", "use", "far"));
        Assert.Equal((0, "", ""), await RunAsync("ps", "-q"));
        Assert.Equal(2, daemon.Requests.Count);
        Assert.Equal((0, "far d\n", ""), await RunAsync("context", "inspect", "-f", "{{.Name}} {{.Metadata.Description}}"));
        Assert.Equal((1, "", "context \"far\" is in use, set -f flag to force remove\n"), await RunAsync("context", "rm", "far"));
        Assert.Equal((0, "far\n", ""), await RunAsync("context", "rm", "-f", "far"));
        Assert.Equal((0, "default\n", ""), await RunAsync("context", "ls", "--format", "{{.Name}}"));
        Assert.DoesNotContain("currentContext", _folder.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exported_context_comes_back_with_its_certificates()
    {
        var archive = Path.Combine(_folder.FullPath, "a.dockercontext");
        var authority = Path.Combine(_folder.FullPath, "authority.pem");
        await File.WriteAllTextAsync(authority, "certificate");
        Assert.Equal(0, (await RunAsync("context", "create", "one", "--docker", $"host=tcp://h:2376,ca={authority}")).ExitCode);

        Assert.Equal((0, "", $"Written file \"{archive}\"\n"), await RunAsync("context", "export", "one", archive));
        Assert.Equal((0, "two\n", "Successfully imported context \"two\"\n"), await RunAsync("context", "import", "two", archive));

        Assert.Equal((0, "tcp://h:2376 [ca.pem]\n", ""),
            await RunAsync("context", "inspect", "two", "--format", "{{.Endpoints.docker.Host}} {{.TLSMaterial.docker}}"));
    }

    [Theory]
    [InlineData("context create default --docker host=unix:///x", "\"default\" is a reserved context name\n")]
    [InlineData("context create x:y --docker host=unix:///x",
        "context name \"x:y\" is invalid, names are validated against regexp \"^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$\"\n")]
    [InlineData("context create far --docker nosuch=1", "unrecognized config key: nosuch\n")]
    [InlineData("context create far", "docker endpoint configuration is required\n")]
    [InlineData("context rm default", "context \"default\" cannot be removed\n")]
    [InlineData("context rm nosuch", "context \"nosuch\" does not exist\n")]
    public async Task What_cannot_be_is_refused_in_docker_s_words(string command, string error) =>
        Assert.Equal((1, "", error), await RunAsync(command.Split(' ')));

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        CommandRunner.RunAsync(arguments, environment: _folder.Environment);
}
