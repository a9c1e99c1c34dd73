using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Containers;

public sealed class AttachTests(Engine engine) : IClassFixture<Engine>
{
    [Theory, BothClients]
    public void Attach_shows_what_comes_and_gives_the_exit_code(string client)
    {
        var docker = engine.Client(client);
        var name = engine.RunShell("trap 'echo last; exit 5' TERM; while :; do echo tick; sleep 0.02; done");
        using var attached = docker.Start("attach", name);
        attached.WaitForOutput("tick\ntick\n");
        engine.Docker.Run("stop", name).Succeeded();
        Assert.EndsWith("last\n", attached.Wait().ExitsWith(5).Output, StringComparison.Ordinal);
    }

    [Theory, BothClients]
    public void Standard_input_of_a_container_is_closed_when_the_attached_client_has_no_more(string client)
    {
        var docker = engine.Client(client);
        var name = engine.NewName();
        docker.Run("create", "-i", "--name", name, Engine.Image, "sh", "-c", "cat; echo end of input").Succeeded();
        Assert.Equal("typed\nend of input\n", docker.RunWithInput("typed\n", "start", "-ai", name).Succeeded().Output);
    }

    [Theory, BothClients]
    public void Two_clients_see_the_same(string client)
    {
        var docker = engine.Client(client);
        var name = engine.RunShell("while [ ! -e /go ]; do sleep 0.02; done; echo out; echo err >&2; exit 2");
        using var first = docker.Start("attach", name);
        using var second = docker.Start("attach", "--no-stdin", name);
        Thread.Sleep(500); // Nothing shows that a client is attached.
        docker.Run("exec", name, "touch", "/go").Succeeded();
        foreach (var attached in (Command[])[first, second])
        {
            var result = attached.Wait().ExitsWith(2);
            Assert.Equal(("out\n", "err\n"), (result.Output, result.Error));
        }
    }

    [Theory, BothClients]
    public void What_does_not_run_is_refused(string client)
    {
        var docker = engine.Client(client);
        var name = engine.NewName();
        docker.Run("create", "--name", name, Engine.Image, "true").Succeeded();
        Assert.Contains("cannot attach to a stopped container, start it first", docker.Run("attach", name).ExitsWith(1).Error,
            StringComparison.OrdinalIgnoreCase);
    }

    [Theory, BothClients]
    public void A_reader_that_stops_reading_does_not_stop_the_log(string client)
    {
        var docker = engine.Client(client);
        var name = engine.RunShell("while [ ! -e /go ]; do sleep 0.02; done; seq 1 20000");
        using (var attached = docker.Start("attach", "--no-stdin", name))
        {
            Thread.Sleep(300);
            attached.Signal("STOP");
            docker.Run("exec", name, "touch", "/go").Succeeded();
            Thread.Sleep(300);
            attached.Signal("KILL");
            attached.Wait();
        }

        Assert.Equal("0", docker.Text("wait", name));
        Assert.Equal(20000, docker.Run("logs", name).Lines.Length);
    }
}
