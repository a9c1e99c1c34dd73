using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Containers;

/// <summary>The big <c>run -d</c>: what was asked for is looked at from inside the container, and from the kernel's side.</summary>
public sealed class LimitTests(Engine engine) : IClassFixture<Engine>
{
    [Theory, BothClients]
    public void Everything_that_was_asked_for_holds_inside(string client)
    {
        var docker = engine.Client(client);
        File.WriteAllText(Path.Combine(engine.HostFolderAsSeenHere, "given"), "from the host\n");
        var name = engine.NewName();
        docker.Run("run", "-d", "--name", name, "-e", "K=V", "-w", "/tmp", "-u", "1000:1000", "-m", "64m", "--cpus", ".5", "--pids-limit", "50", "--read-only",
            "--tmpfs", "/t",
            "-v", $"{engine.HostFolder}:/c:ro", "--network", "none", Engine.Image, "sleep", "600").Succeeded();

        string Inside(string script) => docker.Text("exec", name, "sh", "-c", script);
        Assert.Equal("V", Inside("echo $K"));
        Assert.Equal("/tmp", Inside("pwd"));
        Assert.Equal("uid=1000 gid=1000 groups=1000", Inside("id"));
        Assert.Equal("from the host", Inside("cat /c/given"));
        Assert.Contains("Read-only file system", docker.Run("exec", name, "touch", "/c/mine").ExitsWith(1).Error, StringComparison.Ordinal);
        Assert.Contains("Read-only file system", docker.Run("exec", "-u", "0", name, "touch", "/bin/mine").ExitsWith(1).Error, StringComparison.Ordinal);
        Assert.Equal("written", Inside("echo written >/t/file && cat /t/file"));
        Assert.Equal("tmpfs rw,nosuid,nodev,noexec", Inside("awk '$2 == \"/t\" {print $3, $4}' /proc/mounts | cut -d, -f1-4 | sed 's/,relatime//'"));
        Assert.Equal("ro", Inside("awk '$2 == \"/\" {print $4}' /proc/mounts | cut -d, -f1"));
        Assert.Equal("67108864", CgroupValue(docker, name, "memory", "memory.limit_in_bytes", "memory.max"));
        Assert.Equal("50", CgroupValue(docker, name, "pids", "pids.max", "pids.max"));
        Assert.Contains(CgroupValue(docker, name, "cpu", "cpu.cfs_quota_us", "cpu.max"), new[] { "50000", "50000 100000" });
        docker.Run("rm", "-f", name).Succeeded();
    }

    [Theory, BothClients]
    public void Inspect_gives_back_what_was_asked_for(string client)
    {
        var docker = engine.Client(client);
        var name = engine.NewName();
        docker.Run("create", "--name", name, "-m", "64m", "--cpus", ".5", "--pids-limit", "50", "--read-only", "--tmpfs", "/t", "--ulimit", "nofile=512:1024",
            "--cap-drop", "NET_RAW",
            "--label", "a=b", "--stop-signal", "INT", "--stop-timeout", "3", Engine.Image, "sleep", "600").Succeeded();
        Assert.Equal("67108864 500000000 50 true map[/t:] [NET_RAW]", docker.Inspect(name,
            "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.Tmpfs}} {{.HostConfig.CapDrop}}").Replace("[CAP_NET_RAW]", "[NET_RAW]", StringComparison.Ordinal));
        Assert.Equal("b INT 3", docker.Inspect(name, "{{index .Config.Labels \"a\"}} {{.Config.StopSignal}} {{.Config.StopTimeout}}"));
        Assert.Equal("[{\"Name\":\"nofile\",\"Hard\":1024,\"Soft\":512}]", docker.Inspect(name, "{{json .HostConfig.Ulimits}}"));
    }

    [Theory, BothClients]
    public void A_process_that_takes_too_much_memory_is_killed_and_that_is_told(string client)
    {
        var docker = engine.Client(client);
        var name = engine.NewName();
        docker.Run("run", "--name", name, "-m", "16m", "--memory-swap", "16m", Engine.Image, "sh", "-c", "dd if=/dev/zero of=/dev/null bs=64M count=1")
            .ExitsWith(137);
        Assert.Equal("true 137", docker.Inspect(name, "{{.State.OOMKilled}} {{.State.ExitCode}}"));
    }

    [Theory, BothClients]
    public void No_more_processes_than_allowed_are_made(string client) =>
        Assert.Contains("can't fork", engine.Client(client)
            .Run("run", "--rm", "--pids-limit", "20", Engine.Image, "sh", "-c", "for i in $(seq 30); do sleep 1 & done; wait").Error, StringComparison.Ordinal);

    [Theory, BothClients]
    public void Limits_of_the_process_are_set(string client) =>
        Assert.Equal("512 1024", engine.Client(client)
            .Text("run", "--rm", "--ulimit", "nofile=512:1024", Engine.Image, "sh", "-c", "echo $(ulimit -Sn) $(ulimit -Hn)"));

    [Theory, BothClients]
    public void A_volume_that_is_written_is_seen_on_the_host(string client)
    {
        engine.Client(client).Run("run", "--rm", "-v", $"{engine.HostFolder}:/c", Engine.Image, "sh", "-c", $"echo by {client} >/c/by-{client}").Succeeded();
        Assert.Equal($"by {client}\n", File.ReadAllText(Path.Combine(engine.HostFolderAsSeenHere, $"by-{client}")));
    }

    [Theory, BothClients]
    public void A_mount_of_a_missing_folder_is_refused_but_a_volume_makes_it(string client)
    {
        var missing = Path.Combine(engine.HostFolder, $"missing-{client}");
        Assert.Contains("bind source path does not exist", engine.Client(client)
            .Run("run", "--rm", "--mount", $"type=bind,source={missing},target=/c", Engine.Image, "true").ExitsWith(125).Error, StringComparison.Ordinal);
        engine.Client(client).Run("run", "--rm", "-v", $"{missing}:/c", Engine.Image, "true").Succeeded();
        Assert.True(Directory.Exists(Path.Combine(engine.HostFolderAsSeenHere, $"missing-{client}")));
    }

    [Theory, BothClients]
    public void Shared_memory_has_the_size_that_was_asked_for(string client) =>
        Assert.Equal("8192", engine.Client(client)
            .Text("run", "--rm", "--shm-size", "8m", Engine.Image, "sh", "-c", "df -k /dev/shm | awk 'NR == 2 {print $2}'"));

    /// <summary>
    /// A value of the container's cgroup, by the file's name in cgroup v1 or v2, read from the host: the container does not see its own controllers everywhere.
    /// </summary>
    private static string CgroupValue(Client docker, string name, string controller, string v1, string v2)
    {
        var pid = docker.Inspect(name, "{{.State.Pid}}");
        var lines = File.ReadAllLines($"/proc/{pid}/cgroup").Select(line => line.Split(':', 3)).ToArray();
        var mine = lines.FirstOrDefault(line => line[1].Split(',').Contains(controller));
        var file = mine is not null
            ? Path.Combine("/sys/fs/cgroup", controller) + mine[2] + "/" + v1
            : "/sys/fs/cgroup" + lines.Single(line => line[0] == "0")[2] + "/" + v2;
        return File.ReadAllText(file).Trim();
    }
}
