using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Security;

/// <summary>What a container may not do unless it was asked for.</summary>
public sealed class ConfinementTests(Engine engine) : IClassFixture<Engine>
{
    [Fact]
    public void It_has_dockers_capabilities()
    {
        Assert.Equal("00000000a80425fb", Status("CapEff"));
        Assert.Equal("00000000a80425fb", Status("CapBnd"));
        Assert.Equal("0000000000000000", Status("CapInh"));
        Assert.Equal("0000000000000000", Status("CapAmb"));
    }

    [Fact]
    public void Capabilities_are_added_and_dropped()
    {
        Assert.Equal("0000000000000000", Status("CapEff", "--cap-drop", "ALL"));
        Assert.Equal("0000000000001000", Status("CapEff", "--cap-drop", "ALL", "--cap-add", "NET_ADMIN"));
        Assert.Equal("00000000a80401fb", Status("CapEff", "--cap-drop", "NET_BIND_SERVICE", "--cap-drop", "CAP_NET_RAW"));
        Assert.Contains("unknown capability: \"CAP_NONSENSE\"",
            engine.Docker.Run("run", "--rm", "--cap-add", "NONSENSE", Engine.Image, "true").ExitsWith(125).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_user_has_no_effective_capabilities() => Assert.Equal("0000000000000000", Status("CapEff", "-u", "1000"));

    [Fact]
    public void A_seccomp_filter_is_loaded()
    {
        Assert.Equal("2", Status("Seccomp"));
        Assert.Equal("0", Status("Seccomp", "--security-opt", "seccomp=unconfined"));
    }

    [Fact]
    public void System_calls_outside_the_profile_are_refused()
    {
        Assert.Contains("Operation not permitted", engine.Docker.Run("run", "--rm", Engine.Image, "unshare", "-U", "true").Error, StringComparison.Ordinal);
        Assert.Contains("permission denied (are you root?)",
            engine.Docker.Run("run", "--rm", Engine.Image, "mount", "-t", "tmpfs", "none", "/tmp").ExitsWith(1).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void No_new_privileges_only_when_asked_for()
    {
        Assert.Equal("0", Status("NoNewPrivs"));
        Assert.Equal("1", Status("NoNewPrivs", "--security-opt", "no-new-privileges"));
    }

    [Theory]
    [InlineData("/proc/acpi")]
    [InlineData("/proc/keys")]
    [InlineData("/proc/timer_list")]
    [InlineData("/proc/scsi")]
    [InlineData("/sys/firmware")]
    public void Paths_that_tell_about_the_machine_are_empty(string path) =>
        Assert.Equal(
            "", engine.Docker.Text("run", "--rm", Engine.Image, "sh", "-c", $"if [ -d {path} ]; then ls -A {path}; elif [ -e {path} ]; then cat {path}; fi"));

    [Theory]
    [InlineData("/proc/sys/kernel/hostname")]
    [InlineData("/proc/irq/default_smp_affinity")]
    [InlineData("/sys/kernel/mm/transparent_hugepage/enabled")]
    public void The_machine_cannot_be_changed_through(string path) =>
        Assert.Contains("Read-only file system", engine.Docker.Run("run", "--rm", Engine.Image, "sh", "-c", $"echo x >{path}").ExitsWith(1).Error,
            StringComparison.Ordinal);

    [Fact]
    public void Devices_are_the_harmless_ones()
    {
        Assert.Equal("fd|full|mqueue|null|ptmx|pts|random|shm|stderr|stdin|stdout|tty|urandom|zero",
            // There when the kernel has /proc/kcore.
            string.Join('|', engine.Docker.Run("run", "--rm", Engine.Image, "ls", "/dev").Lines.Where(name => name != "core")));
        Assert.Contains("Operation not permitted", engine.Docker.Run("run", "--rm", Engine.Image, "sh", "-c", "mknod /tmp/disk b 254 0 && cat /tmp/disk")
            .ExitsWith(1).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Processes_of_the_machine_are_not_seen() =>
        Assert.Equal("/proc/1", engine.Docker.Text("run", "--rm", Engine.Image, "sh", "-c", "echo /proc/[0-9]*"));

    [Fact]
    public void Nothing_of_the_machines_root_can_be_reached() =>
        Assert.Equal("", engine.Docker.Text("run", "--rm", Engine.Image, "sh", "-c", "cat /proc/1/mountinfo | awk '$5 ~ /old|put_old/'"));

    [Fact]
    public void No_descriptor_of_the_engine_is_inherited()
    {
        var name = engine.NewName();
        engine.Docker.Run("run", "-d", "--name", name, Engine.Image, "sleep", "600").Succeeded();
        Assert.Equal(["0", "1", "2"], Directory.EnumerateFileSystemEntries($"/proc/{engine.Docker.Inspect(name, "{{.State.Pid}}")}/fd").Select(Path.GetFileName)
            .Order());
    }

    [Fact]
    public void Namespaces_are_its_own()
    {
        var inside = engine.Docker.Run("run", "--rm", "--network", "none", Engine.Image, "sh", "-c",
            "for n in pid net ipc mnt uts; do readlink /proc/self/ns/$n; done").Lines;
        var outside = new[] { "pid", "net", "ipc", "mnt", "uts" }.Select(name => Path.GetFileName(new FileInfo($"/proc/self/ns/{name}").LinkTarget!));
        Assert.Empty(inside.Intersect(outside));
    }

    [Fact]
    public void A_privileged_container_has_everything()
    {
        Assert.Equal("0", Status("Seccomp", "--privileged"));
        Assert.Equal(File.ReadAllLines("/proc/self/status").First(line => line.StartsWith("CapBnd", StringComparison.Ordinal)).Split('\t')[1],
            Status("CapEff", "--privileged"));
    }

    [Fact]
    public void Exec_is_confined_like_the_container()
    {
        var name = engine.RunShell("sleep 600", "--security-opt", "no-new-privileges", "--cap-drop", "CHOWN");
        string Exec(string field) => engine.Docker.Text("exec", name, "sh", "-c", $"awk '/^{field}:/ {{print $2}}' /proc/self/status");
        Assert.Equal("2", Exec("Seccomp"));
        Assert.Equal("1", Exec("NoNewPrivs"));
        Assert.Equal("00000000a80425fa", Exec("CapEff"));
    }

    private string Status(string field, params string[] options) =>
        engine.Docker.Text(["run", "--rm", .. options, Engine.Image, "awk", $"/^{field}:/ {{print $2}}", "/proc/self/status"]);
}
