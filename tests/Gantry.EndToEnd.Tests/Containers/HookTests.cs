using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Containers;

/// <summary>Hooks of described devices: programs of the host, and of the container, at the points of its life that the runtime specification names.</summary>
[Trait("Only", "Gantry")]
public sealed class HookTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-e2e-hooks-").FullName;
    private readonly Engine _engine;

    public HookTests()
    {
        Directory.CreateDirectory(Out);
        _engine = new Engine(null, ["--cdi-spec-dir", _folder]);
    }

    private string Out => Path.Combine(_folder, "out");

    private Client Docker => _engine.Docker;

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Each_runs_at_its_point_with_the_state_that_is_true_there()
    {
        // createContainer works in the container's root, with its mounts there, as those that link libraries and write caches of them do.
        const string furnish =
            "cat >\"$OUT/createContainer\"; ln -s lib.so.1 usr/lib/lib.so && echo cache >etc/ld.so.cache && cp proc/version etc/mounted && pwd >etc/at && readlink /proc/self/ns/uts >etc/uts";
        Describe(
            Hook("prestart", "cat >\"$OUT/prestart\"; readlink /proc/self/ns/mnt >\"$OUT/mnt\""),
            Hook("createRuntime",
                "cat >\"$OUT/createRuntime\"; ls \"$(sed -n 's/.*\"path\": \"\\(.proc[^\"]*\\)\".*/\\1/p' \"$BUNDLE/config.json\")/bin/busybox\" >\"$OUT/seen\"", needsBundle: true),
            Hook("createContainer", "mkdir -p usr/lib; " + furnish),
            """{"hookName":"startContainer","path":"/bin/sh","args":["sh","-c","cat >/state; id -u >/who; grep CapEff /proc/self/status >/caps; cat /proc/1/comm >/first"]}""",
            Hook("poststart", "cat >\"$OUT/poststart\""),
            Hook("poststop", "cat >\"$OUT/poststop\""));
        var name = _engine.NewName();
        Docker.Run("run", "-d", "--name", name, "--annotation", "a.b=c", "--device", "vendor.com/thing=one", Engine.Image, "sleep", "600").Succeeded();
        var (id, pid) = (Docker.Inspect(name, "{{.Id}}"), int.Parse(Docker.Inspect(name, "{{.State.Pid}}"), CultureInfo.InvariantCulture));

        Assert.Equal(
            ["lib.so.1", "cache", "/etc/at: rootfs", "version"],
            Docker.Run("exec", name, "sh", "-c",
                "readlink /usr/lib/lib.so; cat /etc/ld.so.cache; grep -q /rootfs$ /etc/at && echo /etc/at: rootfs; cmp -s /etc/mounted /proc/version && echo version").Succeeded().Lines);
        Assert.Equal(Docker.Text("exec", name, "readlink", "/proc/self/ns/uts"), Docker.Text("exec", name, "cat", "/etc/uts"));
        Assert.Equal(File.ResolveLinkTarget("/proc/self/ns/mnt", false)!.Name, File.ReadAllText(Path.Combine(Out, "mnt")).Trim());
        Assert.EndsWith("/bin/busybox\n", File.ReadAllText(Path.Combine(Out, "seen")), StringComparison.Ordinal);
        AssertState("prestart", "creating", pid);
        AssertState("createRuntime", "creating", pid);
        AssertState("createContainer", "creating", 1);
        AssertState("poststart", "running", pid);

        // startContainer is the container's own program: it gets no more than the container has.
        var inside = Docker.Run("exec", name, "sh", "-c", "cat /state; echo; cat /who /caps /first; grep CapEff /proc/1/status").Succeeded().Lines;
        Assert.Equal(("created", 1), ((string)JsonNode.Parse(inside[0])!["status"]!, (int)JsonNode.Parse(inside[0])!["pid"]!));
        Assert.Equal("0", inside[1]);
        Assert.Equal(inside[4], inside[2]);

        Docker.Run("rm", "-f", name).Succeeded();
        AssertState("poststop", "stopped", null);

        void AssertState(string kind, string status, int? expected)
        {
            var state = JsonNode.Parse(File.ReadAllText(Path.Combine(Out, kind)))!;
            Assert.Equal((id, status, expected, "c"),
                ((string)state["id"]!, (string)state["status"]!, (int?)state["pid"], (string)state["annotations"]!["a.b"]!));
        }
    }

    [Theory]
    [InlineData("prestart"), InlineData("createRuntime"), InlineData("createContainer")]
    public void One_that_fails_is_the_failure_of_the_start(string kind)
    {
        Describe(Hook(kind, "echo out; echo why >&2; exit 3"), Hook("poststop", "touch \"$OUT/over\""));
        var name = _engine.NewName();
        Docker.Run("create", "--name", name, "--device", "vendor.com/thing=one", Engine.Image, "true").Succeeded();
        Assert.Contains(
            $"unable to start container process: error during container init: error running {kind} hook #0: exit status 3, stdout: out\n, stderr: why",
            Docker.Run("start", name).ExitsWith(1).Error, StringComparison.Ordinal);
        Assert.Equal("created 128 0", Docker.Inspect(name, "{{.State.Status}} {{.State.ExitCode}} {{.State.Pid}}"));
        Assert.True(File.Exists(Path.Combine(Out, "over")));
        AssertNothingIsHeld();
    }

    [Fact]
    public void One_in_the_container_that_fails_or_is_missing_is_the_failure_of_the_start()
    {
        Describe("""{"hookName":"startContainer","path":"/bin/sh","args":["sh","-c","echo inside >&2; exit 4"]}""");
        Assert.Contains("error running startContainer hook #0: exit status 4, stdout: , stderr: inside", Run().ExitsWith(125).Error, StringComparison.Ordinal);
        Describe("""{"hookName":"startContainer","path":"/no/such"}""");
        Assert.Contains("error running startContainer hook #0: fork/exec /no/such: no such file or directory", Run().ExitsWith(127).Error,
            StringComparison.Ordinal);
        Describe("""{"hookName":"createRuntime","path":"/no/such"}""");
        Assert.Contains("error running createRuntime hook #0: fork/exec /no/such: no such file or directory", Run().ExitsWith(127).Error,
            StringComparison.Ordinal);
        AssertNothingIsHeld();
    }

    [Fact]
    public void One_that_takes_too_long_is_killed()
    {
        Describe(Hook("createContainer", "exec sleep 600", timeout: 1));
        Assert.Contains("error running createContainer hook #0: hook ran past specified timeout of 1.0s", Run().ExitsWith(125).Error, StringComparison.Ordinal);
        AssertNothingIsHeld();
    }

    [Fact]
    public void One_that_fails_after_the_start_ends_the_container()
    {
        Describe(Hook("poststart", "echo late >&2; exit 5"));
        var name = _engine.NewName();
        Docker.Run("create", "--name", name, "--device", "vendor.com/thing=one", Engine.Image, "sleep", "600").Succeeded();
        for (var i = 0; i < 2; i++)
            Assert.Contains("runc create failed: error running poststart hook #0: exit status 5, stdout: , stderr: late",
                Docker.Run("start", name).ExitsWith(1).Error, StringComparison.Ordinal);
        Assert.Equal("created 0", Docker.Inspect(name, "{{.State.Status}} {{.State.Pid}}"));
        AssertNothingIsHeld();
    }

    [Fact]
    public void One_that_fails_at_the_end_is_logged_and_the_end_is_the_end()
    {
        Describe(Hook("poststop", "echo gone >&2; exit 6"), Hook("poststop", "touch \"$OUT/second\""));
        Run().Succeeded();
        Assert.True(File.Exists(Path.Combine(Out, "second")));
        Assert.Contains("error running poststop hook #0: exit status 6, stdout: , stderr: gone", _engine.Daemon.ReadLog(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("createContainer", false), InlineData("createContainer", true), InlineData("startContainer", false)]
    public void A_daemon_or_keeper_that_is_killed_meanwhile_leaves_no_process_that_waits(string kind, bool keeper)
    {
        Describe(kind == "startContainer"
            ? """{"hookName":"startContainer","path":"/bin/sh","args":["sh","-c","echo > /tmp/there/here; exec sleep 600"]}"""
            : Hook(kind, "touch \"$OUT/here\"; exec sleep 3"));
        var name = _engine.NewName();
        Docker.Run("create", "--name", name, "-v", Out + ":/tmp/there", "--device", "vendor.com/thing=one", Engine.Image, "sleep", "601").Succeeded();
        using var start = Docker.Start("start", name);
        Eventually.True(() => File.Exists(Path.Combine(Out, "here")), () => "the hook was not run");
        if (keeper)
        {
            Command.Run(["sh", "-c", $"kill -KILL {_engine.Daemon.KeeperPids[0]}"]).Succeeded();
            Assert.NotEqual(0, start.Wait().ExitCode);
        }
        else
        {
            _engine.Daemon.Kill();
            _engine.Daemon.Restart();
        }
        AssertNothingIsHeld();
        Describe(Hook("createContainer", "true"));
        Eventually.True(() => Docker.Run("start", name).ExitCode == 0, () => Docker.Run("start", name).Error);
        Assert.Equal("running", Docker.Inspect(name, "{{.State.Status}}"));
    }

    [Fact]
    public void A_daemon_that_comes_later_knows_what_follows_the_end()
    {
        Describe(Hook("poststop", "echo x >>\"$OUT/stopped\""));
        var (seen, unseen) = (_engine.NewName(), _engine.NewName());
        Docker.Run("run", "-d", "--name", seen, "--device", "vendor.com/thing=one", Engine.Image, "sleep", "600").Succeeded();
        Docker.Run("run", "-d", "--name", unseen, "--device", "vendor.com/thing=one", Engine.Image, "sleep", "1").Succeeded();
        _engine.Daemon.Kill();
        var clock = Stopwatch.StartNew();
        while (clock.ElapsedMilliseconds < 1500) Thread.Sleep(50);
        Assert.False(File.Exists(Path.Combine(Out, "stopped")));
        _engine.Daemon.Restart();
        Assert.Equal("0", Docker.Text("wait", unseen));
        Assert.Equal("x\n", File.ReadAllText(Path.Combine(Out, "stopped")));
        Docker.Run("kill", seen).Succeeded();
        Docker.Run("wait", seen).Succeeded();
        Assert.Equal("x\nx\n", File.ReadAllText(Path.Combine(Out, "stopped")));
    }

    [Fact]
    public void They_run_for_a_container_in_the_pid_namespace_of_another()
    {
        Describe(Hook("createContainer", "cat >\"$OUT/state\"; touch made"));
        var other = _engine.RunShell("sleep 600");
        var result = Docker.Run("run", "--rm", "--pid", "container:" + other, "--device", "vendor.com/thing=one", Engine.Image, "sh", "-c", "ls /made; echo $$")
            .Succeeded();
        Assert.Equal("/made", result.Lines[0]);
        Assert.Equal(result.Lines[1], ((int)JsonNode.Parse(File.ReadAllText(Path.Combine(Out, "state")))!["pid"]!).ToString(CultureInfo.InvariantCulture));
    }

    private CommandResult Run() => Docker.Run("run", "--rm", "--device", "vendor.com/thing=one", Engine.Image, "true");

    /// <summary>Nothing is in the cgroup of any container: no process that waits, no hook that is confined as one.</summary>
    private void AssertNothingIsHeld() => Eventually.True(() => Held().Count == 0, () => "held: " + string.Join(", ", Held()));

    private List<string> Held()
    {
        var containers = MachineState.EngineCgroup(_engine.Daemon.Root) + "/";
        return [.. Directory.EnumerateDirectories("/proc")
            .Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]) && Cgroups(folder).Contains(containers, StringComparison.Ordinal))];
    }

    private static string Cgroups(string process)
    {
        try
        {
            return File.ReadAllText(process + "/cgroup");
        }
        catch (IOException)
        {
            return ""; // It has ended.
        }
    }

    private string Hook(string kind, string script, int? timeout = null, bool needsBundle = false)
    {
        // The bundle is known from the state alone: the state is kept, and given on.
        var whole = needsBundle ? "S=$(cat); BUNDLE=$(echo \"$S\" | sed 's/.*\"bundle\":\"\\([^\"]*\\)\".*/\\1/'); echo \"$S\" | (" + script + ")" : script;
        var hook = new JsonObject { ["hookName"] = kind, ["path"] = "/bin/sh", ["args"] = new JsonArray("sh", "-c", whole),
            ["env"] = new JsonArray("OUT=" + Out, "PATH=/usr/bin:/bin") };
        if (timeout is not null)
            hook["timeout"] = timeout;
        return hook.ToJsonString();
    }

    private void Describe(params string[] hooks) => File.WriteAllText(
        Path.Combine(_folder, "thing.json"), """{"cdiVersion":"0.6.0","kind":"vendor.com/thing","devices":[{"name":"one","containerEdits":{"hooks":["""
            + string.Join(',', hooks) + "]}}]}");
}
