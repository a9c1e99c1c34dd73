using System.Text.Json.Nodes;
using Gantry.EndToEnd.Tests.Harness;
using Gantry.EndToEnd.Tests.Runtime;

namespace Gantry.EndToEnd.Tests.Escapes;

/// <summary>Ways to more privileges than were given: capabilities through files, cgroups, what the kernel offers to root.</summary>
[Trait("Only", "Gantry")]
public sealed class PrivilegeTests(Engine engine) : IClassFixture<Engine>
{
    // struct vfs_cap_data, revision 2 (capabilities(7)): effective; permitted none; inheritable CAP_DAC_READ_SEARCH, CAP_NET_ADMIN, CAP_SYS_ADMIN.
    private const string Inheritable = "\u0001\0\0\u0002\0\0\0\0\u0004\u0010\u0020\0\0\0\0\0\0\0\0\0";

    // The same: permitted CAP_NET_BIND_SERVICE, inheritable none.
    private const string Permitted = "\u0001\0\0\u0002\0\u0004\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

    private const string Show = "grep -E '^Cap(Inh|Prm|Eff|Amb)' /proc/self/status | awk '{print $2}'";

    private static readonly byte[] s_busybox = ReadBusybox();

    /// <summary>CVE-2022-24769: with inheritable capabilities, files that have them give them to any user.</summary>
    [Fact]
    public void Files_with_inheritable_capabilities_give_none()
    {
        LoadImage();
        var result = engine.Docker.Run("run", "--rm", "-u", "1000", "e2e-caps:1", "busybox-capable", "sh", "-c", Show);
        Assert.DoesNotMatch("[1-9a-f]", result.Output);
        var name = engine.NewName();
        engine.Docker.Run("run", "-d", "--name", name, "--cap-add", "SYS_ADMIN", "--cap-add", "NET_ADMIN", "e2e-caps:1", "sleep", "600").Succeeded();
        Assert.DoesNotMatch("[1-9a-f]", engine.Docker.Run("exec", "-u", "1000", name, "busybox-capable", "sh", "-c", Show).Output);
        // Attributes do arrive: a permitted one, within what the container may have, counts.
        Assert.Contains("0000000000000400", engine.Docker.Text("run", "--rm", "-u", "1000", "e2e-caps:1", "busybox-permitted", "sh", "-c", Show),
            StringComparison.Ordinal);
    }

    /// <summary>CVE-2022-29162: the same for an exec that asks for capabilities.</summary>
    [Fact]
    public void An_exec_with_capabilities_has_no_inheritable_ones()
    {
        using var bundle = new Bundle("sleep", "600");
        var id = bundle.NewId();
        bundle.Create(id, bundle.Path + "/output").Succeeded();
        bundle.Runtime("start", id).Succeeded();
        Assert.Equal("0000000000000000", bundle.Runtime(
            "exec", "--cap", "CAP_NET_ADMIN", "--cap", "CAP_SYS_ADMIN", id, "awk", "/^CapInh/ {print $2}", "/proc/self/status").Text);
        Assert.Equal("0000000000000000", bundle.Runtime(
            "exec", "--cap", "CAP_NET_ADMIN", "--user", "1000", id, "awk", "/^CapInh/ {print $2}", "/proc/self/status").Text);
    }

    /// <summary>
    /// CVE-2023-25809, CVE-2022-0492: cgroups are writable, or a container mounts its own, to have the kernel execute a program of its choice.
    /// </summary>
    [Theory]
    [InlineData("private")]
    [InlineData("host")]
    public void Cgroups_cannot_be_written_to(string mode)
    {
        const string Attack = """
            for f in $(find /sys/fs/cgroup \( -name release_agent -o -name notify_on_release -o -name cgroup.procs -o -name tasks -o -name devices.allow -o -name memory.max -o -name memory.limit_in_bytes \)); do
              case $f in *devices.allow) v='a *:* rwm';; *) v=1;; esac
              (echo "$v" >$f) 2>/dev/null && echo got out by $f
            done
            mkdir /sys/fs/cgroup/evil /sys/fs/cgroup/*/evil 2>/dev/null && echo got out by mkdir
            mkdir -p /mine
            for t in cpu rdma freezer name=systemd; do mount -t cgroup -o $t none /mine 2>/dev/null && echo got out by mount $t; done
            mount -t cgroup2 none /mine 2>/dev/null && echo got out by mount
            unshare -UrmC true 2>/dev/null && echo got out by unshare
            find /sys/fs/cgroup -name cgroup.procs | wc -l
            """;
        var output = engine.Docker.Text("run", "--rm", "--cgroupns", mode, Engine.Image, "sh", "-c", Attack);
        Assert.DoesNotContain("got out", output, StringComparison.Ordinal);
        Assert.NotEqual("0", output);
    }

    /// <summary>What root of the host may do with the kernel and its devices, tried by root of a container.</summary>
    [Fact]
    public void Roots_ways_to_the_machine_are_closed()
    {
        const string Attack = """
            try() { "$@" >/dev/null 2>&1 && echo got out by "$@"; }
            mknod /d b 8 0; mknod /m c 1 1; mknod /k c 10 232; mknod /f c 10 229
            for f in /d /m /k /f /dev/mem /dev/kmsg /proc/kcore; do try dd if=$f of=/dev/null count=1 bs=512; done
            try mount -t proc none /mnt; try mount --bind / /mnt; try mount -o remount,rw /proc/sys; try umount /proc/kcore; try pivot_root . .
            try chroot /proc/1/root ls $1; try insmod /x.ko; try dmesg;
            try sysctl -w kernel.core_pattern=x; try nsenter -t 1 -m true; try nsenter -t 2 -m true; try unshare -m true; try unshare -U true; try setsid nice -n -20 true
            for f in /proc/sysrq-trigger /proc/sys/kernel/core_pattern /sys/kernel/uevent_helper /sys/power/state; do (echo x >$f) 2>/dev/null && echo got out by $f; done
            true
            """;
        var output = engine.Docker.Text("run", "--rm", Engine.Image, "sh", "-c", Attack, "sh", engine.Daemon.Root);
        Assert.Equal("", string.Join('\n', output.Split('\n').Where(line => !line.Contains("setsid nice", StringComparison.Ordinal))));
    }

    private void LoadImage() =>
        TestImage.Load(engine, "e2e-caps:1", [Program("capable", Inheritable), Program("permitted", Permitted)]).Succeeded();

    /// <summary>busybox, which does what its first argument names when it is called by a name that it does not know.</summary>
    private static System.Formats.Tar.TarEntry Program(string name, string capabilities) =>
        TestImage.File("bin/busybox-" + name, s_busybox, attributes: new() { ["SCHILY.xattr.security.capability"] = capabilities });

    private static byte[] ReadBusybox()
    {
        using var work = new WorkFolder();
        Command.Shell($"tar -xOf '{TestEnvironment.ImageArchive}' --wildcards '*/layer.tar' | tar -xO ./bin/[ >'{work.File("busybox")}'");
        return File.ReadAllBytes(work.File("busybox"));
    }
}
