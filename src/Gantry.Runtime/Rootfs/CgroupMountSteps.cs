using Gantry.Oci.Runtime;
using Gantry.Os.Files;
using Gantry.Os.Mounts;
using Gantry.Os.Processes;
using Gantry.Oci;
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
        var hierarchies = resources.Cgroup?.Hierarchies ?? [];
        var unified = hierarchies.FirstOrDefault(hierarchy => hierarchy.Name.Length == 0);
        if (hierarchies.Count == 0)
            throw GantryException.Invalid($"mount cgroup at {mount.Destination}: the container has no cgroup");
        if (unified is not null)
            WriteHierarchy(destination, unified, options, "cgroup2");
        else
            WriteVersion1(hierarchies, options, destination);
    }

    private void WriteVersion1(IReadOnlyList<CgroupHierarchyView> hierarchies, MountOptions options, string destination)
    {
        var stage = $"mount cgroup at /{destination}";
        paths.OpenOrMake(stage, destination, directory: true);
        paths.RefuseProcfs(stage);
        _builder.Call(stage, SystemCall.Fchdir, ProgramWriter.Target);
        _builder.Call(stage, SystemCall.Mount, _builder.Text("tmpfs"), _builder.Text("."), _builder.Text("tmpfs"),
            options.Flags & ~MountOptions.MS_RDONLY, _builder.Text("mode=755"));
        paths.Close(ProgramWriter.Target);
        foreach (var hierarchy in hierarchies)
            WriteHierarchy($"{destination}/{hierarchy.Name}", hierarchy, options, "cgroup");
        WriteControllerLinks(hierarchies, destination);
        if ((options.Flags & MountOptions.MS_RDONLY) == 0)
            return;
        var readOnly = _builder.Structure(new MountAttributeChange(MountOptions.MS_RDONLY, 0, 0, 0));
        paths.Open(stage, destination, ProgramWriter.Target);
        _builder.Call(stage, SystemCall.MountSetattr, ProgramWriter.Target, _builder.Text(""), PathSteps.AT_EMPTY_PATH, readOnly, MountAttributeChange.Size);
        paths.Close(ProgramWriter.Target);
    }

    private void WriteHierarchy(string destination, CgroupHierarchyView hierarchy, MountOptions options, string type)
    {
        var stage = $"mount {type} at /{destination}";
        paths.OpenOrMake(stage, destination, directory: true);
        paths.RefuseProcfs(stage);
        if (_hasNamespace)
        {
            _builder.Call(stage, SystemCall.Fchdir, ProgramWriter.Target);
            _builder.Call(stage, SystemCall.Mount, _builder.Text("cgroup"), _builder.Text("."), _builder.Text(type), options.Flags, _builder.Text(hierarchy.Options));
        }
        else
        {
            var own = DetachedMount.Clone(null, KernelPath.FromText(hierarchy.Path));
            var descriptor = writer.Own(own);
            var attributes = options.Flags & (MountOptions.MS_RDONLY | MountOptions.MS_NOSUID | MountOptions.MS_NODEV | MountOptions.MS_NOEXEC);
            new MountAttributeChange(attributes, 0, MountOptions.MS_PRIVATE, 0).Apply(own, recursive: false, hierarchy.Path);
            _builder.Call(stage, SystemCall.MoveMount, descriptor, _builder.Text(""), ProgramWriter.Target, _builder.Text(""), MOVE_MOUNT_EMPTY_PATHS);
        }
        paths.Close(ProgramWriter.Target);
    }

    /// <summary>Controllers that share a hierarchy (<c>cpu,cpuacct</c>) get a link each, by which programs look for them.</summary>
    private void WriteControllerLinks(IReadOnlyList<CgroupHierarchyView> hierarchies, string destination)
    {
        foreach (var hierarchy in hierarchies.Where(hierarchy => hierarchy.Name.Contains(',', StringComparison.Ordinal)))
        {
            foreach (var controller in hierarchy.Name.Split(','))
            {
                var stage = $"link cgroup controller {controller}";
                paths.Open(stage, destination, ProgramWriter.Target, PathSteps.O_DIRECTORY);
                _builder.Call(stage, SystemCall.Symlinkat, _builder.Text(hierarchy.Name), ProgramWriter.Target, _builder.Text(controller)).Tolerate(Gantry.Os.Errno.EEXIST);
                paths.Close(ProgramWriter.Target);
            }
        }
    }
}
