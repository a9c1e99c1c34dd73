using Gantry.Engine.Containers;
using Gantry.Engine.Init;
using Gantry.Oci.Runtime;
using Gantry.Storage.Layers;

namespace Gantry.Engine.Spec;

/// <summary>
/// The mounts of a container in the order they are made: the kernel's filesystems first, then what the user asked for and the files below /etc, a target above
/// before those below it, and a user's mount in the place of a default one.
/// </summary>
internal static class SpecMounts
{
    /// <summary>Where a root filesystem may have nothing to mount the default mounts on; those below <c>/dev</c> are inside one.</summary>
    internal static readonly MountPlaceholders Placeholders = new(
        ["/proc", "/dev", "/sys", "/etc/resolv.conf", "/etc/hostname", "/etc/hosts", .. InitProgram.Places]);

    private const long DefaultShmBytes = 64 << 20;

    public static IReadOnlyList<MountSpec> Build(Container container, string? sharedShmPath, string? init)
    {
        var user = container.Mounts.Select(FromMount).ToList();
        var taken = user.Select(m => Normalize(m.Destination)).ToHashSet();
        var defaults = Defaults(container, sharedShmPath)
            .Concat(init is null ? [] : [Bind(init, InitProgram.PathInside, readOnly: true, "rprivate", recursive: false)])
            .Where(mount => !taken.Contains(mount.Destination) && !(mount.Destination.StartsWith("/dev/", StringComparison.Ordinal) && taken.Contains("/dev")))
            .ToLookup(IsEtcFile);
        // A volume at /etc goes below the files that are the engine's there.
        return [.. defaults[false], .. user.Concat(defaults[true]).OrderBy(m => Depth(m.Destination))];
    }

    private static bool IsEtcFile(MountSpec mount) => mount.Destination.StartsWith("/etc/", StringComparison.Ordinal);

    private static IEnumerable<MountSpec> Defaults(Container container, string? sharedShmPath)
    {
        var host = container.HostConfig;
        var privileged = host.Privileged;
        yield return Kernel("/proc", "proc", "proc", "nosuid", "noexec", "nodev");
        yield return Kernel("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k");
        yield return Kernel("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5");
        yield return Kernel("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", privileged ? "rw" : "ro");
        yield return Kernel("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", privileged
            || SecurityOptions.Parse(host.SecurityOpt).WritableCgroups ? "rw" : "ro");
        // Which queues a mount shows depends on the IPC namespace: with that of the host these are the host's, mounted there or not.
        yield return Kernel("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev");

        if (host.IpcMode == "host")
            yield return Bind("/dev/shm", "/dev/shm", readOnly: false, "rprivate", recursive: true);
        else if (sharedShmPath is not null)
            yield return Bind(sharedShmPath, "/dev/shm", readOnly: false, "rprivate", recursive: true);
        else if (host.IpcMode != "none")
            yield return Kernel("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", $"size={ShmBytes(host.ShmSize)}");

        yield return Bind(container.ResolvConfPath, "/etc/resolv.conf", host.ReadonlyRootfs, "rprivate", recursive: true);
        yield return Bind(container.HostnamePath, "/etc/hostname", host.ReadonlyRootfs, "rprivate", recursive: true);
        yield return Bind(container.HostsPath, "/etc/hosts", host.ReadonlyRootfs, "rprivate", recursive: true);
    }

    private static long ShmBytes(long asked) => asked > 0 ? asked : DefaultShmBytes;

    private static MountSpec FromMount(ContainerMount mount) => mount.Type == "tmpfs"
        ? Kernel(mount.Destination, "tmpfs", "tmpfs", [.. TmpfsOptions.Merge(mount.TmpfsOptions)])
        : Bind(mount.Source, mount.Destination, mount.ReadOnly, mount.Propagation.Length > 0 ? mount.Propagation : "rprivate", mount.Recursive,
            mount.ReadOnlyRecursive);

    private static MountSpec Kernel(string target, string type, string source, params string[] options) =>
        new() { Destination = target, Type = type, Source = source, Options = options };

    private static MountSpec Bind(string source, string target, bool readOnly, string propagation, bool recursive, bool readOnlyRecursive = false) => new()
    {
        Destination = Normalize(target),
        Type = "bind",
        Source = source,
        Options = [recursive ? "rbind" : "bind", propagation, .. readOnly ? (string[])[readOnlyRecursive ? "rro" : "ro"] : []],
    };

    private static int Depth(string path) => Normalize(path).Count(c => c == '/');

    /// <summary>Without a slash at the end, without <c>.</c> and <c>..</c>: only the text, links are resolved when it is mounted.</summary>
    private static string Normalize(string path) => Path.GetFullPath(path).TrimEnd('/') is { Length: > 0 } text ? text : "/";
}
