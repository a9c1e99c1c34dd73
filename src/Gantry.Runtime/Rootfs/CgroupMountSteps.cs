using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Mounts;
using Gantry.Os.Processes;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Create;

namespace Gantry.Runtime.Rootfs;

/// <summary>
/// A mount of type <c>cgroup</c>: version 2 is mounted whole; of version 1 (and of a hybrid host) a tmpfs holds one folder a hierarchy. With
/// a cgroup namespace the hierarchies are mounted, and show the container's own cgroup as their root; without one that directory is bound.
/// </summary>
internal sealed class CgroupMountSteps(ProgramWriter writer, PathSteps paths, RuntimeSpec spec, ContainerResources resources)
{
    private const long MOVE_MOUNT_EMPTY_PATHS = 0x44;

    private readonly ProcessProgramBuilder _builder = writer.Builder;
    private readonly bool _hasNamespace = spec.Linux?.Namespaces?.Any(entry => entry.Type == "cgroup") == true;

    /// <summary>Makes the mount.</summary>
    internal void Write(MountSpec mount, MountOptions options, string destination)
    {
        if (resources.Cgroup is not { } cgroup)
            throw GantryException.Invalid($"mount cgroup at {mount.Destination}: the container has no cgroup");
        // On a hybrid host version 2 is left out, as runc does: what limits a container is in the other trees.
        var version1 = cgroup.Folders.Where(folder => !folder.Hierarchy.IsUnified).ToList();
        if (version1.Count == 0)
            WriteHierarchy(destination, cgroup.Folders[0], options, "cgroup2");
        else
            WriteVersion1(version1, options, destination);
    }

    private void WriteVersion1(IReadOnlyList<CgroupFolder> folders, MountOptions options, string destination)
    {
        var stage = $"mount cgroup at /{destination}";
        paths.OpenOrMake(stage, destination, directory: true);
        paths.RefuseProcfs(stage);
        _builder.Call(stage, SystemCall.Fchdir, ProgramWriter.Target);
        _builder.Call(stage, SystemCall.Mount, _builder.Text("tmpfs"), _builder.Text("."), _builder.Text("tmpfs"),
            options.Flags & ~MountOptions.MS_RDONLY, _builder.Text("mode=755"));
        paths.Close(ProgramWriter.Target);
        foreach (var folder in folders)
            WriteHierarchy($"{destination}/{folder.Hierarchy.FolderName}", folder, options, "cgroup");
        WriteControllerLinks(folders, destination);
        if ((options.Flags & MountOptions.MS_RDONLY) == 0)
            return;
        var readOnly = _builder.Structure(new MountAttributeChange(MountOptions.MS_RDONLY, 0, 0, 0));
        paths.Open(stage, destination, ProgramWriter.Target);
        _builder.Call(stage, SystemCall.MountSetattr, ProgramWriter.Target, _builder.Text(""), PathSteps.AT_EMPTY_PATH, readOnly, MountAttributeChange.Size);
        paths.Close(ProgramWriter.Target);
    }

    private void WriteHierarchy(string destination, CgroupFolder folder, MountOptions options, string type)
    {
        var stage = $"mount {type} at /{destination}";
        paths.OpenOrMake(stage, destination, directory: true);
        paths.RefuseProcfs(stage);
        if (_hasNamespace)
        {
            _builder.Call(stage, SystemCall.Fchdir, ProgramWriter.Target);
            _builder.Call(stage, SystemCall.Mount, _builder.Text("cgroup"), _builder.Text("."), _builder.Text(type), options.Flags,
                _builder.Text(folder.Hierarchy.MountOptions));
        }
        else
        {
            var own = DetachedMount.Clone(null, KernelPath.FromText(folder.HostPath));
            var descriptor = writer.Own(own);
            var attributes = options.Flags & (MountOptions.MS_RDONLY | MountOptions.MS_NOSUID | MountOptions.MS_NODEV | MountOptions.MS_NOEXEC);
            new MountAttributeChange(attributes, 0, MountOptions.MS_PRIVATE, 0).Apply(own, recursive: false, folder.HostPath);
            _builder.Call(stage, SystemCall.MoveMount, descriptor, _builder.Text(""), ProgramWriter.Target, _builder.Text(""), MOVE_MOUNT_EMPTY_PATHS);
        }
        paths.Close(ProgramWriter.Target);
    }

    /// <summary>Controllers that share a hierarchy (<c>cpu,cpuacct</c>) get a link each, by which programs look for them.</summary>
    private void WriteControllerLinks(IReadOnlyList<CgroupFolder> folders, string destination)
    {
        foreach (var name in folders.Select(folder => folder.Hierarchy.FolderName).Where(name => name.Contains(',', StringComparison.Ordinal)))
        {
            foreach (var controller in name.Split(','))
            {
                var stage = $"link cgroup controller {controller}";
                paths.Open(stage, destination, ProgramWriter.Target, PathSteps.O_DIRECTORY);
                _builder.Call(stage, SystemCall.Symlinkat, _builder.Text(name), ProgramWriter.Target, _builder.Text(controller)).Tolerate(Errno.EEXIST);
                paths.Close(ProgramWriter.Target);
            }
        }
    }
}
