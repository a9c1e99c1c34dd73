using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Mounts;
using Gantry.Os.Processes;
using Gantry.Runtime.Create;

namespace Gantry.Runtime.Rootfs;

/// <summary>Makes the container's root filesystem the root of its mount namespace.</summary>
internal static class RootSteps
{
    private const long MNT_DETACH = 2, MOVE_MOUNT_F_EMPTY_PATH = 4;

    /// <summary>The root as a detached mount: the one given, or one of the folder that the configuration names.</summary>
    internal static Fd Open(ProgramWriter writer, RuntimeSpec spec, ContainerResources resources)
    {
        if (resources.RootMount is { } given)
            return given;
        var folder = Folder(spec, resources);
        var mount = DetachedMount.Clone(null, KernelPath.FromText(folder), recursive: true);
        writer.Own(mount);
        new MountAttributeChange(0, 0, MountOptions.MS_PRIVATE, 0).Apply(mount, recursive: true, folder);
        return mount;
    }

    /// <summary>
    /// Attaches the root and pivots into it. The old root is detached at once: from there on no path leads back to the host, whatever
    /// the following steps are told to open.
    /// </summary>
    internal static void Enter(ProgramWriter writer, Fd root, RuntimeSpec spec, ContainerResources resources)
    {
        var builder = writer.Builder;
        var empty = builder.Text("");
        var dot = builder.Text(".");
        var place = resources.MountPoint ?? Folder(spec, resources);
        var rootMount = writer.Use(root);

        builder.Call("make mounts private", SystemCall.Mount, empty, builder.Text("/"), empty, MountOptions.MS_PRIVATE | MountOptions.MS_REC, 0);
        var target = resources.NoPivot ? "/" : place;
        builder.Call($"attach the root filesystem at {target}", SystemCall.MoveMount,
            rootMount, empty, PathSteps.AT_FDCWD, builder.Text(target), MOVE_MOUNT_F_EMPTY_PATH);
        builder.Call("enter the root filesystem", SystemCall.Fchdir, rootMount);
        if (resources.NoPivot)
        {
            builder.Call("chroot into the root filesystem", SystemCall.Chroot, dot);
        }
        else
        {
            // pivot_root(2), "pivot_root(".", ".")": the old root ends up stacked on the new one, where the second call finds it.
            builder.Call("pivot into the root filesystem", SystemCall.PivotRoot, dot, dot);
            builder.Call("detach the host's root", SystemCall.Umount2, dot, MNT_DETACH);
        }
        builder.Call("enter /", SystemCall.Chdir, builder.Text("/"));
        builder.Call("open /", SystemCall.Openat, PathSteps.AT_FDCWD, builder.Text("/"), PathSteps.O_PATH | PathSteps.O_DIRECTORY | PathSteps.O_CLOEXEC)
            .Into(ProgramWriter.Root);
    }

    /// <summary>The last word on the root mount: read-only, and its propagation.</summary>
    internal static void Seal(ProgramWriter writer, RuntimeSpec spec)
    {
        var builder = writer.Builder;
        if (spec.Linux?.RootfsPropagation is { Length: > 0 } propagation)
        {
            var flag = propagation switch
            {
                "private" => MountOptions.MS_PRIVATE,
                "rprivate" => MountOptions.MS_PRIVATE | MountOptions.MS_REC,
                "slave" => MountOptions.MS_SLAVE,
                "rslave" => MountOptions.MS_SLAVE | MountOptions.MS_REC,
                "shared" => MountOptions.MS_SHARED,
                "rshared" => MountOptions.MS_SHARED | MountOptions.MS_REC,
                "unbindable" => MountOptions.MS_UNBINDABLE,
                "runbindable" => MountOptions.MS_UNBINDABLE | MountOptions.MS_REC,
                _ => throw GantryException.Invalid($"rootfsPropagation {propagation} is not known"),
            };
            builder.Call($"make the root {propagation}", SystemCall.Mount, builder.Text(""), builder.Text("/"), builder.Text(""), flag, 0);
        }
        if (spec.Root?.Readonly == true)
        {
            var readOnly = builder.Structure(new MountAttributeChange(MountOptions.MS_RDONLY, 0, 0, 0));
            builder.Call("make the root read-only", SystemCall.MountSetattr, PathSteps.AT_FDCWD, builder.Text("/"), 0, readOnly, MountAttributeChange.Size);
        }
    }

    private static string Folder(RuntimeSpec spec, ContainerResources resources)
    {
        var path = spec.Root?.Path is { Length: > 0 } given ? given : throw GantryException.Invalid("root.path is missing in the configuration");
        return Path.GetFullPath(path, resources.Bundle ?? "/");
    }
}
