using Gantry.Cli.Commands.Swarm;
using Gantry.Client.Tests;

namespace Gantry.Cli.Tests;

/// <summary>Commands that are known and not served: refused in docker's words where it has any.</summary>
public class SwarmTests
{
    private const string NoManager = "This node is not a swarm manager.";

    [Theory]
    [InlineData("node ls", "", "Error response from daemon: " + NoManager)]
    [InlineData("service create --replicas 2 -e A=b --name web busybox", "", "Error response from daemon: " + NoManager)]
    [InlineData("service inspect x", "[]\n", "Error response from daemon: " + NoManager)]
    [InlineData("secret inspect -f {{.ID}} x", "\n", "Error response from daemon: " + NoManager)]
    [InlineData("service scale x=1", "", "x: Error response from daemon: " + NoManager)]
    [InlineData("swarm unlock-key -q", "", "could not fetch unlock key: Error response from daemon: " + NoManager)]
    [InlineData("swarm leave --force", "", "Error response from daemon: This node is not part of a swarm")]
    [InlineData("swarm unlock", "", "Error: This node is not part of a swarm")]
    [InlineData("stack up -c a.yaml x", "", "Error response from daemon: " + NoManager)]
    public async Task The_engines_refusal_is_shown(string command, string output, string error)
    {
        using var daemon = new FakeDaemon((request, connection) => connection.Send(FakeDaemon.Response(503, $$"""{"message":"{{NoManager}}"}""")) > 0);
        Assert.Equal((1, output, error + "\n"), await CommandRunner.RunAsync(command.Split(' '), daemon.Address));
    }

    [Theory]
    [InlineData("swarm init --advertise-addr 1.2.3.4", "docker swarm init: there is no swarm mode in Gantry")]
    [InlineData("trust sign x", "docker trust: content trust (Notary) is not part of Gantry")]
    [InlineData("plugin install --alias a x", "docker plugin install: plugins are not implemented in Gantry")]
    [InlineData("swarm join --token abc", "docker: 'docker swarm join' requires 1 argument")]
    [InlineData("swarm foo", "docker: unknown command: docker swarm foo")]
    public async Task What_nobody_can_be_asked_for_is_refused_at_once(string command, string error)
    {
        var (exitCode, output, text) = await CommandRunner.RunAsync(command.Split(' '));
        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith(error, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plugins_are_listed()
    {
        using var daemon = new FakeDaemon((request, connection) =>
            connection.Send(FakeDaemon.Response(200, """[{"Id":"0123456789abcdef","Name":"x:latest","Enabled":true,"Config":{"Description":"what"}}]""")) > 0);
        Assert.Equal(
            (0, "ID             NAME       DESCRIPTION   ENABLED\n0123456789ab   x:latest   what          true\n", ""),
            await CommandRunner.RunAsync(["plugin", "ls"], daemon.Address));
    }

    [Fact]
    public async Task Each_has_a_help()
    {
        foreach (var path in SwarmTable.Entries.SelectMany(static entry => entry.Paths))
        {
            var (exitCode, output, error) = await CommandRunner.RunAsync([.. path.Split(' '), "--help"]);
            Assert.Equal((0, ""), (exitCode, error));
            Assert.StartsWith($"Usage:  docker {path}", output);
        }
    }
}
