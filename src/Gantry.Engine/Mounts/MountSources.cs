using Gantry.Engine.Containers;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Volumes;

namespace Gantry.Engine.Mounts;

/// <summary>
/// What a container that is about to start mounts, opened: so what is mounted is what was looked at, whatever is renamed or replaced by a link meanwhile. The
/// descriptors are disposed with this;
/// the uses of volumes are its taker's from <see cref="TakeVolumes"/> on.
/// </summary>
internal sealed class MountSources : IDisposable
{
    private readonly Dictionary<string, OpenedSource> _byTarget = [];
    private readonly List<VolumeUse> _volumes = [];

    /// <summary>Adds what is mounted at a place.</summary>
    public void Add(string target, OpenedSource source) => _byTarget.Add(target, source);

    /// <summary>Adds the use of a volume.</summary>
    public void Add(VolumeUse volume) => _volumes.Add(volume);

    /// <summary>The mounts of a configuration with the maps of IDs that belong to them.</summary>
    public IReadOnlyList<MountSpec> Complete(IReadOnlyList<MountSpec> mounts) => [.. mounts.Select(mount => Of(mount)?.Map is { } map
        ? mount with
        {
            UidMappings = map.Users,
            GidMappings = map.Groups,
            Options = [.. mount.Options ?? [], mount.Options?.Contains("rbind") is true ? "ridmap" : "idmap"],
        }
        : mount)];

    /// <summary>By the index of a configuration's mounts, what was opened for them.</summary>
    public IReadOnlyList<Fd?> Descriptors(IReadOnlyList<MountSpec> mounts) => [.. mounts.Select(mount => Of(mount)?.Mount)];

    /// <summary>The uses of volumes that last as long as the container runs.</summary>
    public IReadOnlyList<VolumeUse> TakeVolumes()
    {
        var lasting = _volumes.Where(static volume => volume.IsMounted).ToList();
        _volumes.RemoveAll(lasting.Contains);
        return lasting;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var source in _byTarget.Values)
            source.Mount.Dispose();
        _volumes.ForEach(static volume => volume.Dispose());
    }

    private OpenedSource? Of(MountSpec mount) => mount.Type is "bind" ? _byTarget.GetValueOrDefault(mount.Destination) : null;
}

/// <summary>A source that was opened.</summary>
/// <param name="Mount">A detached mount of it.</param>
/// <param name="Map">How owners appear; null: as they are.</param>
internal sealed record OpenedSource(Fd Mount, BindIdMap? Map = null);
