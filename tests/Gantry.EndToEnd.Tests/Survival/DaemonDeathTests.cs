using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Survival;

/// <summary>Containers go on when the daemon or the keeper is killed: no line of their logs and no exit code is lost.</summary>
[Trait("Only", "Gantry")]
public sealed class DaemonDeathTests(Engine engine) : IClassFixture<Engine>
{
    private const string NumberedLines = "i=0; while [ ! -e /stop ]; do i=$((i+1)); echo $i; done; echo end $i; exit 23";

    private Client Docker => engine.Docker;

    [Fact]
    public void A_killed_daemon_stops_no_container_and_its_successor_finds_them()
    {
        var name = engine.RunShell("sleep 600");
        var pid = Docker.Inspect(name, "{{.State.Pid}}");
        engine.Daemon.Kill();
        Assert.True(Directory.Exists($"/proc/{pid}"), "the container's process ended with the daemon");
        engine.Daemon.Restart();
        Assert.Equal($"running {pid}", Docker.Inspect(name, "{{.State.Status}} {{.State.Pid}}"));
        Assert.Equal("inside", Docker.Text("exec", name, "echo", "inside"));
    }

    [Fact]
    public void A_killed_daemon_leaves_no_gap_in_the_log_and_wait_gives_the_code()
    {
        var name = engine.RunShell(NumberedLines);
        WaitForLines(name, 100);
        engine.Daemon.Kill();
        engine.Daemon.Restart();
        WaitForLines(name, Docker.Run("logs", name).Lines.Length + 100);
        Docker.Run("exec", name, "touch", "/stop").Succeeded();
        Assert.Equal("23", Docker.Text("wait", name));
        AssertNoGap(name);
    }

    [Fact]
    public void A_killed_daemon_s_events_are_told_by_the_next()
    {
        var name = engine.RunShell("exit 3");
        Docker.Text("wait", name);
        Eventually.True(() => Events().Contains("die 3", StringComparison.Ordinal), () => $"no end was told: {Events()}");
        var before = Events();
        engine.Daemon.Kill();
        engine.Daemon.Restart();
        Assert.Equal(before, Events());

        string Events() => Docker.Text("events", "--since", "10m", "--until", $"{DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1}",
            "--filter", $"container={name}", "--filter", "type=container", "--format", "{{.TimeNano}} {{.Action}} {{.Actor.Attributes.exitCode}}");
    }

    [Fact]
    public void The_code_of_a_container_that_ended_while_no_daemon_ran_is_known()
    {
        var name = engine.RunShell("echo before; sleep 1; echo after; exit 31");
        engine.Daemon.Kill();
        var record = System.Diagnostics.Stopwatch.StartNew();
        while (record.ElapsedMilliseconds < 1500) Thread.Sleep(50);
        engine.Daemon.Restart();
        Assert.Equal("31", Docker.Text("wait", name));
        Assert.Equal("exited 31", Docker.Inspect(name, "{{.State.Status}} {{.State.ExitCode}}"));
        Assert.Equal("before\nafter\n", Docker.Run("logs", name).Output);
    }

    [Fact]
    public void A_killed_keeper_is_replaced_and_its_containers_go_on()
    {
        var name = engine.RunShell(NumberedLines);
        WaitForLines(name, 100);
        var keeper = engine.Daemon.KeeperPid;
        Command.Run(["sh", "-c", $"kill -KILL {keeper}"]).Succeeded();
        Eventually.True(() => !Directory.Exists($"/proc/{keeper}") && engine.Daemon.KeeperPids.Any(pid => pid != keeper), () =>
            "no keeper was started in its place");
        WaitForLines(name, Docker.Run("logs", name).Lines.Length + 100);
        Assert.Equal("inside", Docker.Text("exec", name, "echo", "inside"));
        Docker.Run("exec", name, "touch", "/stop").Succeeded();
        Assert.Equal("23", Docker.Text("wait", name));
        AssertNoGap(name);
    }

    [Fact]
    public void Attach_and_terminals_work_again_after_either_was_killed()
    {
        var name = engine.NewName();
        Docker.Run("run", "-d", "-it", "--name", name, Engine.Image, "sh").Succeeded();
        engine.Daemon.Kill();
        engine.Daemon.Restart();
        TypeInto(name, "daemon");
        var keeper = engine.Daemon.KeeperPid;
        Command.Run(["sh", "-c", $"kill -KILL {keeper}"]).Succeeded();
        Eventually.True(() => engine.Daemon.KeeperPids.Any(pid => pid != keeper), () => "no keeper was started in its place");
        TypeInto(name, "keeper");
    }

    [Fact]
    public void Containers_that_were_never_started_keep_the_layers_of_an_image_that_is_removed()
    {
        var (image, first, second) = (engine.NewName(), engine.NewName(), engine.NewName());
        var source = engine.RunShell("echo kept > /kept");
        Docker.Run("wait", source).Succeeded();
        Docker.Run("commit", source, image).Succeeded();
        foreach (var name in (string[])[first, second])
            Docker.Run("create", "--name", name, image, "cat", "/kept").Succeeded();
        Docker.Run("rm", source).Succeeded();
        Docker.Run("rmi", "-f", image).Succeeded();
        Assert.Equal("kept", Docker.Text("start", "-a", first));
        engine.Daemon.Kill();
        engine.Daemon.Restart();
        Assert.Equal("", Docker.Text("diff", second));
        Assert.Equal("kept", Docker.Text("start", "-a", second));
    }

    [Fact]
    public void An_orderly_end_of_the_daemon_leaves_the_containers_running()
    {
        var name = engine.RunShell("sleep 600");
        engine.Daemon.Stop();
        engine.Daemon.Restart();
        Assert.Equal("running", Docker.Inspect(name, "{{.State.Status}}"));
        Docker.Run("stop", "-t", "0", name).Succeeded();
        Assert.Equal("exited 137", Docker.Inspect(name, "{{.State.Status}} {{.State.ExitCode}}"));
    }

    [Fact]
    public void Images_and_containers_are_there_after_a_restart()
    {
        var name = engine.NewName();
        Docker.Run("create", "--name", name, "-e", "K=V", "--label", "a=b", Engine.Image, "sh", "-c", "echo $K").Succeeded();
        var image = Docker.Inspect(Engine.Image, "{{.Id}}");
        engine.Daemon.Kill();
        engine.Daemon.Restart();
        Assert.Equal(image, Docker.Inspect(Engine.Image, "{{.Id}}"));
        Assert.Equal("created b", Docker.Inspect(name, "{{.State.Status}} {{.Config.Labels.a}}"));
        Assert.Equal("V", Docker.Text("start", "-a", name));
    }

    private void TypeInto(string name, string word)
    {
        using var terminal = Docker.StartInTerminal("attach", name);
        Thread.Sleep(300); // Nothing shows that the client is attached.
        terminal.Type($"echo after the {word} $((20+3))\r");
        terminal.WaitFor($"after the {word} 23");
        terminal.Type("\x10\x11");
        terminal.Wait().ExitsWith(1); // As docker has it for attach; for run it is 0.
    }

    private void WaitForLines(string name, int count) =>
        Eventually.True(() => Docker.Run("logs", name).Lines.Length >= count, () => $"the log of {name} stays below {count} lines");

    private void AssertNoGap(string name)
    {
        var lines = Docker.Run("logs", name).Lines;
        var last = lines.Length - 1;
        for (var i = 0; i < last; i++) Assert.True(lines[i] == $"{i + 1}", $"line {i + 1} reads \"{lines[i]}\"");
        Assert.Equal($"end {last}", lines[^1]);
    }
}
