using Gantry.EndToEnd.Tests.Api;
using Gantry.EndToEnd.Tests.Harness;
using Gantry.Registry.Client.Tests.Server;

namespace Gantry.EndToEnd.Tests.Builds;

/// <summary>Builds whose contexts are no folders: archives, files from the web, repositories.</summary>
public sealed class RemoteContextTests : IClassFixture<Engine>, IAsyncLifetime
{
    private readonly Engine _engine;
    private readonly WorkFolder _work = new();
    private readonly TestHttpServer _web;
    private readonly string _address;

    public RemoteContextTests(Engine engine)
    {
        _engine = engine;
        _web = new TestHttpServer(request => File.Exists(_work.File(request.Path.TrimStart('/')))
            ? new TestResponse(200, File.ReadAllBytes(_work.File(request.Path.TrimStart('/')))) : TestResponse.Text(404, "not found"));
        _address = $"http://{_web.Authority}/";
        File.WriteAllText(_work.File("Dockerfile"), $"FROM {Engine.Image}\nLABEL from=first\n");
        File.WriteAllText(_work.File("Other"), $"FROM {Engine.Image}\nLABEL from=other\nCOPY Dockerfile /copied\n");
        Command.Run(["tar", "czf", _work.File("context.tar.gz"), "-C", _work.File(""), "Dockerfile", "Other"]).Succeeded();
    }

    private Client Gantry => _engine.Client("gantry");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _web.DisposeAsync();
        _work.Dispose();
    }

    [Theory]
    [InlineData("Dockerfile", "", "first")]
    [InlineData("Other?x=1", "Missing", "other")] // A file alone is the Dockerfile, whatever is asked for.
    [InlineData("context.tar.gz", "", "first")]
    [InlineData("context.tar.gz", "Other", "other")]
    public void A_file_or_an_archive_from_the_web_is_built(string file, string dockerfile, string label)
    {
        // One that would copy from a context that is not there.
        if (file.StartsWith("Other", StringComparison.Ordinal))
            File.WriteAllText(_work.File("Other"), $"FROM {Engine.Image}\nLABEL from=other\n");
        var answer = RawHttp.Post(_engine, $"/build?t=e2e-remote&dockerfile={dockerfile}&remote={Uri.EscapeDataString(_address + file)}");
        Assert.Contains("Successfully built", answer.Body, StringComparison.Ordinal);
        Assert.Equal(label, _engine.Docker.Inspect("e2e-remote", "{{.Config.Labels.from}}"));
        _engine.Docker.Run("rmi", "e2e-remote").Succeeded();
    }

    [Fact]
    public void A_repository_is_built()
    {
        Command.Run([
            "sh", "-c", $"cd {_work.File("")} && git init -q -b main repo.git && cp Dockerfile repo.git && cd repo.git && git add . && git -c user.name=a -c user.email=b@c commit -qm x && git update-server-info && mv .git/* ."]).Succeeded();
        var answer = RawHttp.Post(_engine, $"/build?t=e2e-remote&remote={Uri.EscapeDataString(_address + "repo.git#main")}");
        Assert.Contains("Successfully built", answer.Body, StringComparison.Ordinal);
        _engine.Docker.Run("rmi", "e2e-remote").Succeeded();
    }

    [Theory]
    [InlineData("", "first /x/Dockerfile /x/below/Dockerfile /x/module/inside")]
    [InlineData("#v1", "first /x/Dockerfile /x/below/Dockerfile /x/module/inside")]
    [InlineData("#main:below", "below /x/Dockerfile")]
    [InlineData("?tag=v1&subdir=below", "below /x/Dockerfile")]
    [InlineData("?branch=main&submodules=false", "first /x/Dockerfile /x/below/Dockerfile")]
    [InlineData("?commit=COMMIT", "first /x/Dockerfile /x/below/Dockerfile /x/module/inside")]
    public void A_repository_is_checked_out_with_its_submodules(string what, string expected)
    {
        var commit = MakeRepositories();
        var place = $"{_address}whole/.git{what.Replace("COMMIT", commit[..12], StringComparison.Ordinal)}";
        Gantry.Run("build", "-q", "-t", "e2e-remote", place).Succeeded();
        var files = _engine.Docker.Text("run", "--rm", "e2e-remote", "find", "/x", "-type", "f").Split('\n')
            .Where(static file => !file.EndsWith("/.gitmodules", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        Assert.Equal(expected, $"{_engine.Docker.Inspect("e2e-remote", "{{.Config.Labels.from}}")} {string.Join(' ', files)}");
        _engine.Docker.Run("rmi", "e2e-remote").Succeeded();
    }

    [Fact]
    public void A_repository_can_be_held_to_a_commit()
    {
        var commit = MakeRepositories();
        var refused = Gantry.Run("build", $"{_address}whole/.git?tag=v1&commit=0123456789");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"expected checksum to match 0123456789, got {commit}", refused.Error, StringComparison.Ordinal);
        Assert.Contains("unexpected query \"nope\"", Gantry.Run("build", $"{_address}whole/.git?nope=1").Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cat")]
    [InlineData("gzip")]
    [InlineData("bzip2")]
    [InlineData("xz")]
    public void An_archive_comes_by_the_standard_input_links_that_lead_out_and_all(string compression)
    {
        File.WriteAllText(_work.File("Dockerfile"), $"FROM {Engine.Image}\nCOPY . /x\n");
        File.WriteAllText(_work.File(".dockerignore"), "Other\n");
        Command.Run([
            "sh", "-c", $"cd {_work.File("")} && ln -sf ../../up up && ln -sf /bin/busybox sh && tar c Dockerfile .dockerignore Other up sh | {compression} > sent"]).Succeeded();
        Gantry.RunWithInput(File.ReadAllBytes(_work.File("sent")), "build", "-q", "-t", "e2e-sent", "-").Succeeded();
        Assert.Equal("/x/.dockerignore\n/x/Dockerfile\n/x/sh\n/x/up", _engine.Docker.Text("run", "--rm", "e2e-sent", "sh", "-c", "find /x -mindepth 1 | sort"));
        Assert.Equal("../../up\n/bin/busybox", _engine.Docker.Text("run", "--rm", "e2e-sent", "sh", "-c", "readlink /x/up; readlink /x/sh"));
        _engine.Docker.Run("rmi", "e2e-sent").Succeeded();
    }

    [Fact]
    public void What_is_no_archive_after_all_is_told()
    {
        var broken = new byte[3 << 20];
        new Random(1).NextBytes(broken);
        (broken[0], broken[1]) = (0x1f, 0x8b);
        var refused = Gantry.RunWithInput(broken, "build", "-");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("the build context is no proper tar archive", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("folder")]
    [InlineData("whole/.git")]
    [InlineData("folder.tar")]
    public void A_named_context_is_a_base_and_a_source(string place)
    {
        MakeRepositories();
        File.WriteAllText(_work.File("Dockerfile"), $"FROM files\nCOPY --from=files /below/Dockerfile /copied\nFROM {Engine.Image}\nCOPY --from=0 / /x\n");
        Command.Run(["sh", "-c", $"cd {_work.File("")} && mkdir -p folder/below empty && cp Other folder/below/Dockerfile && tar cf folder.tar -C folder ."])
            .Succeeded();
        var files = place == "folder" ? _work.File("folder") : _address + place;
        Gantry.Run("build", "-q", "-t", "e2e-named", "--build-context", $"files={files}", "-f", _work.File("Dockerfile"), _work.File("empty")).Succeeded();
        _engine.Docker.Text("run", "--rm", "e2e-named", "cmp", "/x/copied", "/x/below/Dockerfile");
        _engine.Docker.Run("rmi", "e2e-named").Succeeded();
    }

    [Fact]
    public void What_is_not_there_is_told()
    {
        Assert.Contains("remoteURL (somewhere) could not be recognized as URL", RawHttp.Post(_engine, "/build?remote=somewhere").Body,
            StringComparison.Ordinal);
        var missing = RawHttp.Post(_engine, $"/build?remote={Uri.EscapeDataString(_address + "missing")}");
        Assert.Equal(404, missing.Status);
        Assert.Contains("404", missing.Body, StringComparison.Ordinal);
    }

    /// <summary>A repository with a folder, a tag and a submodule, as files of a server that knows nothing of git.</summary>
    private string MakeRepositories()
    {
        const string git = "git -c user.name=a -c user.email=b@c -c protocol.file.allow=always";
        return Command.Shell($"""
            set -e; cd {_work.File("")}
            git init -q -b main module && cd module && touch inside && git add . && {git} commit -qm x && git update-server-info && cd ..
            git init -q -b main whole && cd whole && mkdir below
            printf 'FROM {Engine.Image}\nLABEL from=first\nCOPY . /x\n' > Dockerfile
            printf 'FROM {Engine.Image}\nLABEL from=below\nCOPY . /x\n' > below/Dockerfile
            {git} submodule add -q {_address}module/.git module
            git add . && {git} commit -qm x && git tag v1 && git update-server-info && git rev-parse HEAD
            """).Trim();
    }
}
