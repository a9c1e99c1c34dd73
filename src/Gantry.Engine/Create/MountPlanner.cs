using System.Globalization;
using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Oci;
using Gantry.Volumes;

namespace Gantry.Engine.Create;

/// <summary>The mounts of a container that is being created.</summary>
/// <param name="Mounts">In no particular order; one for each target.</param>
/// <param name="AnonymousVolumes">The volumes that were made for it alone.</param>
internal sealed record MountPlan(IReadOnlyList<ContainerMount> Mounts, IReadOnlyList<string> AnonymousVolumes);

/// <summary>
/// Resolves what the user and the image want mounted. Several wishes for one target are settled as docker does: <c>--volumes-from</c> is
/// overridden by <c>--mount</c> and <c>-v</c>, and the image's own volumes come last.
/// </summary>
internal sealed class MountPlanner(VolumeStore volumes, ContainerRegistry registry)
{
    /// <exception cref="GantryException">A mount is malformed, a source is missing (InvalidArgument), or two have one target (InvalidArgument).</exception>
    public MountPlan Plan(ContainerConfig config, HostConfig host)
    {
        var byTarget = new Dictionary<string, ContainerMount>();
        var anonymous = new List<string>();
        try
        {
            foreach (var mount in Inherited(host))
                byTarget[mount.Destination] = mount;

            var own = new HashSet<string>();
            foreach (var mount in Explicit(host, anonymous))
            {
                if (!own.Add(mount.Destination))
                    throw GantryException.Invalid($"Duplicate mount point: {mount.Destination}");
                byTarget[mount.Destination] = mount;
            }

            foreach (var target in config.Volumes?.Keys ?? [])
            {
                var path = Target(target);
                if (!byTarget.ContainsKey(path))
                    byTarget[path] = Anonymous(path, host.AutoRemove, anonymous);
            }
        }
        catch
        {
            anonymous.ForEach(volumes.RemoveAnonymous);
            throw;
        }

        return new MountPlan([.. byTarget.Values], anonymous);
    }

    private IEnumerable<ContainerMount> Explicit(HostConfig host, List<string> anonymous)
    {
        foreach (var text in host.Binds ?? [])
            yield return FromBind(BindSpec.Parse(text), host.AutoRemove, anonymous);
        foreach (var mount in host.Mounts ?? [])
            yield return FromMount(mount, host.AutoRemove, anonymous);
        foreach (var (target, options) in host.Tmpfs ?? new Dictionary<string, string>())
        {
            yield return new ContainerMount
            {
                Type = "tmpfs",
                Destination = Target(target),
                Mode = options,
                ReadOnly = options.Split(',').Contains("ro"),
                TmpfsOptions = options.Split(',', StringSplitOptions.RemoveEmptyEntries),
            };
        }
    }

    private ContainerMount FromBind(BindSpec bind, bool autoRemove, List<string> anonymous)
    {
        if (bind.Source is null)
            return Anonymous(bind.Target, autoRemove, anonymous) with { Mode = bind.Mode, ReadOnly = bind.ReadOnly };
        if (!bind.IsBind)
            return FromVolume(bind.Source, bind.Target) with { Mode = bind.Mode.Length > 0 ? bind.Mode : "z", ReadOnly = bind.ReadOnly, NoCopy = bind.NoCopy };

        var source = Path.GetFullPath(bind.Source);
        if (!Path.Exists(source))
            Directory.CreateDirectory(source); // As docker does for -v, but not for --mount.
        return new ContainerMount
        {
            Type = "bind",
            Source = source,
            Destination = bind.Target,
            Mode = bind.Mode,
            ReadOnly = bind.ReadOnly,
            ReadOnlyRecursive = bind.ReadOnly,
            Propagation = bind.Propagation,
            Recursive = !bind.Mode.Split(',').Contains("bind-nonrecursive"),
        };
    }

    private ContainerMount FromMount(Mount mount, bool autoRemove, List<string> anonymous)
    {
        var target = Target(mount.Target ?? "");
        switch (mount.Type)
        {
            case "bind":
                return BindMount(mount, target);
            case "volume":
                if (mount.VolumeOptions is { Subpath: not null })
                    throw GantryException.NotImplemented("this version of Gantry does not mount a part of a volume (volume-subpath)");
                var volume = string.IsNullOrEmpty(mount.Source)
                    ? Anonymous(target, autoRemove, anonymous)
                    : FromVolume(mount.Source, target, mount.VolumeOptions);
                return volume with { Mode = "z", ReadOnly = mount.ReadOnly, NoCopy = mount.VolumeOptions?.NoCopy is true };
            case "tmpfs":
                if (!string.IsNullOrEmpty(mount.Source))
                    throw GantryException.Invalid("invalid mount config for type \"tmpfs\": field Source must not be specified");
                return new ContainerMount { Type = "tmpfs", Destination = target, ReadOnly = mount.ReadOnly, TmpfsOptions = [.. Options(mount)] };
            default:
                throw GantryException.Invalid($"invalid mount config for type \"{mount.Type}\": mount type unknown");
        }
    }

    private static ContainerMount BindMount(Mount mount, string target)
    {
        const string Kind = "invalid mount config for type \"bind\": ";
        if (string.IsNullOrEmpty(mount.Source))
            throw GantryException.Invalid(Kind + "field Source must not be empty");
        if (!mount.Source.StartsWith('/'))
            throw GantryException.Invalid($"{Kind}invalid mount path: '{mount.Source}' mount path must be absolute");
        var source = Path.GetFullPath(mount.Source);
        if (!Path.Exists(source))
        {
            if (mount.BindOptions?.CreateMountpoint is not true)
                throw GantryException.Invalid($"{Kind}bind source path does not exist: {source}");
            Directory.CreateDirectory(source);
        }

        return new ContainerMount
        {
            Type = "bind",
            Source = source,
            Destination = target,
            ReadOnly = mount.ReadOnly,
            ReadOnlyRecursive = mount.ReadOnly && mount.BindOptions?.ReadOnlyNonRecursive is not true,
            Propagation = mount.BindOptions?.Propagation is { Length: > 0 } propagation ? propagation : "rprivate",
            Recursive = mount.BindOptions?.NonRecursive is not true,
        };
    }

    private static IEnumerable<string> Options(Mount mount)
    {
        if (mount.ReadOnly)
            yield return "ro";
        if (mount.TmpfsOptions is not { } options)
            yield break;
        if (options.SizeBytes > 0)
            yield return $"size={options.SizeBytes}";
        if (options.Mode != 0)
            yield return $"mode={Convert.ToString(options.Mode, 8)}";
        foreach (var option in options.Options ?? [])
            yield return string.Join('=', option);
    }

    private ContainerMount FromVolume(string name, string target, VolumeOptions? options = null)
    {
        var volume = volumes.GetOrCreate(name, options?.DriverConfig?.Name, options?.DriverConfig?.Options, options?.Labels);
        return new ContainerMount { Type = "volume", Name = volume.Name, Source = volume.Source, Destination = target, ReadOnly = volume.ReadOnly };
    }

    private ContainerMount Anonymous(string target, bool autoRemove, List<string> anonymous)
    {
        var volume = volumes.CreateAnonymous(sync: !autoRemove);
        anonymous.Add(volume.Name);
        return new ContainerMount { Type = "volume", Name = volume.Name, Source = volume.Source, Destination = target, ReadOnly = volume.ReadOnly };
    }

    private IEnumerable<ContainerMount> Inherited(HostConfig host)
    {
        foreach (var text in host.VolumesFrom ?? [])
        {
            var colon = text.LastIndexOf(':');
            var mode = colon < 0 ? "" : text[(colon + 1)..];
            if (mode is not ("" or "ro" or "rw" or "z" or "Z"))
                throw GantryException.Invalid($"invalid mode for volumes-from: {mode}");
            var other = registry.Get(colon < 0 ? text : text[..colon]);
            foreach (var mount in other.Mounts.Where(m => m.Type is not "tmpfs"))
                yield return mount with { ReadOnly = mount.ReadOnly || mode is "ro" };
        }
    }

    private static string Target(string path)
    {
        if (!path.StartsWith('/'))
            throw GantryException.Invalid($"invalid mount config: invalid mount path: '{path}' mount path must be absolute");
        var full = Path.GetFullPath(path).TrimEnd('/');
        return full.Length > 0 ? full : throw GantryException.Invalid("invalid mount config: invalid specification: destination can't be '/'");
    }
}
