using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Survival;

/// <summary>What was removed is gone: mounts, cgroups, processes, files. An engine of its own, which ends within the test.</summary>
[Trait("Only", "Gantry")]
public sealed class CleanlinessTests
{
    [Fact]
    public void Nothing_is_left_of_containers_however_they_ended()
    {
        var before = MachineMounts();
        using var work = new WorkFolder();
        string folder;
        var ids = new List<string>();
        using (var engine = new Engine())
        {
            folder = engine.Daemon.Folder;
            string Noted(string name)
            {
                ids.Add(engine.Docker.Inspect(name, "{{.Id}}"));
                return name;
            }

            engine.Docker.Run("run", "--rm", "--cidfile", work.File("id"), "-m", "64m", "--tmpfs", "/t", "-v", $"{engine.HostFolder}:/c", Engine.Image, "sh",
                "-c", "echo x >/c/x; echo y >/y").Succeeded();
            ids.Add(File.ReadAllText(work.File("id")));
            engine.Docker.Run("rm", Noted(Ended(engine, "exit 3"))).Succeeded();
            engine.Docker.Run("rm", "-f", Noted(engine.RunShell("sleep 600 & sleep 601"))).Succeeded();
            var failed = engine.NewName();
            engine.Docker.Run("run", "--name", failed, Engine.Image, "no-such-command").ExitsWith(127);
            engine.Docker.Run("rm", Noted(failed)).Succeeded();
            var paused = Noted(engine.RunShell("sleep 600"));
            engine.Docker.Run("pause", paused).Succeeded();
            engine.Docker.Run("rm", "-f", paused).Succeeded();
            var executed = Noted(engine.RunShell("sleep 600"));
            engine.Docker.Run("exec", "-d", executed, "sleep", "602").Succeeded();
            engine.Docker.Run("rm", "-f", executed).Succeeded();

            MachineState.AssertContainersGone(ids, engine.Daemon.Root, engine.Daemon.Run);
            Assert.Equal(before, MachineMounts());
        }

        Assert.False(Directory.Exists(folder));
    }

    /// <summary>A container's mounts are in its own namespace: the machine's table does not change even while it runs.</summary>
    [Fact]
    public void A_running_container_adds_no_mount_to_the_machine()
    {
        using var engine = new Engine();
        var before = MachineMounts();
        engine.RunShell("sleep 600", "-v", $"{engine.HostFolder}:/c");
        Assert.Equal(before, MachineMounts());
    }

    private static string Ended(Engine engine, string script)
    {
        var name = engine.NewName();
        engine.Docker.Run("run", "--name", name, Engine.Image, "sh", "-c", script);
        return name;
    }

    /// <summary>Mounts that could be ours: other programs may mount things meanwhile.</summary>
    private static List<string> MachineMounts() =>
        [.. File.ReadAllLines("/proc/self/mountinfo").Where(line => line.Contains("gantry", StringComparison.Ordinal)).Order()];
}
