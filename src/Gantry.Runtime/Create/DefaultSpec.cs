using Gantry.Oci.Runtime;

namespace Gantry.Runtime.Create;

/// <summary>The configuration that <c>spec</c> writes: a shell in a terminal, confined as runc's is.</summary>
public static class DefaultSpec
{
    private static readonly string[] Capabilities = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"];

    /// <summary>The configuration.</summary>
    /// <param name="version">The version of the specification.</param>
    /// <param name="hasUnifiedCgroups">Whether the host has cgroups of version 2 alone: there the container gets a namespace for them.</param>
    public static RuntimeSpec Create(string version, bool hasUnifiedCgroups) => new()
    {
        OciVersion = version,
        Process = new ProcessSpec
        {
            Terminal = true,
            User = new ProcessUser(),
            Args = ["sh"],
            Env = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
            Cwd = "/",
            Capabilities = new CapabilitySets { Bounding = Capabilities, Effective = Capabilities, Permitted = Capabilities },
            Rlimits = [new ResourceLimit("RLIMIT_NOFILE", 1024, 1024)],
            NoNewPrivileges = true,
        },
        Root = new RootSpec { Path = "rootfs", Readonly = true },
        Hostname = "gantry",
        Mounts = Mounts(),
        Linux = new LinuxSpec
        {
            Resources = new LinuxResources { Devices = [new DeviceRule { Allow = false, Access = "rwm" }] },
            Namespaces = [new("pid"), new("network"), new("ipc"), new("uts"), new("mount"), .. hasUnifiedCgroups ? [new NamespaceSpec("cgroup")]
                : Array.Empty<NamespaceSpec>()],
            MaskedPaths =
            [
                "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
                "/proc/sched_debug", "/sys/firmware", "/proc/scsi",
            ],
            ReadonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
        },
    };

    private static MountSpec[] Mounts() =>
    [
        new() { Destination = "/proc", Type = "proc", Source = "proc" },
        new() { Destination = "/dev", Type = "tmpfs", Source = "tmpfs", Options = ["nosuid", "strictatime", "mode=755", "size=65536k"] },
        new() { Destination = "/dev/pts", Type = "devpts", Source = "devpts",
            Options = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] },
        new() { Destination = "/dev/shm", Type = "tmpfs", Source = "shm", Options = ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"] },
        new() { Destination = "/dev/mqueue", Type = "mqueue", Source = "mqueue", Options = ["nosuid", "noexec", "nodev"] },
        new() { Destination = "/sys", Type = "sysfs", Source = "sysfs", Options = ["nosuid", "noexec", "nodev", "ro"] },
        new() { Destination = "/sys/fs/cgroup", Type = "cgroup", Source = "cgroup", Options = ["nosuid", "noexec", "nodev", "relatime", "ro"] },
    ];
}
