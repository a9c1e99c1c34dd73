using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Volumes;

namespace Gantry.Engine.Create;

/// <summary>
/// The mounts of a container that is being created. Until this is disposed nobody removes the volumes and images in it: by then the container is known to use
/// them.
/// </summary>
internal sealed class MountPlan : IDisposable
{
    private readonly Dictionary<string, ContainerMount> _byTarget = [];
    private readonly List<IDisposable> _holds = [];

    /// <summary>In no particular order; one for each target.</summary>
    public IReadOnlyList<ContainerMount> Mounts => [.. _byTarget.Values];

    /// <summary>The volumes that were made for it alone.</summary>
    public List<string> AnonymousVolumes { get; } = [];

    public bool Has(string target) => _byTarget.ContainsKey(target);

    public void Set(ContainerMount mount) => _byTarget[mount.Destination] = mount;

    public void Hold(IDisposable hold) => _holds.Add(hold);

    /// <inheritdoc/>
    public void Dispose() => _holds.ForEach(static hold => hold.Dispose());
}

/// <summary>
/// Resolves what the user and the image want mounted, once <see cref="MountValidator"/> has found nothing wrong. Several wishes for one target are settled as
/// docker does:
/// <c>--volumes-from</c> is overridden by <c>--mount</c> and <c>-v</c>, and the image's own volumes come last.
/// </summary>
internal sealed class MountPlanner(VolumeStore volumes, ImageStore images, ContainerRegistry registry)
{
    /// <param name="id">The container's ID.</param>
    /// <param name="config">Its configuration, merged with the image's.</param>
    /// <param name="host">The host's part.</param>
    /// <exception cref="GantryException">A volume cannot be had (InvalidArgument), or an image or container does not exist (NotFound).</exception>
    public MountPlan Plan(string id, ContainerConfig config, HostConfig host)
    {
        var plan = new MountPlan();
        try
        {
            var making = new Making(volumes, images, plan, id, host);
            foreach (var mount in Inherited(host))
                making.Inherit(mount);
            foreach (var text in host.Binds ?? [])
                plan.Set(making.FromBind(BindSpec.Parse(text)));
            foreach (var mount in host.Mounts ?? [])
                plan.Set(making.FromMount(mount));
            foreach (var (target, options) in host.Tmpfs ?? new Dictionary<string, string>())
                plan.Set(Tmpfs(MountTarget.Clean(target), options));
            foreach (var place in (config.Volumes?.Keys ?? []).Select(MountTarget.Absolute))
            {
                MountValidator.CheckTarget(place); // It may be the image's.
                var target = MountTarget.Clean(place);
                if (!plan.Has(target))
                    plan.Set(making.Anonymous(target));
            }
            return plan;
        }
        catch
        {
            plan.Dispose();
            plan.AnonymousVolumes.ForEach(volumes.RemoveAnonymous);
            throw;
        }
    }

    private IEnumerable<ContainerMount> Inherited(HostConfig host)
    {
        foreach (var from in (host.VolumesFrom ?? []).Select(InheritedVolumes.Parse))
        {
            foreach (var mount in Ask(() => registry.Get(from.Container)).Mounts.Where(static mount => mount.Type is not "tmpfs"))
                yield return mount with { Mode = "", ReadOnly = mount.ReadOnly || BindSpec.IsReadOnly(from.Mode) };
        }
    }

    /// <summary>Docker's client takes "not found" as answer to a create for a missing image, and pulls one.</summary>
    private static T Ask<T>(Func<T> find)
    {
        try
        {
            return find();
        }
        catch (GantryException e) when (e.Kind is ErrorKind.NotFound)
        {
            throw GantryException.Invalid(e.Message, e);
        }
    }

    private static ContainerMount Tmpfs(string target, string options) => new()
    {
        Type = "tmpfs",
        Destination = target,
        IsHidden = true,
        Mode = options,
        ReadOnly = options.Split(',').Contains("ro"),
        TmpfsOptions = Spec.TmpfsOptions.Parse(options),
    };

    /// <summary>The mounts of one container.</summary>
    private sealed class Making(VolumeStore volumes, ImageStore images, MountPlan plan, string id, HostConfig host)
    {
        public void Inherit(ContainerMount mount)
        {
            if (mount is { Type: "volume", Name: { } name })
                plan.Hold(volumes.Hold(name));
            if (mount is { Type: "image", Image: { } image } && images.Find(Digest.Parse(image)) is { } found)
                plan.Hold(images.Hold(found));
            plan.Set(mount);
        }

        public ContainerMount FromBind(BindSpec bind)
        {
            if (bind.Source is null)
                return Anonymous(bind.Target) with { Mode = bind.Mode, ReadOnly = bind.ReadOnly };
            if (!bind.IsBind)
                return Named(bind.Source, bind.Target, new VolumeOptions()) with { Mode = bind.Mode.Length > 0 ? bind.Mode : "z", ReadOnly = bind.ReadOnly,
                    NoCopy = bind.NoCopy };
            var source = Path.GetFullPath(bind.Source);
            if (!Path.Exists(source))
                MakeSource(source); // As docker does for -v, but not for --mount.
            return new ContainerMount
            {
                Type = "bind",
                Source = source,
                Destination = bind.Target,
                Mode = bind.Mode,
                ReadOnly = bind.ReadOnly,
                ReadOnlyRecursive = bind.ReadOnly,
                Propagation = bind.Propagation,
                Recursive = !bind.IsNonRecursive,
            };
        }

        public ContainerMount FromMount(Mount mount)
        {
            var target = MountTarget.Clean(mount.Target!);
            return mount.Type switch
            {
                "bind" => Bind(mount, target),
                "volume" => Volume(mount, target),
                "image" => Image(mount, target),
                _ => new ContainerMount { Type = "tmpfs", Destination = target, ReadOnly = mount.ReadOnly, TmpfsOptions = [.. TmpfsOptions(mount)] },
            };
        }

        public ContainerMount Anonymous(string target, VolumeOptions? options = null)
        {
            var volume = Ask(() => volumes.CreateAnonymous(
                id, !host.AutoRemove, options?.DriverConfig?.Name ?? host.VolumeDriver, options?.DriverConfig?.Options, options?.Labels));
            plan.AnonymousVolumes.Add(volume.Name);
            return Describe(volume, target);
        }

        private ContainerMount Named(string name, string target, VolumeOptions options)
        {
            var volume = Ask(() => volumes.GetOrCreate(name, options.DriverConfig?.Name ?? host.VolumeDriver, options.DriverConfig?.Options, options.Labels));
            plan.Hold(volumes.Hold(volume.Name));
            return Describe(volume, target);
        }

        private ContainerMount Volume(Mount mount, string target)
        {
            var options = mount.VolumeOptions ?? new VolumeOptions();
            var volume = string.IsNullOrEmpty(mount.Source) ? Anonymous(target, options) : Named(mount.Source, target, options);
            return volume with { Mode = "z", ReadOnly = mount.ReadOnly, ReadOnlyRecursive = mount.ReadOnly, NoCopy = options.NoCopy
                || options.Subpath is not null, Subpath = options.Subpath };
        }

        private ContainerMount Image(Mount mount, string target)
        {
            var image = images.Resolve(mount.Source!);
            plan.Hold(images.Hold(image));
            return new ContainerMount
            {
                Type = "image",
                Name = mount.Source,
                Image = image.Id.ToString(),
                Source = image.Id.ToString(),
                Destination = target,
                ReadOnly = true,
                Subpath = mount.ImageOptions?.Subpath,
                Propagation = MountPropagation.Default,
            };
        }

        private static ContainerMount Bind(Mount mount, string target)
        {
            var options = mount.BindOptions ?? new BindOptions();
            var source = Path.GetFullPath(mount.Source!);
            if (!Path.Exists(source))
                MakeSource(source);
            return new ContainerMount
            {
                Type = "bind",
                Source = source,
                Destination = target,
                ReadOnly = mount.ReadOnly,
                ReadOnlyRecursive = mount.ReadOnly && !options.ReadOnlyNonRecursive,
                Propagation = options.Propagation is { Length: > 0 } propagation ? propagation : MountPropagation.Default,
                Recursive = !options.NonRecursive,
                IdMapping = options.IDMapping,
            };
        }

        private static ContainerMount Describe(Volume volume, string target) =>
            new() { Type = "volume", Name = volume.Name, Source = volume.Mountpoint, Destination = target, Driver = volume.Driver };

        private static void MakeSource(string path)
        {
            try
            {
                Directory.CreateDirectory(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new GantryException(ErrorKind.System, $"error while creating mount source path '{path}': {e.Message}", e);
            }
        }

        private static IEnumerable<string> TmpfsOptions(Mount mount)
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
    }
}
