using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Containers;

public sealed class LifecycleTests(Engine engine) : IClassFixture<Engine>
{
    [Theory, BothClients]
    public void Ps_shows_running_containers_and_all_of_them_when_asked(string client)
    {
        var docker = engine.Client(client);
        var running = engine.RunShell("sleep 600");
        var ended = engine.NewName();
        docker.Run("run", "--name", ended, Engine.Image, "sh", "-c", "exit 3").ExitsWith(3);

        Eventually.Equal("exited", () => docker.Inspect(ended, "{{.State.Status}}"));
        var some = docker.Run("ps", "--format", "{{.Names}}|{{.Image}}|{{.Command}}|{{.Status}}").Lines;
        Assert.Contains(some, line => line.StartsWith($"{running}|gantry-e2e:latest|\"sh -c 'sleep 600'\"|Up ", StringComparison.Ordinal));
        Assert.DoesNotContain(some, line => line.StartsWith(ended, StringComparison.Ordinal));
        var all = docker.Run("ps", "-a", "--format", "{{.Names}}|{{.State}}|{{.Status}}").Lines;
        Assert.Contains(all, line => line.StartsWith($"{ended}|exited|Exited (3) ", StringComparison.Ordinal));
        Assert.Matches("^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES", docker.Run("ps").Succeeded().Output);
        Assert.Equal(engine.Docker.Inspect(running, "{{.Id}}"), docker.Text("ps", "-q", "--no-trunc", "--filter", $"name={running}"));
        Assert.Equal(engine.Docker.Inspect(ended, "{{.Id}}")[..12], docker.Text("ps", "-aq", "--filter", $"name={ended}", "--filter", "status=exited"));
    }

    [Theory, BothClients]
    public void A_container_goes_from_created_to_running_to_exited(string client)
    {
        var docker = engine.Client(client);
        var name = engine.NewName();
        Assert.Matches(
            "^[0-9a-f]{64}$", docker.Text("create", "--name", name, Engine.Image, "sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done"));
        Assert.Equal("created false 0 0", docker.Inspect(name, State));
        Assert.Equal(name, docker.Text("start", name));
        Assert.StartsWith("running true 0 ", docker.Inspect(name, State), StringComparison.Ordinal);
        Eventually.Equal("ready", () => docker.Text("logs", name));
        Assert.Equal(name, docker.Text("stop", name));
        Assert.Equal("exited false 5 0", docker.Inspect(name, State));
        Assert.Equal(name, docker.Text("start", name));
        Assert.StartsWith("running true 0 ", docker.Inspect(name, State), StringComparison.Ordinal);
        Assert.Equal(name, docker.Text("rm", "-f", name));
        Assert.Contains($"No such container: {name}", docker.Run("start", name).ExitsWith(1).Error, StringComparison.Ordinal);
    }

    private const string State = "{{.State.Status}} {{.State.Running}} {{.State.ExitCode}} {{.State.Pid}}";

    [Theory, BothClients]
    public void Stop_kills_what_does_not_listen(string client)
    {
        var name = engine.RunShell("trap '' TERM; echo ready; while :; do sleep 0.1; done");
        Eventually.Equal("ready", () => engine.Docker.Text("logs", name));
        engine.Client(client).Run("stop", "-t", "1", name).Succeeded();
        Assert.Equal("exited false 137 0", engine.Docker.Inspect(name, State));
    }

    [Theory, BothClients]
    public void Stop_sends_the_signal_that_was_set(string client)
    {
        var name = engine.RunShell("trap 'exit 9' INT; echo ready; while :; do sleep 0.05; done", "--stop-signal", "INT");
        Eventually.Equal("ready", () => engine.Docker.Text("logs", name));
        engine.Client(client).Run("stop", name).Succeeded();
        Assert.Equal("9", engine.Docker.Inspect(name, "{{.State.ExitCode}}"));
    }

    [Theory, BothClients]
    public void Kill_sends_the_signal_that_was_named(string client)
    {
        var docker = engine.Client(client);
        var name = engine.RunShell("trap 'echo hup' HUP; echo ready; while :; do sleep 0.05; done");
        Eventually.Equal("ready", () => docker.Text("logs", name));
        Assert.Equal(name, docker.Text("kill", "-s", "HUP", name));
        Eventually.Equal("ready\nhup", () => docker.Text("logs", name));
        docker.Run("kill", "--signal", "SIGHUP", name).Succeeded();
        Eventually.Equal("ready\nhup\nhup", () => docker.Text("logs", name));
        Assert.Equal("true", docker.Inspect(name, "{{.State.Running}}"));
        docker.Run("kill", name).Succeeded();
        Eventually.Equal("exited false 137 0", () => docker.Inspect(name, State));
        var again = docker.Run("kill", name).ExitsWith(1);
        Assert.Contains("is not running", again.Error, StringComparison.Ordinal);
        Assert.Contains("nvalid signal: NONSENSE", docker.Run("kill", "-s", "NONSENSE", name).ExitsWith(1).Error, StringComparison.OrdinalIgnoreCase);
    }

    [Theory, BothClients]
    public void Start_attached_shows_the_output_and_gives_the_exit_code(string client)
    {
        var docker = engine.Client(client);
        var name = engine.NewName();
        docker.Run("create", "--name", name, Engine.Image, "sh", "-c", "echo out; echo err >&2; exit 6").Succeeded();
        var result = docker.Run("start", "-a", name).ExitsWith(6);
        Assert.Equal(("out\n", "err\n"), (result.Output, result.Error));
    }

    [Theory, BothClients]
    public void Start_says_why_a_container_cannot_start(string client)
    {
        var docker = engine.Client(client);
        var name = engine.NewName();
        docker.Run("create", "--name", name, Engine.Image, "no-such-command").Succeeded();
        var result = docker.Run("start", name).ExitsWith(1);
        Assert.Contains("executable file not found in $PATH", result.Error, StringComparison.Ordinal);
        Assert.Equal("created 127", docker.Inspect(name, "{{.State.Status}} {{.State.ExitCode}}"));
        Assert.Contains("executable file not found", docker.Inspect(name, "{{.State.Error}}"), StringComparison.Ordinal);
    }

    [Theory, BothClients]
    public void Wait_gives_the_exit_code(string client)
    {
        var docker = engine.Client(client);
        var name = engine.RunShell("sleep 0.3; exit 11");
        Assert.Equal("11", docker.Text("wait", name));
        Assert.Equal("11", docker.Text("wait", name));
        Assert.Contains("No such container: e2e-missing", docker.Run("wait", "e2e-missing").ExitsWith(1).Error, StringComparison.Ordinal);
    }

    [Theory, BothClients]
    public void A_running_container_is_removed_only_by_force(string client)
    {
        var docker = engine.Client(client);
        var name = engine.RunShell("sleep 600");
        var refused = docker.Run("rm", name).ExitsWith(1);
        Assert.Contains($"cannot remove container \"{name}\": container is running: stop the container before removing or force remove",
            refused.Error.Replace("\"/", "\"", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(name, docker.Text("rm", "-f", name));
        Assert.Contains($"No such container: {name}", docker.Run("rm", name).ExitsWith(1).Error, StringComparison.Ordinal);
        docker.Run("rm", "-f", name).ExitsWith(0);
    }

    [Theory, BothClients]
    public void Pause_stops_the_clock_and_unpause_goes_on(string client)
    {
        var docker = engine.Client(client);
        var name = engine.RunShell("i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done");
        Eventually.True(() => docker.Run("logs", name).Output.Length > 0, () => "no output");
        Assert.Equal(name, docker.Text("pause", name));
        Assert.Equal("paused true true", docker.Inspect(name, "{{.State.Status}} {{.State.Paused}} {{.State.Running}}"));
        Assert.Contains("(Paused)", docker.Text("ps", "--filter", $"name={name}", "--format", "{{.Status}}"), StringComparison.Ordinal);
        var count = docker.Run("logs", name).Lines.Length;
        Thread.Sleep(200);
        Assert.Equal(count, docker.Run("logs", name).Lines.Length);
        Assert.Contains("is paused", docker.Run("exec", name, "true").ExitsWith(1).Error, StringComparison.Ordinal);
        Assert.Contains("already paused", docker.Run("pause", name).ExitsWith(1).Error, StringComparison.Ordinal);
        Assert.Equal(name, docker.Text("unpause", name));
        Eventually.True(() => docker.Run("logs", name).Lines.Length > count, () => "it does not go on");
        Assert.Contains("is not paused", docker.Run("unpause", name).ExitsWith(1).Error, StringComparison.Ordinal);
    }

    [Theory, BothClients]
    public void Rename_gives_another_name(string client)
    {
        var docker = engine.Client(client);
        var (before, after, other) = (engine.NewName(), engine.NewName(), engine.NewName());
        docker.Run("create", "--name", before, Engine.Image, "true").Succeeded();
        docker.Run("create", "--name", other, Engine.Image, "true").Succeeded();
        docker.Run("rename", before, after).Succeeded();
        Assert.Equal($"/{after}", docker.Inspect(after, "{{.Name}}"));
        Assert.Contains($"o such object: {before}", docker.Run("inspect", before).ExitsWith(1).Error, StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"Conflict. The container name \"/{other}\" is already in use by container", docker.Run("rename", after, other).ExitsWith(1).Error,
            StringComparison.Ordinal);
        Assert.Contains($"No such container: {before}", docker.Run("rename", before, "e2e-x").ExitsWith(1).Error, StringComparison.Ordinal);
    }

    [Theory, BothClients]
    public void Top_lists_the_processes(string client)
    {
        var docker = engine.Client(client);
        var name = engine.RunShell("sleep 601 & sleep 602");
        // Both, after fork and after execve: before, either is a shell.
        Eventually.True(() =>
            docker.Run("top", name).Lines.Count(line => line.EndsWith("sleep 601", StringComparison.Ordinal)
                || line.EndsWith("sleep 602", StringComparison.Ordinal)) == 2, () => docker.Run("top", name).ToString());
        var table = docker.Run("top", name).Lines;
        Assert.Matches("^UID +PID +PPID +C +STIME +TTY +TIME +CMD", table[0]);
        Assert.Contains(table, line => line.EndsWith("sleep 601", StringComparison.Ordinal));
        Assert.Matches("^PID +COMMAND", docker.Run("top", name, "-o", "pid,comm").Lines[0]);
        docker.Run("stop", "-t", "0", name).Succeeded();
        Assert.Contains("is not running", docker.Run("top", name).ExitsWith(1).Error, StringComparison.Ordinal);
    }

    [Theory, BothClients]
    public void A_piece_of_the_ID_is_enough(string client)
    {
        var name = engine.RunShell("sleep 600");
        var id = engine.Docker.Inspect(name, "{{.Id}}");
        Assert.Equal($"/{name}", engine.Client(client).Inspect(id[..12], "{{.Name}}"));
        Assert.Equal($"/{name}", engine.Client(client).Inspect(id, "{{.Name}}"));
    }

    [Theory, BothClients]
    public void Restarting_keeps_what_was_written(string client)
    {
        var docker = engine.Client(client);
        var name = engine.NewName();
        docker.Run("run", "--name", name, Engine.Image, "sh", "-c", "cat /kept 2>/dev/null; echo kept >/kept").Succeeded();
        Assert.Equal("kept\n", docker.Run("start", "-a", name).Succeeded().Output);
    }
}
