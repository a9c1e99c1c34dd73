using System.Globalization;
using System.Text.Json.Nodes;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Containers;

/// <summary>What containers use, as stats shows it.</summary>
public sealed class StatsTests(Engine engine) : IClassFixture<Engine>
{
    [Theory, BothClients]
    public void A_busy_container_and_one_that_does_not_run(string client)
    {
        var busy = engine.RunShell("while :; do :; done", "--memory", "64m");
        var stopped = engine.NewName();
        engine.Docker.Run("create", "--name", stopped, Engine.Image).Succeeded();
        var rows = engine.Client(client).Run("stats", "--no-stream", "--format", "json", busy, stopped).Lines.Select(line => JsonNode.Parse(line)!).ToList();
        var (one, other) = (rows.Single(row => (string)row["Name"]! == busy), rows.Single(row => (string)row["Name"]! == stopped));
        Assert.InRange(double.Parse(((string)one["CPUPerc"]!).TrimEnd('%'), CultureInfo.InvariantCulture), 0.5, 800);
        Assert.EndsWith(" / 64MiB", (string)one["MemUsage"]!, StringComparison.Ordinal);
        Assert.Equal("1", (string)one["PIDs"]!);
        Assert.Equal("0.00% 0B / 0B 0", $"{other["CPUPerc"]} {other["MemUsage"]} {other["PIDs"]}");
        Assert.StartsWith("CONTAINER ID   NAME", engine.Client(client).Run("stats", "--no-stream", "--no-trunc", busy).Lines[0]
            .Replace("CONTAINER ID" + new string(' ', 55), "CONTAINER ID   ", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("No such container: e2e-none", engine.Client(client).Run("stats", "--no-stream", "e2e-none").ExitsWith(1).Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Without_names_all_that_run_are_shown_live()
    {
        var name = engine.RunShell("exec sleep 600");
        using var screen = engine.Client("gantry").StartInTerminal("stats");
        screen.WaitFor(name);
        engine.Docker.Run("kill", name).Succeeded();
        var other = engine.RunShell("exec sleep 600");
        screen.WaitFor(other);
    }
}
