using Gantry.Api.Model;
using Gantry.Oci;

namespace Gantry.Engine.Create;

/// <summary>Checks what a user wants mounted, as far as that needs nothing to be looked up or made. Texts are docker's.</summary>
internal static class MountValidator
{
    private static readonly string[] s_tmpfsFlags = ["exec", "noexec", "dev", "nodev", "suid", "nosuid", "ro", "rw", "atime", "noatime", "diratime",
        "nodiratime", "sync", "async", "dirsync", "nomand", "mand", "relatime", "norelatime", "strictatime", "nostrictatime", "private", "rprivate"];
    private static readonly string[] s_tmpfsValues = ["uid", "gid", "mode", "size", "nr_inodes", "nr_blocks", "mpol", "huge"];

    /// <exception cref="GantryException">A mount is malformed (InvalidArgument).</exception>
    public static void Check(ContainerConfig config, HostConfig host)
    {
        var taken = new HashSet<string>();
        foreach (var bind in host.Binds ?? [])
            Take(taken, BindSpec.Parse(bind).Target);
        foreach (var mount in host.Mounts ?? [])
        {
            Check(mount);
            Take(taken, MountTarget.Clean(mount.Target!));
        }
        foreach (var target in host.Tmpfs?.Keys ?? [])
        {
            CheckTarget(target);
            Take(taken, MountTarget.Clean(target));
        }
        foreach (var from in host.VolumesFrom ?? [])
            _ = InheritedVolumes.Parse(from);
        foreach (var target in config.Volumes?.Keys ?? [])
            CheckTarget(MountTarget.Absolute(target));
    }

    private static void Take(HashSet<string> taken, string target)
    {
        if (!taken.Add(target))
            throw GantryException.Invalid($"Duplicate mount point: {target}");
    }

    /// <summary>Checks a place that is given without a source.</summary>
    /// <exception cref="GantryException">It is malformed (InvalidArgument).</exception>
    public static void CheckTarget(string target)
    {
        if (MountTarget.Problem(target) is { } problem)
            throw GantryException.Invalid(problem);
    }

    private static void Check(Mount mount)
    {
        Foreign(mount.BindOptions, nameof(mount.BindOptions), mount, "bind");
        Foreign(mount.VolumeOptions, nameof(mount.VolumeOptions), mount, "volume");
        Foreign(mount.TmpfsOptions, nameof(mount.TmpfsOptions), mount, "tmpfs");
        if (string.IsNullOrEmpty(mount.Target))
            throw Invalid(mount, "field Target must not be empty");
        if (MountTarget.Problem(mount.Target) is { } problem)
            throw Invalid(mount, problem);
        if (mount.ImageOptions is not null && mount.Type is not "image")
            throw Invalid(mount, "field ImageOptions must not be specified");
        switch (mount.Type)
        {
            case "bind":
                CheckBind(mount);
                break;
            case "volume":
                CheckVolume(mount);
                break;
            case "tmpfs":
                CheckTmpfs(mount);
                break;
            case "image":
                RequireSource(mount);
                CheckSubpath(mount, mount.ImageOptions?.Subpath);
                break;
            default:
                throw Invalid(mount, "mount type unknown");
        }
    }

    private static void CheckBind(Mount mount)
    {
        RequireSource(mount);
        if (mount.BindOptions?.Propagation is { Length: > 0 } propagation && !MountPropagation.All.Contains(propagation))
            throw Invalid(mount, $"invalid propagation mode: {propagation}");
        if (!mount.Source!.StartsWith('/'))
            throw Invalid(mount, $"invalid mount path: '{mount.Source}' mount path must be absolute");
        if (mount.BindOptions?.IDMapping is { } mapping)
            Mounts.BindIdMap.Check(mapping, problem => Invalid(mount, problem));
        foreach (var (isAsked, name) in new[] { (mount.BindOptions?.ReadOnlyNonRecursive, "ReadOnlyNonRecursive"),
            (mount.BindOptions?.ReadOnlyForceRecursive, "ReadOnlyForceRecursive") })
        {
            if (isAsked is true && !mount.ReadOnly)
                throw GantryException.Invalid($"mount options conflict: !ReadOnly && BindOptions.{name}");
        }
        var source = Path.GetFullPath(mount.Source);
        if (mount.BindOptions?.CreateMountpoint is not true && !Path.Exists(source))
            throw Invalid(mount, $"bind source path does not exist: {source}");
    }

    private static void CheckVolume(Mount mount)
    {
        if (string.IsNullOrEmpty(mount.Source))
        {
            if (mount.VolumeOptions?.Subpath is not null)
                throw Invalid(mount, "must not set Subpath when using anonymous volumes");
            if (mount.ReadOnly)
                throw Invalid(mount, "must not set ReadOnly mode when using anonymous volumes");
        }
        CheckSubpath(mount, mount.VolumeOptions?.Subpath);
    }

    private static void CheckTmpfs(Mount mount)
    {
        if (!string.IsNullOrEmpty(mount.Source))
            throw Invalid(mount, "field Source must not be specified");
        if (mount.TmpfsOptions?.SizeBytes < 0)
            throw Invalid(mount, $"invalid size: {mount.TmpfsOptions.SizeBytes}");
        foreach (var option in mount.TmpfsOptions?.Options ?? [])
        {
            if (option.Count is not (1 or 2))
                throw Invalid(mount, "invalid option array length");
            if (!(option.Count == 1 ? s_tmpfsFlags : s_tmpfsValues).Contains(option[0]))
                throw Invalid(mount, "invalid option: " + string.Join('=', option));
        }
    }

    /// <summary>A path inside; that no link leads out of it is seen to when it is opened.</summary>
    private static void CheckSubpath(Mount mount, string? subpath)
    {
        if (subpath is not null && (subpath.StartsWith('/') || subpath.Split('/').Contains("..")))
            throw Invalid(mount, "subpath must be a relative path within the volume");
    }

    private static void RequireSource(Mount mount)
    {
        if (string.IsNullOrEmpty(mount.Source))
            throw Invalid(mount, "field Source must not be empty");
    }

    private static void Foreign(object? options, string name, Mount mount, string type)
    {
        if (options is not null && mount.Type != type)
            throw GantryException.Invalid($"{name} must not be specified on mount type \"{mount.Type}\"");
    }

    private static GantryException Invalid(Mount mount, string problem) =>
        GantryException.Invalid($"invalid mount config for type \"{mount.Type}\": {problem}");
}
