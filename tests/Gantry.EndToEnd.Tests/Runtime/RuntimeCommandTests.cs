using System.Text.Json.Nodes;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Runtime;

/// <summary>gantry-runtime by itself, as containerd or a person would call runc.</summary>
public sealed class RuntimeCommandTests
{
    [Fact]
    public void Run_passes_streams_and_exit_code()
    {
        using var bundle = new Bundle("sh", "-c", "echo out; echo err >&2; exit 13");
        var result = bundle.Runtime("run", "--bundle", bundle.Path, bundle.NewId()).ExitsWith(13);
        Assert.Equal(("out\n", "err\n"), (result.Output, result.Error));
        Assert.Equal("", bundle.Runtime("list", "-q").Text);
    }

    [Fact]
    public void A_container_goes_from_created_to_running_to_stopped_to_gone()
    {
        using var bundle = new Bundle("sh", "-c", "echo started; while [ ! -e /proc/1/root/stop ]; do sleep 0.02; done; echo ended");
        bundle.Change(spec => spec["root"]!["readonly"] = false);
        var (id, output) = (bundle.NewId(), bundle.SeenHere + "/output");
        bundle.Create(id, output).Succeeded();
        var state = bundle.State(id);
        Assert.Equal((id, "created", bundle.Path), ((string)state["id"]!, (string)state["status"]!, (string)state["bundle"]!));
        Assert.True(Directory.Exists($"/proc/{(int)state["pid"]!}"));
        Assert.Equal("", File.ReadAllText(output));

        bundle.Runtime("start", id).Succeeded();
        Eventually.Equal("started\n", () => File.ReadAllText(output));
        Assert.Equal("running", bundle.Status(id));
        Assert.Equal(id, bundle.Runtime("list", "-q").Text);
        Assert.Contains("sh -c", bundle.Runtime("ps", id).Text, StringComparison.Ordinal);

        Assert.Equal("inside\n", bundle.Runtime("exec", id, "sh", "-c", "echo inside; touch /stop").Succeeded().Output);
        Eventually.Equal("stopped", () => bundle.Status(id));
        Assert.Equal("started\nended\n", File.ReadAllText(output));
        bundle.Runtime("delete", id).Succeeded();
        Assert.Contains("container does not exist", bundle.Runtime("state", id).ExitsWith(1).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--root=", "Option --root argument should not be set to /")]
    [InlineData("--root=/", "Option --root argument should not be set to /")]
    [InlineData("--log=/", "open /: is a directory")]
    [InlineData("--log=", "container does not exist")]
    [InlineData("--log-format=x", "invalid log-format: x")]
    public void Options_before_the_command_are_checked(string option, string message)
    {
        using var bundle = new Bundle("true");
        Assert.Contains(message, bundle.Runtime(option, "state", bundle.NewId()).ExitsWith(1).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_running_container_is_deleted_only_by_force()
    {
        using var bundle = new Bundle("sleep", "600");
        var id = bundle.NewId();
        Start(bundle, id);
        var pid = (int)bundle.State(id)["pid"]!;
        Assert.Contains("is not stopped: running", bundle.Runtime("delete", id).ExitsWith(1).Error, StringComparison.Ordinal);
        bundle.Runtime("delete", "--force", id).Succeeded();
        Assert.False(Directory.Exists($"/proc/{pid}") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z", StringComparison.Ordinal));
        bundle.Runtime("delete", "--force", id).Succeeded();
    }

    [Fact]
    public void Kill_sends_a_signal()
    {
        using var bundle = new Bundle("sleep", "600");
        var id = bundle.NewId();
        Start(bundle, id);
        bundle.Runtime("kill", id, "KILL").Succeeded();
        Eventually.Equal("stopped", () => bundle.Status(id));
        Assert.Contains("container not running", bundle.Runtime("kill", id, "TERM").ExitsWith(1).Error, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Only", "Gantry")]
    public void Kill_all_reaches_every_process()
    {
        using var bundle = new Bundle("sh", "-c",
            "trap 'echo first' USR1; sh -c 'trap \"echo second; exit\" USR1; echo ready; while :; do sleep 0.02; done' & while :; do sleep 0.02; done");
        var (id, output) = (bundle.NewId(), bundle.SeenHere + "/output");
        bundle.Create(id, output).Succeeded();
        bundle.Runtime("start", id).Succeeded();
        Eventually.Equal(true, () => File.ReadAllText(output).Contains("ready", StringComparison.Ordinal));
        bundle.Runtime("kill", "--all", id, "USR1").Succeeded();
        Eventually.Equal("first|second", () =>
            string.Join('|', File.ReadAllLines(output).Where(line => line is "first" or "second").Order(StringComparer.Ordinal)));
    }

    [Fact]
    [Trait("Only", "Gantry")]
    public void Debug_goes_to_the_log()
    {
        using var bundle = new Bundle("true");
        bundle.Runtime("--debug", "--log", bundle.Path + "/log", "run", "--bundle", bundle.Path, bundle.NewId()).Succeeded();
        Assert.Contains("level=debug msg=\"run ends with exit code 0\"", File.ReadAllText(bundle.SeenHere + "/log"), StringComparison.Ordinal);
    }

    [Fact]
    public void Pause_and_resume()
    {
        using var bundle = new Bundle("sleep", "600");
        var id = bundle.NewId();
        Start(bundle, id);
        bundle.Runtime("pause", id).Succeeded();
        Assert.Equal("paused", bundle.Status(id));
        bundle.Runtime("resume", id).Succeeded();
        Assert.Equal("running", bundle.Status(id));
    }

    [Fact]
    public void Exec_has_user_folder_variables_and_exit_code()
    {
        using var bundle = new Bundle("sleep", "600");
        var id = bundle.NewId();
        Start(bundle, id);
        var result = bundle.Runtime("exec", "--user", "1000:1001", "--cwd", "/tmp", "--env", "K=V", id, "sh", "-c", "echo $(id -u) $(id -g) $(pwd) $K; exit 9")
            .ExitsWith(9);
        Assert.Equal("1000 1001 /tmp V\n", result.Output);
    }

    [Fact]
    public void The_process_is_what_the_document_says()
    {
        using var bundle = new Bundle("sh", "-c",
            "id -u; id -g; id -G; pwd; hostname; echo $K; awk '/^(CapEff|CapBnd|NoNewPrivs):/ {print $2}' /proc/self/status; ulimit -Sn; cat /proc/self/oom_score_adj");
        bundle.Change(spec =>
        {
            var process = spec["process"]!;
            process["user"] = JsonNode.Parse("""{"uid":1000,"gid":1001,"additionalGids":[5,6]}""");
            process["cwd"] = "/tmp";
            process["env"] = JsonNode.Parse("""["PATH=/bin","K=V"]""");
            process["capabilities"] = JsonNode.Parse(
                """{"bounding":["CAP_KILL"],"effective":["CAP_KILL"],"permitted":["CAP_KILL"],"inheritable":["CAP_KILL"],"ambient":["CAP_KILL"]}""");
            process["noNewPrivileges"] = true;
            process["rlimits"] = JsonNode.Parse("""[{"type":"RLIMIT_NOFILE","soft":200,"hard":300}]""");
            process["oomScoreAdj"] = 100;
            spec["hostname"] = "a-host";
        });
        Assert.Equal("1000|1001|1001 5 6|/tmp|a-host|V|0000000000000020|0000000000000020|1|200|100",
            string.Join('|', bundle.Runtime("run", "--bundle", bundle.Path, bundle.NewId()).Lines));
    }

    [Fact]
    public void Namespaces_are_those_of_the_document()
    {
        using var bundle = new Bundle("sh", "-c", "for n in pid net ipc mnt uts cgroup; do readlink /proc/self/ns/$n; done");
        bundle.Change(spec =>
        {
            var list = (JsonArray)spec["linux"]!["namespaces"]!;
            foreach (var entry in list.Where(entry => (string)entry!["type"]! == "network").ToList()) list.Remove(entry);
        });
        var inside = bundle.Runtime("run", "--bundle", bundle.Path, bundle.NewId()).Lines;
        string Here(string name) => Path.GetFileName(new FileInfo($"/proc/self/ns/{name}").LinkTarget!);
        Assert.Equal(Here("net"), inside[1]);
        Assert.DoesNotContain(Here("pid"), inside);
        Assert.DoesNotContain(Here("mnt"), inside);
        Assert.DoesNotContain(Here("uts"), inside);
    }

    [Fact]
    public void An_ID_is_given_once()
    {
        using var bundle = new Bundle("sleep", "600");
        var id = bundle.NewId();
        Start(bundle, id);
        Assert.Contains("container with given ID already exists", bundle.Runtime("run", "--bundle", bundle.Path, id).ExitsWith(1).Error,
            StringComparison.Ordinal);
        Assert.Equal("running", bundle.Status(id));
    }

    [Fact]
    public void The_PID_is_written_to_a_file()
    {
        using var bundle = new Bundle("sleep", "600");
        var id = bundle.NewId();
        Command.Run(["sh", "-c", "\"$@\" >/dev/null 2>&1 </dev/null", "sh", .. TestEnvironment.PeerRuntime ?? [TestEnvironment.GantryRuntime], "--root",
            bundle.Path + "/state", "run", "--detach", "--pid-file", bundle.Path + "/pid", "--bundle", bundle.Path, id]).Succeeded();
        Assert.Equal(((int)bundle.State(id)["pid"]!).ToString(System.Globalization.CultureInfo.InvariantCulture), File.ReadAllText(bundle.SeenHere + "/pid"));
        Assert.Equal("running", bundle.Status(id));
    }

    [Fact]
    public void List_is_a_table_and_JSON()
    {
        using var bundle = new Bundle("sleep", "600");
        var id = bundle.NewId();
        Start(bundle, id);
        Assert.Matches("^ID +PID +STATUS +BUNDLE +CREATED +OWNER", bundle.Runtime("list").Lines[0]);
        var entry = JsonNode.Parse(bundle.Runtime("list", "--format", "json").Text)![0]!;
        Assert.Equal((id, "running", bundle.Path, "root"), ((string)entry["id"]!, (string)entry["status"]!, (string)entry["bundle"]!, (string)entry["owner"]!));
        Assert.Equal([(int)bundle.State(id)["pid"]!], JsonNode.Parse(bundle.Runtime("ps", "--format", "json", id).Text)!.AsArray().Select(pid => (int)pid!));
    }

    [Fact]
    public void Hooks_run_at_their_points()
    {
        using var bundle = new Bundle("sh", "-c", "cat /made; echo started");
        var trace = bundle.SeenHere + "/trace";
        bundle.Change(spec =>
        {
            spec["root"]!["readonly"] = false;
            spec["hooks"] = new JsonObject
            {
                ["prestart"] = Hooks($"echo prestart $(cat) >>{bundle.Path}/trace"),
                ["createRuntime"] = Hooks($"echo createRuntime $(cat) >>{bundle.Path}/trace"),
                ["createContainer"] = Hooks($"echo createContainer $(cat) >>{bundle.Path}/trace; [ -e proc/self ] && pwd >made"),
                ["startContainer"] = Hooks("cat >/state; grep CapEff /proc/self/status /proc/1/status >/caps"),
                ["poststart"] = Hooks($"echo poststart $(cat) >>{bundle.Path}/trace"),
                ["poststop"] = Hooks($"echo poststop $(cat) >>{bundle.Path}/trace"),
            };
        });
        var id = bundle.NewId();
        Assert.Equal($"{bundle.Path}/rootfs\nstarted\n", bundle.Runtime("run", "--bundle", bundle.Path, id).Succeeded().Output);
        var told = File.ReadAllLines(trace).Select(line => (Kind: line[..line.IndexOf(' ')], State: JsonNode.Parse(line[line.IndexOf(' ')..])!)).ToList();
        Assert.Equal(
            ["prestart creating", "createRuntime creating", "createContainer creating", "poststart running", "poststop stopped"],
            told.Select(hook => $"{hook.Kind} {(string)hook.State["status"]!}"));
        Assert.Equal(1, (int)told[2].State["pid"]!);
        Assert.All(told, hook => Assert.Equal(bundle.Path, (string)hook.State["bundle"]!));
        Assert.Equal("created", (string)JsonNode.Parse(File.ReadAllText(bundle.SeenHere + "/rootfs/state"))!["status"]!);
        var capabilities = File.ReadAllLines(bundle.SeenHere + "/rootfs/caps").Select(line => line.Split('\t')[1]).ToList();
        Assert.Equal(capabilities[1], capabilities[0]);
    }

    [Theory]
    [InlineData("createContainer"), InlineData("createRuntime"), InlineData("poststart")]
    public void A_hook_that_fails_is_the_failure_of_the_container(string kind)
    {
        using var bundle = new Bundle("sleep", "600");
        bundle.Change(spec => spec["hooks"] = new JsonObject { [kind] = Hooks("echo why >&2; exit 3") });
        var result = bundle.Runtime("run", "--bundle", bundle.Path, bundle.NewId()).ExitsWith(1);
        Assert.Contains($"error running {kind} hook #0: exit status 3, stdout: , stderr: why", result.Error, StringComparison.Ordinal);
    }

    private static JsonArray Hooks(string script) =>
        [new JsonObject { ["path"] = "/bin/sh", ["args"] = new JsonArray("sh", "-c", script), ["env"] = new JsonArray("PATH=/usr/bin:/bin") }];

    [Fact]
    public void Features_tells_what_the_runtime_can_do()
    {
        using var bundle = new Bundle("true");
        var features = JsonNode.Parse(bundle.Runtime("features").Text)!;
        Assert.Contains("seccomp", features["linux"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("pid", features["linux"]!["namespaces"]!.AsArray().Select(name => (string)name!));
        Assert.Contains("CAP_SYS_ADMIN", features["linux"]!["capabilities"]!.AsArray().Select(name => (string)name!));
    }

    [Fact]
    public void The_default_document_is_runcs()
    {
        using var bundle = new Bundle("true");
        File.Delete(bundle.SeenHere + "/config.json");
        bundle.Runtime("spec", "--bundle", bundle.Path).Succeeded();
        var spec = JsonNode.Parse(File.ReadAllText(bundle.SeenHere + "/config.json"))!;
        Assert.Equal("sh", (string)spec["process"]!["args"]![0]!);
        Assert.Equal("rootfs", (string)spec["root"]!["path"]!);
        Assert.True((bool)spec["process"]!["terminal"]!);
        Assert.Contains("/proc/kcore", spec["linux"]!["maskedPaths"]!.AsArray().Select(path => (string)path!));
        Assert.Contains("config.json exists", bundle.Runtime("spec", "--bundle", bundle.Path).ExitsWith(1).Error, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Only", "Gantry")]
    public void A_failure_names_its_stage_and_its_errno()
    {
        using var bundle = new Bundle("true");
        bundle.Change(spec => ((JsonArray)spec["mounts"]!).Add(JsonNode.Parse("""{"destination":"/x","type":"no-such-filesystem","source":"none"}""")));
        Assert.Matches("/x.*ENODEV", bundle.Runtime("run", "--bundle", bundle.Path, bundle.NewId()).ExitsWith(1).Error);
    }

    [Fact]
    public void A_command_that_is_not_there_is_named()
    {
        using var bundle = new Bundle("no-such-command");
        Assert.Contains("no-such-command", bundle.Runtime("run", "--bundle", bundle.Path, bundle.NewId()).ExitsWith(1).Error, StringComparison.Ordinal);
    }

    private static void Start(Bundle bundle, string id)
    {
        bundle.Create(id, bundle.SeenHere + "/output").Succeeded();
        bundle.Runtime("start", id).Succeeded();
        Assert.Equal("running", bundle.Status(id));
    }
}
