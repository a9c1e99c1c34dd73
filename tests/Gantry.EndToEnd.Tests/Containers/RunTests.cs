using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Containers;

public sealed class RunTests(Engine engine) : IClassFixture<Engine>
{
    [Theory, BothClients]
    public void Output_and_errors_come_out_apart(string client)
    {
        var result = engine.Client(client).Run("run", "--rm", Engine.Image, "sh", "-c", "echo out; echo err >&2").Succeeded();
        Assert.Equal("out\n", result.Output);
        Assert.Equal("err\n", result.Error);
    }

    [Theory]
    [BothClients]
    public void The_exit_code_is_that_of_the_process(string client)
    {
        engine.Client(client).Run("run", "--rm", Engine.Image, "true").ExitsWith(0);
        engine.Client(client).Run("run", "--rm", Engine.Image, "sh", "-c", "exit 42").ExitsWith(42);
        engine.Client(client).Run("run", "--rm", Engine.Image, "sh", "-c", "sleep 60 & kill -KILL $!; wait $!").ExitsWith(137);
        // Process 1 has no default for SIGTERM.
        engine.Client(client).Run("run", "--rm", Engine.Image, "sh", "-c", "kill -TERM $$; sleep 1; exit 3").ExitsWith(3);
    }

    [Theory, BothClients]
    public void A_command_that_is_not_there_gives_127(string client)
    {
        var result = engine.Client(client).Run("run", "--rm", Engine.Image, "no-such-command").ExitsWith(127);
        Assert.Contains("exec: \"no-such-command\": executable file not found in $PATH", result.Error, StringComparison.Ordinal);
        var path = engine.Client(client).Run("run", "--rm", Engine.Image, "/no/such/file").ExitsWith(127);
        Assert.Contains("exec: \"/no/such/file\": stat /no/such/file: no such file or directory", path.Error, StringComparison.Ordinal);
    }

    [Theory, BothClients]
    public void A_file_that_is_no_program_gives_126(string client)
    {
        var result = engine.Client(client).Run("run", "--rm", Engine.Image, "/etc/passwd").ExitsWith(126);
        Assert.Contains("permission denied", result.Error, StringComparison.Ordinal);
        engine.Client(client).Run("run", "--rm", Engine.Image, "/etc").ExitsWith(126);
    }

    [Theory, BothClients]
    public void A_request_that_the_engine_refuses_gives_125(string client)
    {
        engine.Client(client).Run("run", "--rm", "--no-such-flag", Engine.Image, "true").ExitsWith(125);
        engine.Client(client).Run("run", "--rm", "-m", "1k", Engine.Image, "true").ExitsWith(125);
        engine.Client(client).Run("run", "--rm", "-v", "not-absolute:relative", Engine.Image, "true").ExitsWith(125);
    }

    [Theory, BothClients]
    public void A_failed_start_leaves_no_container_with_rm(string client)
    {
        var name = engine.NewName();
        engine.Client(client).Run("run", "--rm", "--name", name, Engine.Image, "no-such-command").ExitsWith(127);
        Eventually.Equal("", () => engine.Docker.Text("ps", "-aq", "--filter", $"name={name}"));
    }

    [Theory, BothClients]
    public void Standard_input_is_passed_on_with_interactive(string client)
    {
        Assert.Equal("3 words here", engine.Client(client).RunWithInput("3 words here\n", "run", "--rm", "-i", Engine.Image, "cat").Text);
        Assert.Equal("0", engine.Client(client).RunWithInput("not passed on\n", "run", "--rm", Engine.Image, "sh", "-c", "wc -c").Text);
    }

    [Theory, BothClients]
    public void A_megabyte_comes_back_unharmed(string client)
    {
        var text = string.Concat(Enumerable.Range(0, 20000).Select(i => $"line {i:d6} of the text that is echoed, no byte lost\n"));
        Assert.Equal(text, engine.Client(client).RunWithInput(text, "run", "--rm", "-i", Engine.Image, "cat").Succeeded().Output);
    }

    [Theory, BothClients]
    public void Detached_prints_the_whole_ID(string client)
    {
        var name = engine.NewName();
        var id = engine.Client(client).Text("run", "-d", "--name", name, Engine.Image, "sleep", "600");
        Assert.Matches("^[0-9a-f]{64}$", id);
        Assert.Equal(id, engine.Docker.Inspect(name, "{{.Id}}"));
    }

    [Theory, BothClients]
    public void Remove_takes_the_container_away_when_it_ends(string client)
    {
        var name = engine.NewName();
        engine.Client(client).Run("run", "--rm", "--name", name, Engine.Image, "true").Succeeded();
        Eventually.Equal("", () => engine.Docker.Text("ps", "-aq", "--filter", $"name={name}"));
    }

    [Theory, BothClients]
    public void A_name_is_given_once(string client)
    {
        var name = engine.NewName();
        var id = engine.Client(client).Text("create", "--name", name, Engine.Image, "true");
        var result = engine.Client(client).Run("run", "--name", name, Engine.Image, "true").ExitsWith(125);
        Assert.Contains(
            $"Conflict. The container name \"/{name}\" is already in use by container \"{id}\". You have to remove (or rename) that container to be able to reuse that name.", result.Error, StringComparison.Ordinal);
    }

    [Theory, BothClients]
    public void A_bad_name_is_refused(string client) =>
        Assert.Contains("Invalid container name (-bad), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
            engine.Client(client).Run("run", "--name=-bad", Engine.Image, "true").ExitsWith(125).Error, StringComparison.Ordinal);

    [Theory, BothClients]
    public void Environment_working_folder_user_and_host_name(string client)
    {
        var docker = engine.Client(client);
        Assert.Equal("V", docker.Text("run", "--rm", "-e", "K=V", Engine.Image, "sh", "-c", "echo $K"));
        Assert.Equal("/made/anew", docker.Text("run", "--rm", "-w", "/made/anew", Engine.Image, "pwd"));
        Assert.Equal("uid=1000 gid=1001 groups=1001", docker.Text("run", "--rm", "-u", "1000:1001", Engine.Image, "id"));
        Assert.Equal("uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)", docker.Text("run", "--rm", "-u", "nobody", Engine.Image, "id"));
        Assert.Equal("uid=0(root) gid=0(root) groups=0(root),6(disk),10(wheel)", docker.Text("run", "--rm", Engine.Image, "id"));
        Assert.Equal("a-host", docker.Text("run", "--rm", "-h", "a-host", Engine.Image, "hostname"));
        Assert.Equal("from /bin/echo", docker.Text("run", "--rm", "--entrypoint", "/bin/echo", Engine.Image, "from", "/bin/echo"));
    }

    [Theory, BothClients]
    public void Variables_come_from_a_file_and_from_the_clients_own(string client)
    {
        using var work = new WorkFolder();
        File.WriteAllText(work.File("env"), "# comment\nA=from a file\nPATH_IS=$PATH\n");
        Assert.Equal("from a file $PATH", engine.Client(client)
            .Text("run", "--rm", "--env-file", work.File("env"), Engine.Image, "sh", "-c", "echo $A $PATH_IS"));
    }

    [Theory, BothClients]
    public void The_default_environment_is_dockers(string client)
    {
        var name = engine.NewName();
        var lines = engine.Client(client).Run("run", "--name", name, Engine.Image, "env").Lines.Order(StringComparer.Ordinal).ToArray();
        var id = engine.Docker.Inspect(name, "{{.Id}}");
        Assert.Equal(["HOME=/root", $"HOSTNAME={id[..12]}", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], lines);
    }

    [Theory, BothClients]
    public void Network_none_has_a_loopback_and_nothing_else(string client) =>
        Assert.Equal("lo up 127.0.0.1", engine.Client(client).Text("run", "--rm", "--network", "none", Engine.Image, "sh", "-c",
            "ip -o link show lo | grep -q 'UP' && state=up; echo $(ls /sys/class/net | grep -v -e tunl -e sit -e gre -e ip6 -e ip_ -e erspan) $state $(ip -o -4 addr show lo | sed 's/.*inet \\([0-9.]*\\).*/\\1/')"));

    [Theory, BothClients]
    public void Network_host_is_the_machines(string client)
    {
        var here = Path.GetFileName(File.ResolveLinkTarget("/proc/self/ns/net", false)!.FullName);
        Assert.Equal(here, engine.Client(client).Text("run", "--rm", "--network", "host", Engine.Image, "readlink", "/proc/self/ns/net"));
    }

    [Theory, BothClients]
    public void The_ID_is_written_to_a_file(string client)
    {
        using var work = new WorkFolder();
        engine.Client(client).Run("run", "--rm", "--cidfile", work.File("id"), Engine.Image, "true").Succeeded();
        Assert.Matches("^[0-9a-f]{64}$", File.ReadAllText(work.File("id")));
        Assert.Contains("ontainer ID file found",
            engine.Client(client).Run("run", "--rm", "--cidfile", work.File("id"), Engine.Image, "true").ExitsWith(125).Error, StringComparison.Ordinal);
    }

    [Theory, BothClients]
    public void A_missing_image_that_is_not_to_be_pulled_is_named(string client) =>
        Assert.Contains("No such image: e2e-missing:latest",
            engine.Client(client).Run("run", "--rm", "--pull", "never", "e2e-missing", "true").ExitsWith(125).Error, StringComparison.Ordinal);

    [Theory, BothClients]
    public void A_signal_to_the_client_reaches_the_process(string client)
    {
        var name = engine.NewName();
        using var run = engine.Client(client).Start(
            "run", "--name", name, Engine.Image, "sh", "-c", "trap 'echo got it; exit 7' TERM; echo ready; while :; do sleep 0.05; done");
        run.WaitForOutput("ready");
        run.Signal("TERM");
        var result = run.Wait().ExitsWith(7);
        Assert.Contains("got it", result.Output, StringComparison.Ordinal);
    }
}
