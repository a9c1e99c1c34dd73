using Gantry.Api.Model;
using Gantry.Compose.Model;
using Gantry.Compose.Values;

namespace Gantry.Compose.Planning;

/// <summary>What is mounted into a container: in the short form where that can say it, which makes missing folders, else in the long one.</summary>
/// <param name="Binds">In the short form.</param>
/// <param name="Mounts">In the long form.</param>
internal sealed record MountPlan(IReadOnlyList<string> Binds, IReadOnlyList<Mount> Mounts)
{
    /// <summary>Plans the mounts of a service's container.</summary>
    /// <param name="project">The project.</param>
    /// <param name="service">The service.</param>
    /// <param name="inherited">The mounts of the container that is replaced: its anonymous volumes are kept.</param>
    /// <param name="imageVolumes">Where the image has volumes.</param>
    /// <param name="warn">Takes messages for the user.</param>
    public static MountPlan Of(Project project, Service service, IReadOnlyList<MountPoint> inherited, IEnumerable<string> imageVolumes, Action<string> warn)
    {
        var mounts = new SortedDictionary<string, Mount>(StringComparer.Ordinal);
        var volumes = service.Maps("volumes").ToList();
        Inherit(mounts, volumes, inherited, imageVolumes.ToHashSet(StringComparer.Ordinal));
        foreach (var volume in volumes)
            mounts[volume.Text("target")] = Long(project, volume);
        AddFiles(mounts, service.Maps("secrets"), project.Secrets, "/run/secrets/", "secret", warn);
        AddFiles(mounts, service.Maps("configs"), project.Configs, "/", "config", warn);

        var binds = new List<string>();
        foreach (var volume in volumes)
        {
            if (!mounts.TryGetValue(volume.Text("target"), out var mount) || Short(project, volume, mount) is not { } bind)
                continue;
            binds.Add(bind);
            mounts.Remove(volume.Text("target"));
        }
        return new MountPlan(binds, [.. mounts.Values]);
    }

    private static void Inherit(SortedDictionary<string, Mount> mounts, List<MapValue> volumes, IReadOnlyList<MountPoint> inherited,
        HashSet<string> imageVolumes)
    {
        foreach (var mount in inherited.Where(static mount => mount.Type != "tmpfs"))
        {
            var anonymous = volumes.RemoveAll(volume => volume.Text("target") == mount.Destination && volume.Text("source").Length == 0);
            if (anonymous == 0 && !imageVolumes.Contains(mount.Destination))
                continue;
            mounts[mount.Destination] = new Mount
            {
                Type = mount.Type,
                Source = mount.Type == "volume" ? mount.Name : mount.Source,
                Target = mount.Destination,
                ReadOnly = !mount.RW,
            };
        }
    }

    private static Mount Long(Project project, MapValue volume)
    {
        var source = volume.Text("source");
        if (volume.Text("type") == "volume" && project.Volumes.TryGetValue(source, out var named))
            source = named.Text("name");
        return new Mount
        {
            Type = volume.Text("type"),
            Source = source,
            Target = volume.Text("target"),
            ReadOnly = volume.Flag("read_only"),
            Consistency = volume.Text("consistency"),
            BindOptions = volume.Text("type") == "bind" && volume.Map("bind") is { } bind ? new BindOptions
            {
                Propagation = bind.Text("propagation"),
                CreateMountpoint = bind.Flag("create_host_path"),
                NonRecursive = bind.Text("recursive") == "disabled",
                ReadOnlyNonRecursive = bind.Text("recursive") == "writable",
                ReadOnlyForceRecursive = bind.Text("recursive") == "readonly",
            } : null,
            VolumeOptions = volume.Text("type") == "volume" && volume.Map("volume") is { } options ? new VolumeOptions
            {
                NoCopy = options.Flag("nocopy"),
                Subpath = options.Text("subpath"),
                Labels = options.TextMap("labels"),
            } : null,
            TmpfsOptions = volume.Text("type") == "tmpfs" && volume.Map("tmpfs") is { } tmpfs
                ? new TmpfsOptions { SizeBytes = tmpfs.Number("size"), Mode = (int)tmpfs.Number("mode") }
                : null,
            ImageOptions = volume.Text("type") == "image" && volume.Map("image") is { } image ? new ImageOptions { Subpath = image.Text("subpath") } : null,
        };
    }

    private static string? Short(Project project, MapValue volume, Mount mount)
    {
        if (mount.Type == "bind" && NeedsLongBind(volume.Map("bind")) || mount.Type == "volume" && NeedsLongVolume(volume.Map("volume")))
            return null;
        // An anonymous volume has no short form with a source.
        if (mount.Type is not ("bind" or "volume") || mount.Type == "volume" && !project.Volumes.ContainsKey(volume.Text("source")))
            return null;
        List<string> options = [volume.Flag("read_only") ? "ro" : "rw"];
        if (volume.Map("bind")?.Text("selinux") is { Length: > 0 } label)
            options.Add(label);
        return $"{mount.Source}:{mount.Target}:{string.Join(',', options)}";
    }

    private static bool NeedsLongBind(MapValue? bind) =>
        bind is not null && (!bind.Flag("create_host_path") || bind.Text("propagation").Length > 0 || bind.Text("recursive").Length > 0);

    private static bool NeedsLongVolume(MapValue? volume) =>
        volume is not null && (volume.TextMap("labels").Count > 0 || volume.Text("subpath").Length > 0 || volume.Flag("nocopy"));

    private static void AddFiles(
        SortedDictionary<string, Mount> mounts, IEnumerable<MapValue> files, SortedDictionary<string, MapValue> declared, string folder, string kind,
        Action<string> warn)
    {
        foreach (var file in files)
        {
            var target = file.Text("target") is { Length: > 0 } given ? given.StartsWith('/') ? given : folder + given : folder + file.Text("source");
            var source = declared[file.Text("source")];
            // One of the store is copied, as that of a variable is.
            if (source.Flag("external") && kind == "secret")
                continue;
            if (source.Flag("external"))
                throw new ComposeException($"unsupported external {kind} {source.Text("name")}");
            if (source.Text("driver").Length > 0 || source.Text("template_driver").Length > 0)
                throw new ComposeException(
                    $"{kind}s.*.{(source.Text("driver").Length > 0 ? "driver" : "template_driver")} is not supported: drivers belong to Swarm");
            // What is not in a file is copied into the container before its start.
            if (source.Text("environment").Length > 0 || source.Text("content").Length > 0 || mounts.ContainsKey(target))
                continue;
            if (file.Contains("uid") || file.Contains("gid") || file.Contains("mode"))
                warn($"{kind}s `uid`, `gid` and `mode` are not supported, they will be ignored");
            if (!File.Exists(source.Text("file")))
                warn($"{kind} file {source.Text("name")} does not exist");
            mounts[target] = new Mount { Type = "bind", Source = source.Text("file"), Target = target, ReadOnly = true, BindOptions = kind == "secret"
                ? new BindOptions() : null };
        }
    }
}
