using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Containers;

public sealed class SystemTests(Engine engine) : IClassFixture<Engine>
{
    [Theory, BothClients]
    public void Version_names_client_and_server(string client)
    {
        var docker = engine.Client(client);
        var text = docker.Run("version").Succeeded().Output;
        Assert.Contains("Client:", text, StringComparison.Ordinal);
        Assert.Contains("Server:", text, StringComparison.Ordinal);
        Assert.Matches(@"^\d+\.\d+", docker.Text("version", "--format", "{{.Server.Version}}"));
        Assert.Equal("linux/amd64", docker.Text("version", "--format", "{{.Server.Os}}/{{.Server.Arch}}"));
        Assert.Matches(@"^1\.\d\d$", docker.Text("version", "--format", "{{.Server.APIVersion}}"));
    }

    [Theory, BothClients]
    public void Info_tells_the_state_of_the_engine(string client)
    {
        var docker = engine.Client(client);
        engine.RunShell("sleep 600");
        Assert.InRange(int.Parse(docker.Text("info", "--format", "{{.ContainersRunning}}"), System.Globalization.CultureInfo.InvariantCulture), 1, 1000);
        Assert.Equal("linux x86_64", docker.Text("info", "--format", "{{.OSType}} {{.Architecture}}"));
        Assert.Equal($"{Environment.ProcessorCount}", docker.Text("info", "--format", "{{.NCPU}}"));
        Assert.Contains("Storage Driver: ", docker.Text("info"), StringComparison.Ordinal);
    }

    [Theory, BothClients]
    public void A_socket_that_nobody_answers_is_named(string client)
    {
        var nowhere = client == "docker" ? TestEnvironment.DockerClient : TestEnvironment.Gantry;
        var result = Command.Run([nowhere, "-H", "unix:///nonexistent/e2e.sock", "ps"]).ExitsWith(1);
        Assert.Matches("Cannot connect to the (Docker|Gantry) daemon at unix:///nonexistent/e2e.sock. Is (the docker daemon|'gantry daemon') running\\?",
            result.Error);
    }

    [Theory, BothClients]
    public void Events_tell_the_life_of_a_container(string client)
    {
        var name = engine.NewName();
        using var events = engine.Client(client).Start("events", "--filter", $"container={name}", "--format", "{{.Action}}");
        Thread.Sleep(500); // Nothing shows that the client listens.
        engine.Docker.Run("run", "--name", name, Engine.Image, "true").Succeeded();
        engine.Docker.Run("rm", name).Succeeded();
        events.WaitForOutput("destroy\n");
        events.Signal("INT");
        Assert.Equal(["create", "attach", "start", "die", "destroy"],
            events.Wait().Output.Split('\n').Where(action => action is "create" or "attach" or "start" or "die" or "destroy"));
    }
}
