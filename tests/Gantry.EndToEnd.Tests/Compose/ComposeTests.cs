using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Compose;

/// <summary>Projects of compose files on a real engine, without networks.</summary>
public sealed class ComposeTests(Engine engine) : IClassFixture<Engine>
{
    private const string File = """
        services:
          first:
            image: gantry-e2e:latest
            network_mode: none
            stop_grace_period: 0s
            command: sh -c 'echo first is up; while :; do sleep 1; done'
            volumes: ["data:/data"]
          second:
            image: gantry-e2e:latest
            network_mode: none
            stop_grace_period: 0s
            command: sh -c 'echo second is up; while :; do sleep 1; done'
            environment: {WHO: "${WHO:-nobody}"}
            depends_on: [first]
          once:
            image: gantry-e2e:latest
            network_mode: none
            command: echo done
            depends_on: {first: {condition: service_started}}
        volumes: {data: }
        """;

    [Fact]
    public void A_project_comes_up_is_looked_at_and_goes()
    {
        using var project = new ComposeProject(engine, File);
        project.Run("up", "-d").Succeeded();
        Assert.Equal(["first", "once", "second"], project.Run("ps", "-a", "--format", "{{.Service}}").Lines.Order(StringComparer.Ordinal));
        Eventually.True(() => project.Run("logs", "--no-color").Text.Contains("second-1  | second is up", StringComparison.Ordinal), () =>
            project.Run("logs").ToString());
        Assert.Equal("nobody", project.Run("exec", "-T", "second", "sh", "-c", "echo $WHO").Text);
        Assert.Contains($"{project.Name}_data", engine.Docker.Text("volume", "ls", "-q"), StringComparison.Ordinal);

        project.Run("down", "-v").Succeeded();
        Assert.DoesNotContain(project.Name, engine.Docker.Text("ps", "-a", "--format", "{{.Names}}"), StringComparison.Ordinal);
        Assert.DoesNotContain(project.Name, engine.Docker.Text("volume", "ls", "-q"), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_what_has_changed_is_replaced()
    {
        using var project = new ComposeProject(engine, File);
        project.Run("up", "-d", "first", "second").Succeeded();
        var before = project.Ids("first", "second");
        project.Run("up", "-d", "first", "second").Succeeded();
        Assert.Equal(before, project.Ids("first", "second"));
        project.Write(File.Replace("nobody", "somebody", StringComparison.Ordinal));
        project.Run("up", "-d", "first", "second").Succeeded();
        Assert.Equal(before[0], project.Ids("first")[0]);
        Assert.NotEqual(before[1], project.Ids("second")[0]);
        Assert.Equal("somebody", project.Run("exec", "-T", "second", "sh", "-c", "echo $WHO").Text);
    }

    [Fact]
    public void A_command_of_its_own_has_its_exit_code()
    {
        using var project = new ComposeProject(engine, File);
        Assert.Equal("hi", project.Run("run", "--rm", "-T", "--no-deps", "second", "echo", "hi").Text);
        project.Run("run", "--rm", "-T", "--no-deps", "second", "sh", "-c", "exit 7").ExitsWith(7);
    }

    [Fact]
    public void Services_are_scaled_stopped_and_started()
    {
        using var project = new ComposeProject(engine, File);
        project.Run("up", "-d", "--scale", "first=3", "first").Succeeded();
        Assert.Equal(3, project.Ids("first").Length);
        project.Run("scale", "first=1").Succeeded();
        Assert.Single(project.Ids("first"));
        project.Run("stop", "first").Succeeded();
        Assert.Empty(project.Ids("first"));
        project.Run("start", "first").Succeeded();
        Assert.Single(project.Ids("first"));
    }

    [Fact]
    public void An_attached_project_ends_with_its_containers()
    {
        using var project = new ComposeProject(engine, """
            services:
              fails: {image: "gantry-e2e:latest", network_mode: none, command: "sh -c 'echo bye; exit 5'"}
            """);
        var result = project.Run("up", "--exit-code-from", "fails").ExitsWith(5);
        Assert.Contains("fails-1  | bye", result.Output, StringComparison.Ordinal);
        Assert.Contains("fails-1 exited with code 5", result.Output, StringComparison.Ordinal);
    }
}
