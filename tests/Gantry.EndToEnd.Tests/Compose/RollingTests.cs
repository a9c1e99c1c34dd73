using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Compose;

/// <summary><c>up --rolling</c> when new containers fail.</summary>
public sealed class RollingTests(Engine engine) : IClassFixture<Engine>
{
    // Of the third version the first two containers run, and the third ends.
    private const string File = """
        services:
          one:
            image: gantry-e2e:latest
            network_mode: none
            stop_grace_period: 0s
            volumes: ["shared:/shared"]
            command: sh -c 'if [ V = 3 ]; then if [ -e /shared/two ]; then exit 4; elif [ -e /shared/one ]; then touch /shared/two; else touch /shared/one; fi; fi; sleep 1000'
            deploy: {replicas: 3, update_config: {ACTION}, rollback_config: {parallelism: 2, order: ORDER}}
        volumes: {shared: }
        """;

    [Theory]
    [InlineData("", "stop-first")]
    [InlineData("failure_action: rollback, monitor: 500ms", "start-first")]
    public void All_that_were_replaced_are_taken_back(string action, string order)
    {
        using var project = new ComposeProject(engine, Version(2, action, order));
        project.Run("up", "-d").Succeeded();
        var before = project.Ids("one");
        project.Write(Version(3, action, order));
        var failed = project.Run("up", "-d", "--rolling").ExitsWith(1);
        Assert.Contains("exited (4)", failed.Error, StringComparison.Ordinal);
        Assert.Equal(before, project.Ids("one"));
        Assert.Equal(Names(project), project.Run("ps", "-a", "--format", "{{.Name}}").Lines);
    }

    [Fact]
    public void With_pause_those_that_were_replaced_stay()
    {
        using var project = new ComposeProject(engine, Version(2, "failure_action: pause", "stop-first"));
        project.Run("up", "-d").Succeeded();
        var before = project.Ids("one");
        project.Write(Version(3, "failure_action: pause", "stop-first"));
        project.Run("up", "-d", "--rolling").ExitsWith(1);
        Assert.Single(project.Ids("one").Intersect(before));
        Assert.Equal(Names(project), project.Run("ps", "-a", "--format", "{{.Name}}").Lines);
    }

    [Theory]
    [InlineData("failure_action: continue")]
    [InlineData("failure_action: rollback, max_failure_ratio: 0.5")]
    public void Failures_that_are_tolerated_do_not_keep_others_from_being_replaced(string action)
    {
        using var project = new ComposeProject(engine, Version(2, action, "stop-first"));
        project.Run("up", "-d").Succeeded();
        var before = project.Ids("one");
        project.Write(Version(3, action, "stop-first"));
        Assert.Contains("goes on as it was", project.Run("up", "-d", "--rolling").Succeeded().Error, StringComparison.Ordinal);
        Assert.Single(project.Ids("one").Intersect(before));
    }

    [Fact]
    public void A_killed_replacement_is_finished_by_the_next_up()
    {
        using var project = new ComposeProject(engine, Version(2, "monitor: 30s", "stop-first"));
        project.Run("up", "-d").Succeeded();
        var before = project.Ids("one");
        project.Write(Version(4, "monitor: 30s", "stop-first"));
        using (var up = project.Start("up", "-d", "--rolling"))
        {
            Eventually.True(() => project.Ids("one").Except(before).Any(), () => up.Output);
            up.Signal("KILL");
        }
        project.Run("up", "-d").Succeeded();
        Assert.Equal(3, project.Ids("one").Except(before).Count());
        Assert.Equal(Names(project), project.Run("ps", "-a", "--format", "{{.Name}}").Lines);
    }

    private static string Version(int version, string action, string order) => File
        .Replace("[ V =", $"[ {version} =", StringComparison.Ordinal).Replace("ACTION", action, StringComparison.Ordinal)
            .Replace("ORDER", order, StringComparison.Ordinal);

    private static string[] Names(ComposeProject project) => [.. Enumerable.Range(1, 3).Select(number => $"{project.Name}-one-{number}")];
}
