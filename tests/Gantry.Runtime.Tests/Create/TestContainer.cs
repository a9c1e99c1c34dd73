using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Processes;
using Gantry.Runtime.Create;

namespace Gantry.Runtime.Tests.Create;

/// <summary>A container of busybox in a folder of its own, and what its process printed.</summary>
internal sealed class TestContainer : IDisposable
{
    private readonly ProcessSpawner _spawner = new();

    public TestContainer()
    {
        Folder = Directory.CreateTempSubdirectory("gantry-runtime-test-").FullName;
        foreach (var folder in new[] { "bin", "proc", "sys", "dev", "etc", "tmp" })
            Directory.CreateDirectory(Path.Combine(Root, folder));
        File.Copy(Busybox, Path.Combine(Root, "bin/busybox"));
        foreach (var name in new[] { "sh", "cat", "ls", "echo", "id", "grep", "mount", "hostname", "stat", "touch", "pwd", "env", "true", "sleep", "readlink",
            "chmod", "ip", "tty" })
            File.CreateSymbolicLink(Path.Combine(Root, "bin", name), "busybox");
        File.WriteAllText(Path.Combine(Root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n");
    }

    public string Folder { get; }

    public string Root => Path.Combine(Folder, "rootfs");

    public ContainerResources Resources { get; set; } = new();

    /// <summary>The static busybox that <c>eng/busybox-image</c> leaves in the repository's <c>out/images</c>.</summary>
    private static string Busybox { get; } = FindBusybox();

    public static readonly string[] DefaultCapabilities =
        ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_NET_BIND_SERVICE", "CAP_MKNOD"];

    private static string FindBusybox()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var busybox = Path.Combine(folder.FullName, "out/images/busybox");
            if (File.Exists(busybox))
                return busybox;
        }
        throw new FileNotFoundException("No static busybox in out/images: run eng/busybox-image out/images/busybox.tar, or the tests by eng/test.");
    }

    public RuntimeSpec Spec(params string[] arguments) => new()
    {
        OciVersion = "1.2.0",
        Hostname = "box",
        Root = new RootSpec { Path = Root },
        Process = new ProcessSpec
        {
            Args = arguments,
            Env = ["PATH=/usr/bin:/bin"],
            Cwd = "/",
            NoNewPrivileges = true,
            Capabilities = new CapabilitySets { Bounding = DefaultCapabilities, Permitted = DefaultCapabilities, Effective = DefaultCapabilities },
        },
        Mounts =
        [
            new MountSpec { Destination = "/proc", Type = "proc", Source = "proc", Options = ["nosuid", "noexec", "nodev"] },
            new MountSpec { Destination = "/dev", Type = "tmpfs", Source = "tmpfs", Options = ["nosuid", "strictatime", "mode=755", "size=65536k"] },
            new MountSpec
            {
                Destination = "/dev/pts", Type = "devpts", Source = "devpts",
                Options = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
            },
            new MountSpec { Destination = "/dev/shm", Type = "tmpfs", Source = "shm", Options = ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"] },
            new MountSpec { Destination = "/dev/mqueue", Type = "mqueue", Source = "mqueue", Options = ["nosuid", "noexec", "nodev"] },
            new MountSpec { Destination = "/sys", Type = "sysfs", Source = "sysfs", Options = ["nosuid", "noexec", "nodev", "ro"] },
        ],
        Linux = new LinuxSpec
        {
            Namespaces = [new("pid"), new("network"), new("ipc"), new("uts"), new("mount"), new("cgroup")],
            MaskedPaths = ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/interrupts", "/sys/firmware"],
            ReadonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
        },
    };

    /// <summary>Runs it to its end; what it printed on either stream, and its exit code.</summary>
    public (string Output, int Code) Run(RuntimeSpec spec)
    {
        var path = Path.Combine(Folder, "output");
        using var output = FileOpener.Open(path, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Truncate, 0x1a4);
        using var input = FileOpener.Open("/dev/null", OpenFlags.ReadOnly);
        using var launch = ContainerProgram.Compile(spec, Resources with { Streams = new ProcessStreams { Input = input, Output = output, Error = output } });
        var result = _spawner.Spawn(launch.Program, launch.DescriptorNumbers);
        if (result.FailedOperation >= 0)
            throw result.ToException(launch.Program);
        using var pidFd = result.PidFd!;
        var code = ProcessExitStatus.Wait(pidFd).Code;
        return (File.ReadAllText(path), code);
    }

    /// <summary>Runs a shell script; what it printed.</summary>
    public string Shell(string script, Func<RuntimeSpec, RuntimeSpec>? change = null)
    {
        var spec = Spec("sh", "-c", script);
        var (output, _) = Run(change?.Invoke(spec) ?? spec);
        return output.TrimEnd('\n');
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
