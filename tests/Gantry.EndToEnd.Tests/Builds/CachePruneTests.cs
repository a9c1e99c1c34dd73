using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Builds;

/// <summary>What builds leave on the disk can be seen, and removed: results, the folders of cache mounts, what was sent of contexts.</summary>
[Trait("Only", "Gantry")]
public sealed class CachePruneTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private const string Image = "e2e-prune:latest";
    private readonly WorkFolder _work = new();

    public void Dispose()
    {
        engine.Docker.Run("rmi", "-f", Image);
        engine.Docker.Run("builder", "prune", "-af").Succeeded();
        _work.Dispose();
    }

    [Fact]
    public void Everything_is_listed_and_nothing_stays()
    {
        Build();
        Assert.Equal(["exec.cachemount", "regular", "source.local"], Kinds());
        var mount = Gantry.Text("buildx", "du", "--verbose", "--filter", "type=exec.cachemount");
        Assert.Contains("cached mount /cache from exec /bin/sh -c", mount, StringComparison.Ordinal);
        Assert.Contains("Size:\t\t3.", mount, StringComparison.Ordinal);
        Assert.Contains("Build Cache", engine.Docker.Text("system", "df"), StringComparison.Ordinal);
        // What an image has as well stays, unless everything is to go.
        engine.Docker.Run("builder", "prune", "-f").Succeeded();
        Assert.Equal(["regular"], Kinds());
        engine.Docker.Run("builder", "prune", "-af").Succeeded();
        Assert.Empty(Kinds());
        Assert.Equal("", Command.Shell($"find '{Builder}/mounts' '{Builder}/files' '{Builder}/contexts' '{Builder}/cache' -type f"));
        // The next build begins anew.
        Assert.Contains("new cache", Build(), StringComparison.Ordinal);
        Assert.Equal("text", engine.Docker.Text("run", "--rm", Image, "cat", "/file"));
    }

    [Fact]
    public void Filters_choose()
    {
        Build();
        var removed = Gantry.Text("buildx", "prune", "-f", "--filter", "type=exec.cachemount");
        Assert.Matches(@"^ID +RECLAIMABLE +SIZE +LAST ACCESSED\n[0-9a-f]{25}\* +true +3\.[0-9]+MB +.*\nTotal:\t3\.[0-9]+MB$", removed);
        Assert.Equal(["regular", "source.local"], Kinds());
        foreach (var bound in (string[][])[["--filter", "until=1h"], ["--max-used-space", "1GB"], ["--reserved-space", "1GB"], ["--min-free-space", "1"]])
            Assert.Equal("Total:\t0B", Gantry.Text(["buildx", "prune", "-af", .. bound]));
        Assert.Contains("invalid filter 'color'", Gantry.Run("buildx", "prune", "-f", "--filter", "color=red").ExitsWithFailure().Error,
            StringComparison.Ordinal);
        var id = Gantry.Text("buildx", "du", "--format", "{{.ID}}", "--filter", "type=regular").Split('\n')[0];
        Gantry.Run("buildx", "prune", "-af", "--filter", $"id={id}").Succeeded();
        Assert.DoesNotContain(id, Gantry.Text("buildx", "du", "--format", "{{.ID}}"), StringComparison.Ordinal);
        Assert.Contains("source.local", Kinds());
    }

    [Fact]
    public void A_mount_that_a_step_uses_stays()
    {
        File.WriteAllText(_work.File("Dockerfile"),
            $"FROM {Engine.Image}\nRUN --mount=type=cache,target=/cache touch /cache/begun && echo it has begun | tr a-z A-Z && while [ ! -e /cache/end ]; do sleep 0.05; done\n");
        using var build = Gantry.Start("build", "--progress", "plain", "-t", Image, _work.Path);
        Eventually.True(() => Used().Contains("exec.cachemount false", StringComparison.Ordinal), () => $"no mount is shown as used:\n{Used()}\n{build.Error}");
        Eventually.True(() => (build.Output + build.Error).Contains("IT HAS BEGUN", StringComparison.Ordinal), () => "the step did not begin");
        engine.Docker.Run("builder", "prune", "-af").Succeeded();
        Command.Shell($"for mount in '{Builder}'/mounts/*/; do touch $mount/end; done");
        build.Wait().Succeeded();
    }

    [Fact]
    public void Rules_of_the_settings_hold_as_soon_as_they_are_read()
    {
        var settings = _work.File("daemon.json");
        File.WriteAllText(settings, "{}");
        using var own = new Engine(null, ["--config-file", settings]);
        Directory.CreateDirectory(_work.File("context"));
        File.WriteAllText(_work.File("context/file"), "text");
        File.WriteAllText(_work.File("context/Dockerfile"),
            $"FROM {Engine.Image}\nCOPY file /file\nRUN --mount=type=cache,target=/cache dd if=/dev/zero of=/cache/x bs=1M count=3\n");
        var gantry = own.Client("gantry");
        gantry.Run("build", "-t", Image, _work.File("context")).Succeeded();
        Assert.Equal("exec.cachemount regular source.local", Left());
        foreach (var (rules, left) in ((string, string)[])
            [
                ("{\"filter\":[\"type=exec.cachemount\",\"unused-for=24h\"]},{\"keepStorage\":\"1gb\"}", "exec.cachemount regular source.local"),
                ("{\"keepStorage\":\"1gb\"},{\"filter\":[\"type=exec.cachemount\"],\"maxUsedSpace\":\"1mb\"}", "regular source.local"),
                ("{\"all\":true}", ""),
            ])
        {
            File.WriteAllText(settings, $"{{\"builder\":{{\"gc\":{{\"policy\":[{rules}]}}}},\"labels\":[\"left={left.Length}\"]}}");
            Command.Run(["kill", "-HUP", $"{own.Daemon.Pid}"]).Succeeded();
            Eventually.True(() => own.Docker.Text("info", "--format", "{{.Labels}}") == $"[left={left.Length}]", () => own.Daemon.ReadLog());
            Eventually.True(() => Left() == left, () => $"instead of '{left}' there is '{Left()}'");
        }

        string Left() =>
            string.Join(' ', gantry.Text("buildx", "du", "--format", "{{.Type}}").Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct()
                .Order(StringComparer.Ordinal));
    }

    private Client Gantry => engine.Client("gantry");

    private string Builder => Path.Combine(engine.Daemon.Root, "build");

    private string Used() => Gantry.Text("buildx", "du", "--format", "{{.Type}} {{.Reclaimable}}");

    private IEnumerable<string> Kinds() =>
        Gantry.Text("buildx", "du", "--format", "{{.Type}}").Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Order(StringComparer.Ordinal);

    private string Build()
    {
        File.WriteAllText(_work.File("file"), "text\n");
        File.WriteAllText(_work.File("Dockerfile"),
            $"FROM {Engine.Image}\nCOPY file /file\nRUN --mount=type=cache,target=/cache if [ ! -e /cache/x ]; then echo new cache; dd if=/dev/zero of=/cache/x bs=1M count=3; fi\n");
        var result = Gantry.Run("build", "--progress", "plain", "-t", Image, _work.Path).Succeeded();
        return result.Output + result.Error;
    }
}
