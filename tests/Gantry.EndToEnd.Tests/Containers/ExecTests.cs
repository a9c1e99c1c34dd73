using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Containers;

public sealed class ExecTests(Engine engine) : IClassFixture<Engine>
{
    [Theory, BothClients]
    public void Output_errors_and_exit_code_come_back(string client)
    {
        var name = engine.RunShell("sleep 600");
        var result = engine.Client(client).Run("exec", name, "sh", "-c", "echo out; echo err >&2; exit 21").ExitsWith(21);
        Assert.Equal(("out\n", "err\n"), (result.Output, result.Error));
    }

    [Theory, BothClients]
    public void It_is_inside_the_container(string client)
    {
        var docker = engine.Client(client);
        var name = engine.RunShell("echo mark >/mark; sleep 600", "-e", "K=V", "-w", "/tmp", "-h", "inside");
        Eventually.Equal("mark", () => docker.Run("exec", name, "cat", "/mark").Output.Trim());
        Assert.Equal("V /tmp inside", docker.Text("exec", name, "sh", "-c", "echo $K $(pwd) $(hostname)"));
        var namespaces = "for n in pid net ipc mnt uts cgroup; do readlink /proc/$0/ns/$n; done";
        Assert.Equal(docker.Text("exec", name, "sh", "-c", namespaces, "1"), docker.Text("exec", name, "sh", "-c", namespaces, "self"));
        Assert.Equal(CgroupsOf(docker.Inspect(name, "{{.State.Pid}}")), CgroupsOfExec(docker, name));
    }

    [Theory, BothClients]
    public void User_folder_and_variables_can_be_its_own(string client)
    {
        var name = engine.RunShell("sleep 600");
        Assert.Equal("1000 1000 /var other", engine.Client(client)
            .Text("exec", "-u", "1000:1000", "-w", "/var", "-e", "K=other", name, "sh", "-c", "echo $(id -u) $(id -g) $(pwd) $K"));
        Assert.Equal("nobody /home", engine.Client(client).Text("exec", "-u", "nobody", name, "sh", "-c", "echo $(id -un) $HOME"));
    }

    [Theory, BothClients]
    public void Standard_input_reaches_it_up_to_its_end(string client)
    {
        var name = engine.RunShell("sleep 600");
        Assert.Equal("12 bytes it is".Length.ToString(System.Globalization.CultureInfo.InvariantCulture),
            engine.Client(client).RunWithInput("12 bytes it is", "exec", "-i", name, "wc", "-c").Text);
    }

    [Theory, BothClients]
    public void What_cannot_be_run_gives_126_and_127(string client)
    {
        var name = engine.RunShell("sleep 600");
        var missing = engine.Client(client).Run("exec", name, "no-such-command").ExitsWith(127);
        Assert.Contains("exec: \"no-such-command\": executable file not found in $PATH", missing.Output + missing.Error, StringComparison.Ordinal);
        var forbidden = engine.Client(client).Run("exec", name, "/etc/passwd").ExitsWith(126);
        Assert.Contains("permission denied", forbidden.Output + forbidden.Error, StringComparison.Ordinal);
    }

    [Theory, BothClients]
    public void Detached_it_runs_on_without_the_client(string client)
    {
        var docker = engine.Client(client);
        var name = engine.RunShell("sleep 600");
        Assert.Equal("", docker.Text("exec", "-d", name, "sh", "-c", "sleep 0.2; echo done >/done"));
        Eventually.Equal("done", () => docker.Run("exec", name, "cat", "/done").Output.Trim());
    }

    [Theory, BothClients]
    public void A_container_that_does_not_run_is_refused(string client)
    {
        var docker = engine.Client(client);
        var name = engine.NewName();
        docker.Run("create", "--name", name, Engine.Image, "true").Succeeded();
        Assert.Contains("is not running", docker.Run("exec", name, "true").ExitsWith(1).Error, StringComparison.Ordinal);
        Assert.Contains("No such container: e2e-missing", docker.Run("exec", "e2e-missing", "true").ExitsWith(1).Error, StringComparison.Ordinal);
    }

    [Theory, BothClients]
    public void Many_at_once_do_not_mix_up_their_output(string client)
    {
        var docker = engine.Client(client);
        var name = engine.RunShell("sleep 600");
        var results = Enumerable.Range(0, 16).AsParallel().WithDegreeOfParallelism(8)
            .Select(i => (i, docker.Run("exec", name, "sh", "-c", $"echo {i}; echo {i} >&2; exit {i}"))).ToList();
        Assert.All(results, result =>
            Assert.Equal((result.i, $"{result.i}\n", $"{result.i}\n"), (result.Item2.ExitCode, result.Item2.Output, result.Item2.Error)));
    }

    private static string CgroupsOf(string pid) => string.Join('\n', File.ReadAllLines($"/proc/{pid}/cgroup"));

    /// <summary>The cgroups of a process that exec started, as the host sees them.</summary>
    private static string CgroupsOfExec(Client docker, string name)
    {
        docker.Run("exec", "-d", name, "sleep", "613").Succeeded();
        string? pid = null;
        Eventually.True(() =>
            (pid = docker.Run("top", name, "-o", "pid,args").Lines.FirstOrDefault(line => line.Contains("sleep 613", StringComparison.Ordinal))?.Trim()
                .Split(' ')[0]) is not null, () => "the process does not show");
        return CgroupsOf(pid!);
    }
}
