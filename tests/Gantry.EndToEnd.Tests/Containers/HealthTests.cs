using System.Text.Json.Nodes;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Containers;

/// <summary>Health checks: what they tell, and what follows.</summary>
public sealed class HealthTests(Engine engine) : IClassFixture<Engine>
{
    [Theory, BothClients]
    public void A_container_becomes_healthy_and_unhealthy_and_says_so(string client)
    {
        var docker = engine.Client(client);
        var name = engine.NewName();
        using var events = engine.Docker.Start("events", "--filter", "container=" + name, "--format", "{{.Action}}");
        docker.Run("run", "-d", "--name", name, "--health-cmd", "echo probed; test -e /good", "--health-interval", "100ms", "--health-retries", "2",
            "--health-start-period", "1h", "--health-start-interval", "100ms", Engine.Image, "sleep", "600").Succeeded();
        Eventually.Equal("5", () => docker.Inspect(name, "{{len .State.Health.Log}}"));
        Assert.Equal("starting 0", docker.Inspect(name, "{{.State.Health.Status}} {{.State.Health.FailingStreak}}"));
        Assert.EndsWith("(health: starting)", docker.Text("ps", "--filter", "name=" + name, "--format", "{{.Status}}"), StringComparison.Ordinal);

        docker.Run("exec", name, "touch", "/good").Succeeded();
        Eventually.Equal("healthy", () => docker.Inspect(name, "{{.State.Health.Status}}"));
        Assert.Equal(name, docker.Text("ps", "--filter", "health=healthy", "--filter", "name=" + name, "--format", "{{.Names}}"));
        docker.Run("exec", name, "rm", "/good").Succeeded();
        Eventually.Equal("unhealthy", () => docker.Inspect(name, "{{.State.Health.Status}}"));
        Assert.EndsWith("(unhealthy)", docker.Text("ps", "--filter", "name=" + name, "--format", "{{.Status}}"), StringComparison.Ordinal);

        var health = JsonNode.Parse(docker.Inspect(name, "{{json .State.Health}}"))!;
        var log = health["Log"]!.AsArray();
        Assert.Equal((5, 1, "probed\n"), (log.Count, (int)log[^1]!["ExitCode"]!, (string)log[^1]!["Output"]!));
        foreach (var action in (string[])["exec_create: /bin/sh -c echo probed; test -e /good", "exec_start: /bin/sh -c echo", "exec_die",
            "health_status: healthy", "health_status: unhealthy"])
            events.WaitForOutput(action);
    }

    [Fact]
    public void Long_output_is_cut_and_a_probe_that_hangs_is_ended()
    {
        var name = engine.RunShell("exec sleep 600", "--health-cmd", "head -c 10000 /dev/zero | tr '\\0' x; exec sleep 601", "--health-interval", "100ms",
            "--health-timeout", "500ms", "--health-retries", "1");
        Eventually.Equal("unhealthy", () => engine.Docker.Inspect(name, "{{.State.Health.Status}}"));
        var result = JsonNode.Parse(engine.Docker.Inspect(name, "{{json (index .State.Health.Log 0)}}"))!;
        Assert.Equal(-1, (int)result["ExitCode"]!);
        Assert.Equal("Health check exceeded timeout (500ms): " + new string('x', 4096) + "...", (string)result["Output"]!);
    }

    [Fact]
    public void The_images_check_is_used_changed_and_switched_off()
    {
        TestImage.Load(engine, "e2e-health:1", [],
            new JsonObject { ["Healthcheck"] = new JsonObject { ["Test"] = new JsonArray("CMD", "true"), ["Interval"] = 100_000_000 } }).Succeeded();
        var (own, changed, off) = (engine.NewName(), engine.NewName(), engine.NewName());
        engine.Docker.Run("run", "-d", "--name", own, "e2e-health:1", "sleep", "600").Succeeded();
        engine.Docker.Run("run", "-d", "--name", changed, "--health-retries", "7", "e2e-health:1", "sleep", "600").Succeeded();
        engine.Docker.Run("run", "-d", "--name", off, "--no-healthcheck", "e2e-health:1", "sleep", "600").Succeeded();
        Eventually.Equal("healthy", () => engine.Docker.Inspect(own, "{{.State.Health.Status}}"));
        Assert.Equal("[CMD true] 100ms 7", engine.Docker.Inspect(
            changed, "{{.Config.Healthcheck.Test}} {{.Config.Healthcheck.Interval}} {{.Config.Healthcheck.Retries}}"));
        Assert.Equal("<nil>", engine.Docker.Inspect(off, "{{.State.Health}}"));
    }

    [Fact]
    public void Probes_stop_while_a_container_is_paused_and_go_on_after()
    {
        var name = engine.RunShell("exec sleep 600", "--health-cmd", "true", "--health-interval", "100ms");
        Eventually.Equal("healthy", () => engine.Docker.Inspect(name, "{{.State.Health.Status}}"));
        engine.Docker.Run("pause", name).Succeeded();
        Assert.EndsWith("(Paused)", engine.Docker.Text("ps", "--filter", "name=" + name, "--format", "{{.Status}}"), StringComparison.Ordinal);
        var last = engine.Docker.Inspect(name, "{{json .State.Health.Log}}");
        engine.Docker.Run("unpause", name).Succeeded();
        Eventually.Equal(false, () => engine.Docker.Inspect(name, "{{json .State.Health.Log}}") == last);
        Assert.Equal("healthy", engine.Docker.Inspect(name, "{{.State.Health.Status}}"));
    }

    [Theory]
    [InlineData("Interval in Healthcheck cannot be less than 1ms", "--health-interval", "1us")]
    [InlineData("Timeout in Healthcheck cannot be less than 1ms", "--health-timeout", "1us")]
    [InlineData("StartPeriod in Healthcheck cannot be less than 1ms", "--health-start-period", "1us")]
    [InlineData("StartInterval in Healthcheck cannot be less than 1ms", "--health-start-interval", "1us")]
    public void Too_short_times_are_refused(string text, params string[] flags) =>
        Assert.Contains(text, engine.Docker.Run(["create", "--health-cmd", "true", .. flags, Engine.Image]).ExitsWith(1).Error, StringComparison.Ordinal);

    [Theory, Trait("Only", "Gantry")]
    [InlineData("exited 143", "--health-on-failure", "stop")]
    [InlineData("exited 137", "--health-on-failure", "kill")]
    [InlineData("exited 143", "--health-on-failure", "stop", "--restart", "always")]
    public void An_unhealthy_container_is_ended(string state, params string[] flags)
    {
        var name = engine.NewName();
        engine.Client("gantry")
            .Run(["run", "-d", "--name", name, "--health-cmd", "false", "--health-interval", "100ms", "--health-retries", "1", .. flags, Engine.Image, "sh",
                "-c", "trap 'exit 143' TERM; while :; do sleep 0.1; done"]).Succeeded();
        Eventually.Equal(state, () => engine.Docker.Inspect(name, "{{.State.Status}} {{.State.ExitCode}}"));
    }

    [Fact, Trait("Only", "Gantry")]
    public void An_unhealthy_container_is_started_again_as_often_as_said()
    {
        var name = engine.NewName();
        engine.Client("gantry").Run("run", "-d", "--name", name, "--restart", "unhealthy:2", "--health-cmd", "false", "--health-interval", "100ms",
            "--health-retries", "1", "--stop-signal", "KILL", Engine.Image, "sleep", "600").Succeeded();
        Eventually.Equal("2 running unhealthy", () => engine.Docker.Inspect(name, "{{.RestartCount}} {{.State.Status}} {{.State.Health.Status}}"));
    }

    [Fact, Trait("Only", "Gantry")]
    public void A_new_daemon_goes_on_with_what_was_known()
    {
        var name = engine.RunShell("exec sleep 600", "--health-cmd", "test ! -e /bad", "--health-interval", "200ms", "--health-retries", "1");
        Eventually.Equal("healthy", () => engine.Docker.Inspect(name, "{{.State.Health.Status}}"));
        engine.Daemon.Kill();
        engine.Daemon.Restart();
        Assert.Equal("healthy", engine.Docker.Inspect(name, "{{.State.Health.Status}}"));
        engine.Docker.Run("exec", name, "touch", "/bad").Succeeded();
        Eventually.Equal("unhealthy", () => engine.Docker.Inspect(name, "{{.State.Health.Status}}"));
    }
}
