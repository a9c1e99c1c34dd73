using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Mounts;

namespace Gantry.Runtime.Rootfs;

/// <summary>
/// A container's own instance of devpts. Terminals of its processes are opened in it, not in the host's, so that they have a name there:
/// <c>/dev/pts/0</c> for its first process, the next number for an exec.
/// </summary>
public static class ContainerTerminals
{
    private const string Place = "dev/pts";
    private const long DEVPTS_SUPER_MAGIC = 0x1cd1;

    /// <summary>
    /// Mounts the instance before there is a container; attached nowhere. As <see cref="Create.ContainerResources.TerminalMount"/> it becomes
    /// the container's /dev/pts.
    /// </summary>
    /// <param name="spec">The container's configuration, whose mount at /dev/pts says how.</param>
    /// <returns>Null: the configuration has no devpts there.</returns>
    /// <exception cref="OsException">The kernel refused.</exception>
    /// <exception cref="Gantry.Oci.GantryException">An option of the mount is not supported.</exception>
    public static Fd? Mount(RuntimeSpec spec)
    {
        if ((spec.Mounts ?? []).FirstOrDefault(IsTerminals) is not { } mount)
            return null;
        var options = MountOptions.Parse(mount);
        using var context = FileSystemContext.Open("devpts");
        foreach (var option in options.Data.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (option.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
                context.Set(option[..equals], KernelPath.FromText(option[(equals + 1)..]));
            else
                context.SetFlag(option);
        }
        return context.Mount((MountAttributes)options.Attributes.Set);
    }

    /// <summary>The instance of a running container.</summary>
    /// <param name="root">The container's root directory, e.g. <c>/proc/PID/root</c> opened.</param>
    /// <returns>Null: it has none at /dev/pts.</returns>
    public static Fd? Open(Fd root)
    {
        var folder = FileOpener.TryOpenWithin(root, KernelPath.FromText(Place), OpenFlags.Path | OpenFlags.Directory,
            ResolveFlags.InRoot | ResolveFlags.NoSymlinks | ResolveFlags.NoMagicLinks, 0, out _);
        // Whatever the container mounted there: nothing is opened but in a devpts, which has no files but terminals.
        if (folder is null || FileSystemStatus.Of(folder).Type == DEVPTS_SUPER_MAGIC)
            return folder;
        folder.Dispose();
        return null;
    }

    /// <summary>Whether a mount of a configuration is that of the container's terminals.</summary>
    internal static bool IsTerminals(MountSpec mount) => mount.Type == "devpts" && ContainerPath.Normalize(mount.Destination) == Place;
}
