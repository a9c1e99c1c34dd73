using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Containers;

/// <summary>system prune.</summary>
public sealed class SystemPruneTests(Engine engine) : IClassFixture<Engine>
{
    [Theory, BothClients, Trait("Only", "Gantry")]
    public void What_nothing_uses_goes_and_the_rest_stays(string client)
    {
        var docker = engine.Client(client);
        var (ended, running) = (engine.NewName(), engine.RunShell("exec sleep 600"));
        engine.Docker.Run("run", "--name", ended, "-v", "/anonymous", Engine.Image, "sh", "-c", "echo x >/f").Succeeded();
        engine.Docker.Run("volume", "create", "e2e-named-" + client).Succeeded();
        var question = docker.RunWithInput("n\n", "system", "prune").Succeeded().Output;
        Assert.Contains("  - all stopped containers", question, StringComparison.Ordinal);
        Assert.Contains("  - unused build cache", question, StringComparison.Ordinal);

        var output = docker.Run("system", "prune", "-f", "--volumes").Succeeded().Output;
        Assert.StartsWith("Deleted Containers:\n", output, StringComparison.Ordinal);
        Assert.Contains("Deleted Volumes:\n", output, StringComparison.Ordinal);
        Assert.Contains("Total reclaimed space: ", output, StringComparison.Ordinal);
        Assert.Equal([running], docker.Run("ps", "-a", "--format", "{{.Names}}").Lines);
        Assert.Equal("e2e-named-" + client, docker.Text("volume", "ls", "-q", "--filter", "name=e2e-named-" + client));
        engine.Docker.Run("volume", "rm", "e2e-named-" + client).Succeeded();
        engine.Docker.Run("rm", "-f", running).Succeeded();
        if (client == "gantry") docker.Run("system", "prune", "-y").Succeeded();
    }
}
