using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Compose;

/// <summary>Files that are wrong, and projects that do not come up: what is told, and that nothing is made or lost.</summary>
public sealed class BadInputTests(Engine engine) : IClassFixture<Engine>
{
    [Theory]
    [InlineData("services: {one: {image: x, comand: y}}", "services.one additional properties 'comand' not allowed (line 1; did you mean 'command'?)")]
    [InlineData("services:\n  one:\n    image: x\n    deploy:\n      resources:\n        limits: {memmory: 1g}",
        "services.one.deploy.resources.limits additional properties 'memmory' not allowed (line 6; did you mean 'memory'?)")]
    [InlineData("services:\n  one:\n    image: x\n    ports: 80", "services.one.ports must be a array (line 4)")]
    [InlineData("services:\n  one:\n    image: x\n    extends: {servce: x}",
        "services.one.extends additional properties 'servce' not allowed (line 4; did you mean 'service'?)")]
    [InlineData("services:\n  one: {image: x, depends_on: [two]}\n  two: {image: x, depends_on: [one]}", "dependency cycle detected: one -> two -> one")]
    [InlineData("services:\n  one: {extends: two}\n  two: {extends: one}", "Circular reference:")]
    [InlineData("include: [compose.yaml]\nservices: {one: {image: x}}", "include cycle detected:")]
    [InlineData("services: {one: {image: 'x:${TAG:?give a tag}'}}", "required variable TAG is missing a value: give a tag")]
    [InlineData("services: {one: {image: x, env_file: no.env}}", "no.env not found")]
    [InlineData("services: {one: {image: x, depends_on: [nobody]}}", "service \"one\" depends on undefined service \"nobody\": invalid compose project")]
    [InlineData("services: {one: {image: x, networks: [nowhere]}}", "service \"one\" refers to undefined network nowhere: invalid compose project")]
    [InlineData("services: {one: {image: x, volumes: ['nothing:/x']}}", "service \"one\" refers to undefined volume nothing: invalid compose project")]
    [InlineData("services: {one: {}}", "service \"one\" has neither an image nor a build context specified: invalid compose project")]
    [InlineData("services:\n  one:\n    image: x\n   two: y", "yaml: line 4")]
    [InlineData("services: {one: {image: [", "yaml: ")]
    public void A_wrong_file_is_told_and_nothing_is_made(string file, string expected)
    {
        using var project = new ComposeProject(engine, file);
        var result = project.Run("up", "-d").ExitsWithFailure();
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(project.Name, engine.Docker.Text("ps", "-a", "--format", "{{.Names}}"), StringComparison.Ordinal);
        Assert.DoesNotContain(project.Name, engine.Docker.Text("network", "ls", "--format", "{{.Name}}"), StringComparison.Ordinal);
        project.Write("services: {}");
    }

    [Fact]
    public void A_service_that_never_gets_healthy_ends_the_wait_and_stays_to_be_looked_at()
    {
        using var project = new ComposeProject(engine, """
            services:
              one: {image: "gantry-e2e:latest", network_mode: none, command: sleep 1000, stop_grace_period: 0s, healthcheck: {test: "false", interval: 100s, start_period: 100s}}
            """);
        Assert.Contains("application not healthy after 1s", project.Run("up", "--wait", "--wait-timeout", "1").ExitsWith(1).Error, StringComparison.Ordinal);
        Assert.Single(project.Ids("one"));
    }

    [Fact]
    public void A_killed_down_is_finished_by_the_next_one()
    {
        using var project = new ComposeProject(engine, """
            services:
              one: {image: "gantry-e2e:latest", command: "sh -c 'trap \"touch /told\" TERM; while true; do sleep 0.1; done'", stop_grace_period: 20s, depends_on: [two]}
              two: {image: "gantry-e2e:latest", command: sleep 1000, stop_grace_period: 0s, volumes: ["data:/data"]}
            volumes: {data: }
            """);
        project.Run("up", "-d").Succeeded();
        using (var down = project.Start("down", "-v"))
        {
            Eventually.True(() => project.Run("exec", "-T", "one", "test", "-e", "/told").ExitCode == 0, () => down.Output);
            down.Signal("KILL");
        }
        project.Run("down", "-v", "-t", "0").Succeeded();
        foreach (var listing in new[] { new[] { "ps", "-a", "--format", "{{.Names}}" }, ["network", "ls", "--format", "{{.Name}}"],
            ["volume", "ls", "--format", "{{.Name}}"] })
            Assert.DoesNotContain(project.Name, engine.Docker.Text(listing), StringComparison.Ordinal);
    }
}
