using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Mounts;
using Gantry.Os.Processes;
using Gantry.Runtime.Create;

namespace Gantry.Runtime.Rootfs;

/// <summary>Makes the container's root filesystem the root of its mount namespace.</summary>
internal sealed class RootSteps(ProgramWriter writer, RuntimeSpec spec, ContainerResources resources)
{
    private const long MNT_DETACH = 2, MOVE_MOUNT_F_EMPTY_PATH = 4;

    private readonly ProcessProgramBuilder _builder = writer.Builder;

    /// <summary>The root as a detached mount: the one given, or one of the folder that the configuration names.</summary>
    internal Fd Mount { get; } = resources.RootMount ?? Clone(writer, Folder(spec, resources));

    /// <summary>Attaches the root where it can be reached, and opens it: what follows is looked up from there.</summary>
    internal void Attach()
    {
        var empty = _builder.Text("");
        var place = Place(spec, resources);
        var root = writer.Use(Mount);
        _builder.Call("make mounts private", SystemCall.Mount, empty, _builder.Text("/"), empty, MountOptions.MS_PRIVATE | MountOptions.MS_REC, 0);
        _builder.Call($"attach the root filesystem at {place}", SystemCall.MoveMount,
            root, empty, PathSteps.AT_FDCWD, _builder.Text(place), MOVE_MOUNT_F_EMPTY_PATH);
        _builder.Call("open the root filesystem", SystemCall.Openat, root, _builder.Text("."), PathSteps.O_PATH | PathSteps.O_DIRECTORY | PathSteps.O_CLOEXEC)
            .Into(ProgramWriter.Root);
    }

    /// <summary>
    /// Makes it the root. The old one is detached at once: from there on no path leads back to the host, whatever the following steps are told
    /// to open.
    /// </summary>
    internal void Pivot()
    {
        var dot = _builder.Text(".");
        _builder.Call("enter the root filesystem", SystemCall.Fchdir, ProgramWriter.Root);
        if (resources.NoPivot)
        {
            var (empty, top) = (_builder.Text(""), _builder.Text("/"));
            _builder.Call("move the root filesystem over /", SystemCall.MoveMount, ProgramWriter.Root, empty, PathSteps.AT_FDCWD, top, MOVE_MOUNT_F_EMPTY_PATH);
            _builder.Call("chroot into the root filesystem", SystemCall.Chroot, dot);
        }
        else
        {
            // pivot_root(2), "pivot_root(".", ".")": the old root ends up stacked on the new one, where the second call finds it.
            _builder.Call("pivot into the root filesystem", SystemCall.PivotRoot, dot, dot);
            _builder.Call("detach the host's root", SystemCall.Umount2, dot, MNT_DETACH);
        }
        _builder.Call("enter /", SystemCall.Chdir, _builder.Text("/"));
    }

    /// <summary>The last word on the root mount: read-only, and its propagation.</summary>
    internal void Seal()
    {
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
            _builder.Call($"make the root {propagation}", SystemCall.Mount, _builder.Text(""), _builder.Text("/"), _builder.Text(""), flag, 0);
        }
        if (spec.Root?.Readonly == true)
        {
            var readOnly = _builder.Structure(new MountAttributeChange(MountOptions.MS_RDONLY, 0, 0, 0));
            _builder.Call("make the root read-only", SystemCall.MountSetattr, PathSteps.AT_FDCWD, _builder.Text("/"), 0, readOnly, MountAttributeChange.Size);
        }
    }

    /// <summary>Where the root is attached in the container's mount namespace.</summary>
    internal static string Place(RuntimeSpec spec, ContainerResources resources) => resources.MountPoint ?? Folder(spec, resources);

    private static Fd Clone(ProgramWriter writer, string folder)
    {
        var mount = DetachedMount.Clone(null, KernelPath.FromText(folder), recursive: true);
        writer.Own(mount);
        new MountAttributeChange(0, 0, MountOptions.MS_PRIVATE, 0).Apply(mount, recursive: true, folder);
        return mount;
    }

    private static string Folder(RuntimeSpec spec, ContainerResources resources)
    {
        var path = spec.Root?.Path is { Length: > 0 } given ? given : throw GantryException.Invalid("root.path is missing in the configuration");
        return Path.GetFullPath(path, resources.Bundle ?? "/");
    }
}
