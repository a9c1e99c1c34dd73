using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Containers;

/// <summary>The engine's own first process: --init.</summary>
public sealed class InitTests(Engine engine) : IClassFixture<Engine>
{
    [Theory, BothClients]
    public void The_exit_code_is_the_commands(string client)
    {
        var docker = engine.Client(client);
        Assert.StartsWith("/sbin/docker-init -- sh -c tr ", docker.Text("run", "--rm", "--init", Engine.Image, "sh", "-c", "tr '\\0' ' ' </proc/1/cmdline"),
            StringComparison.Ordinal);
        docker.Run("run", "--rm", "--init", Engine.Image, "sh", "-c", "exit 42").ExitsWith(42);
        docker.Run("run", "--rm", "--init", Engine.Image, "sh", "-c", "kill -9 $$").ExitsWith(137);
        docker.Run("run", "--rm", "--init", Engine.Image, "e2e-no-such-program").ExitsWith(127);
        docker.Run("run", "--rm", "--init", Engine.Image, "/etc/passwd").ExitsWith(126);
    }

    [Fact]
    public void Zombies_are_reaped_and_signals_reach_the_command()
    {
        // Grandchildren whose parents end are left to the first process; that one ends only when the command does.
        var name = engine.RunShell(
            "trap 'echo got; exit 3' TERM; for i in 1 2 3; do (sleep 0.1 &) ; done; sleep 1; echo $(cat /proc/[0-9]*/stat | grep -c ') Z '); while :; do sleep 0.1; done", "--init");
        Eventually.Equal("0", () => engine.Docker.Text("logs", name));
        engine.Docker.Run("stop", "-t", "30", name).Succeeded();
        Assert.Equal("3 0\ngot", $"{engine.Docker.Inspect(name, "{{.State.ExitCode}}")} {engine.Docker.Text("logs", name)}");
        Assert.Equal("true", engine.Docker.Inspect(name, "{{.HostConfig.Init}}"));
        Assert.DoesNotContain("docker-init", engine.Docker.Text("diff", name), StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_has_the_terminal()
    {
        using var terminal = engine.Docker.StartInTerminal("run", "--rm", "-it", "--init", Engine.Image, "sh");
        terminal.WaitFor("# ");
        terminal.Type("echo ready-$((1+1)); sleep 600\n");
        terminal.WaitFor("ready-2");
        terminal.Type("\u0003");
        terminal.Type("echo still-$((40+2))\n");
        terminal.WaitFor("still-42");
        terminal.Type("exit 5\n");
        Assert.Equal(5, terminal.Wait().ExitCode);
    }
}
