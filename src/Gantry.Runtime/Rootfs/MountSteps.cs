using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Mounts;
using Gantry.Os.Namespaces;
using Gantry.Os.Processes;
using Gantry.Runtime.Create;

namespace Gantry.Runtime.Rootfs;

/// <summary>Makes the mounts of a configuration, in order, once the container's root is the root.</summary>
internal sealed class MountSteps(ProgramWriter writer, PathSteps paths, Fd root, RuntimeSpec spec, ContainerResources resources)
{
    private const long MOVE_MOUNT_EMPTY_PATHS = 0x44, PROC_SUPER_MAGIC = 0x9fa0;
    private const string ProcPlace = "proc", SysPlace = "sys";

    /// <summary>Files of /proc that a mount may cover: what lxcfs and the like provide. Anything else there could deceive a runtime.</summary>
    private static readonly string[] CoverableProcFiles =
    [
        "proc/cpuinfo", "proc/diskstats", "proc/meminfo", "proc/stat", "proc/swaps", "proc/uptime", "proc/loadavg", "proc/slabinfo",
        "proc/net/dev", "proc/sys/kernel/ns_last_pid", "proc/sys/crypto/fips_enabled",
    ];

    private readonly ProcessProgramBuilder _builder = writer.Builder;

    /// <summary>Makes all of them.</summary>
    internal void Write()
    {
        var mounts = spec.Mounts ?? [];
        var terminals = resources.TerminalMount is null ? -1 : mounts.TakeWhile(mount => !ContainerTerminals.IsTerminals(mount)).Count();
        for (var i = 0; i < mounts.Count; i++)
        {
            var options = MountOptions.Parse(mounts[i]);
            var destination = ContainerPath.Destination(mounts[i].Destination);
            if (options.Bind)
                WriteBind(mounts[i], options, destination, resources.BindSources is { } sources && i < sources.Count ? sources[i] : null);
            else if (i == terminals)
                WriteTerminals(resources.TerminalMount!, options, destination);
            else if (mounts[i].Type is "cgroup" or "cgroup2")
                new CgroupMountSteps(writer, paths, spec, resources).Write(mounts[i], options, destination);
            else
                WriteFilesystem(mounts[i], options, destination);
        }
    }

    /// <summary>
    /// A filesystem of its own, mounted by mount(2) on the working directory: one call takes flags and data as they come in a
    /// configuration, and the target is still the descriptor that was opened safely.
    /// </summary>
    private void WriteFilesystem(MountSpec mount, MountOptions options, string destination)
    {
        var type = mount.Type is { Length: > 0 } given ? given : throw GantryException.Invalid($"mount at {mount.Destination}: it has no type");
        var stage = $"mount {type} at /{destination}";
        // A symbolic link at /proc or /sys would put them where nobody masks them (CVE-2019-19921, CVE-2023-27561).
        var isKernelTree = type is "proc" or "sysfs";
        if (destination == ProcPlace && type != "proc")
            throw NoProcfs(mount);
        paths.OpenOrMake(stage, destination, directory: true, isKernelTree ? PathSteps.RESOLVE_NO_SYMLINKS : 0);
        if (!isKernelTree)
            paths.RefuseProcfs(stage);
        var data = type == "tmpfs" ? WithModeOfTarget(options.Data, destination) : options.Data;
        _builder.Call(stage, SystemCall.Fchdir, ProgramWriter.Target);
        _builder.Call(stage, SystemCall.Mount, _builder.Text(mount.Source ?? type), _builder.Text("."), _builder.Text(type), options.Flags,
            _builder.Text(data));
        paths.Close(ProgramWriter.Target);
        if (isKernelTree)
            KeepKernelTree(stage, type, destination);
        WritePropagation(stage, destination, options);
    }

    /// <summary>Attaches the instance of devpts in which the terminal was opened; one more at the same place is mounted anew.</summary>
    private void WriteTerminals(Fd terminals, MountOptions options, string destination)
    {
        const string stage = "mount devpts at /dev/pts";
        paths.OpenOrMake(stage, destination, directory: true);
        paths.RefuseProcfs(stage);
        _builder.Call(stage, SystemCall.MoveMount, writer.Use(terminals), _builder.Text(""), ProgramWriter.Target, _builder.Text(""), MOVE_MOUNT_EMPTY_PATHS);
        paths.Close(ProgramWriter.Target);
        WritePropagation(stage, destination, options);
    }

    private void WriteBind(MountSpec mount, MountOptions options, string destination, Fd? given)
    {
        var source = mount.Source is { Length: > 0 } path
            ? Path.GetFullPath(path, resources.Bundle ?? "/")
            : throw GantryException.Invalid($"bind mount at {mount.Destination}: it has no source");
        if (options.Data.Length > 0)
            throw GantryException.Invalid($"bind mount at {mount.Destination}: options {options.Data} do not apply to it");
        var stage = $"bind {source} at /{destination}";
        var detached = given ?? OpenSource(mount, options, source);
        var descriptor = given is null ? writer.Own(detached) : writer.Use(detached);
        Configure(detached, options, source);
        if (options.IdMap != IdMapForm.None)
            MapIds(detached, mount, options.IdMap == IdMapForm.Recursive, source);
        if (destination == ProcPlace && FileSystemStatus.Of(detached).Type != PROC_SUPER_MAGIC)
            throw NoProcfs(mount);

        paths.OpenOrMake(stage, destination, FileStatusReader.Read(detached).IsDirectory);
        if (!CoverableProcFiles.Contains(destination))
            paths.RefuseProcfs(stage);
        _builder.Call(stage, SystemCall.MoveMount, descriptor, _builder.Text(""), ProgramWriter.Target, _builder.Text(""), MOVE_MOUNT_EMPTY_PATHS);
        paths.Close(ProgramWriter.Target);
    }

    /// <summary>What programs in the container, and whoever looks at it from outside, believe of /proc would be the image's to say.</summary>
    private static GantryException NoProcfs(MountSpec mount) =>
        GantryException.Invalid($"\"{mount.Destination}\" cannot be mounted because it is not of type proc");

    private static Fd OpenSource(MountSpec mount, MountOptions options, string source)
    {
        try
        {
            return DetachedMount.Clone(null, KernelPath.FromText(source), options.Recursive);
        }
        catch (OsException error) when (error.Errno == Errno.ENOENT)
        {
            throw new OsException($"bind {source} at {mount.Destination}", error.Errno);
        }
    }

    /// <summary>
    /// Attributes and propagation are set before the mount is attached anywhere, so that it never shows without them. Without an option a
    /// bind mount receives what is mounted on the host and sends nothing back (rslave), as with runc.
    /// </summary>
    private static void Configure(Fd mount, MountOptions options, string source)
    {
        if (options.Attributes is not { Set: 0, Clear: 0 })
            options.Attributes.Apply(mount, recursive: false, source);
        if (options.RecursiveAttributes is not { Set: 0, Clear: 0 })
            options.RecursiveAttributes.Apply(mount, recursive: true, source);
        if (options.Propagations.Count == 0)
            new MountAttributeChange(0, 0, MountOptions.MS_SLAVE, 0).Apply(mount, recursive: true, source);
        foreach (var propagation in options.Propagations)
            new MountAttributeChange(0, 0, propagation & ~MountOptions.MS_REC, 0).Apply(mount, (propagation & MountOptions.MS_REC) != 0, source);
    }

    /// <summary>Has owners appear as the configuration says (MOUNT_ATTR_IDMAP of mount_setattr(2)): possible only before the mount is attached.</summary>
    private static void MapIds(Fd detached, MountSpec mount, bool recursive, string source)
    {
        const ulong MOUNT_ATTR_IDMAP = 0x100000;
        using var map = UserNamespace.Create(Ranges(mount.UidMappings!), Ranges(mount.GidMappings!));
        try
        {
            new MountAttributeChange(MOUNT_ATTR_IDMAP, 0, 0, (ulong)map.Number).Apply(detached, recursive, source);
        }
        catch (OsException e) when (e.Errno == Errno.EINVAL)
        {
            throw GantryException.Invalid(
                $"bind {source} at {mount.Destination}: the file system of the source, or of a mount below it, cannot be idmapped, or is already: use another one, or bind it without its submounts", e);
        }
    }

    private static IReadOnlyList<IdRange> Ranges(IReadOnlyList<IdMapping> mappings) =>
        [.. mappings.Select(static mapping => new IdRange(mapping.ContainerID, mapping.HostID, mapping.Size))];

    /// <summary>
    /// Makes sure that the mount is where it was asked for. One at its usual place stays open: what has to be hidden in it is looked up from there,
    /// as another container with the same root can rename the place of a mount at any time, and a path that is missing is passed over.
    /// </summary>
    private void KeepKernelTree(string stage, string type, string destination)
    {
        var usual = (type, destination) switch { ("proc", ProcPlace) => ProgramWriter.Proc, ("sysfs", SysPlace) => ProgramWriter.Sys, _ => (ProgramSlot?)null };
        var place = usual ?? ProgramWriter.Target;
        paths.Open(stage, destination, place, PathSteps.O_DIRECTORY, PathSteps.RESOLVE_NO_SYMLINKS);
        paths.RequireFilesystem($"{stage}: it is not a {(type == "proc" ? "procfs" : type)}", place, type == "proc" ? PathSteps.PROC_SUPER_MAGIC
            : PathSteps.SYSFS_MAGIC);
        if (usual is null)
            paths.Close(place);
    }

    private void WritePropagation(string stage, string destination, MountOptions options)
    {
        foreach (var propagation in options.Propagations)
        {
            var flags = PathSteps.AT_EMPTY_PATH | ((propagation & MountOptions.MS_REC) != 0 ? PathSteps.AT_RECURSIVE : 0);
            var change = _builder.Structure(new MountAttributeChange(0, 0, propagation & ~MountOptions.MS_REC, 0));
            paths.Open(stage, destination, ProgramWriter.Target);
            _builder.Call(stage, SystemCall.MountSetattr, ProgramWriter.Target, _builder.Text(""), flags, change, MountAttributeChange.Size);
            paths.Close(ProgramWriter.Target);
        }
    }

    /// <summary>A tmpfs over an existing directory takes that one's permissions, unless told otherwise; a new one is open to all (01777).</summary>
    private string WithModeOfTarget(string data, string destination)
    {
        if (data.Split(',').Any(option => option.StartsWith("mode=", StringComparison.Ordinal)))
            return data;
        using var target = FileOpener.TryOpenWithin(
            root, KernelPath.FromText(destination), OpenFlags.Path | OpenFlags.Directory, ResolveFlags.InRoot | ResolveFlags.NoMagicLinks, 0, out _);
        if (target is null)
            return data;
        var mode = "mode=" + Convert.ToString(FileStatusReader.Read(target).Permissions, 8);
        return data.Length == 0 ? mode : data + "," + mode;
    }
}
