using System.Globalization;
using Gantry.Oci;
using Gantry.Oci.Filters;

namespace Gantry.Volumes;

/// <summary>
/// The local volumes of an engine. Each change is on the disk when its method returns, except for volumes made without a sync; look-ups
/// read no file. Safe for use by several threads.
/// </summary>
public sealed class VolumeStore
{
    private readonly VolumeFolder _folder;
    private readonly VolumeUsers _users;
    private readonly Action<VolumeEvent> _onEvent;
    private readonly Dictionary<string, Volume> _volumes;
    private readonly Dictionary<string, int> _holds = [];
    private readonly Lock _gate = new();

    private VolumeStore(VolumeFolder folder, VolumeUsers users, Action<VolumeEvent>? onEvent)
    {
        _folder = folder;
        _users = users;
        _onEvent = onEvent ?? (_ => { });
        _volumes = folder.Open().ToDictionary(volume => volume.Name);
    }

    /// <summary>Opens the volumes below <paramref name="root"/> (<c>ROOT/volumes</c>). What a crash left half made or half removed is deleted.</summary>
    /// <param name="root">The engine's folder of durable objects.</param>
    /// <param name="users">Which containers use a volume.</param>
    /// <param name="onEvent">Is told of every change, on the thread that makes it.</param>
    public static VolumeStore Open(string root, VolumeUsers users, Action<VolumeEvent>? onEvent = null) =>
        new(new VolumeFolder(Path.Combine(Path.GetFullPath(root), "volumes")), users, onEvent);

    /// <summary>The volume of that name; it is made when there is none. As docker does, options and labels of an existing one are not compared.</summary>
    /// <param name="name">The name; null or empty: an anonymous volume is made.</param>
    /// <param name="driver">Null, empty or <c>local</c>.</param>
    /// <param name="options">Options of the driver.</param>
    /// <param name="labels">Labels of the user.</param>
    /// <exception cref="GantryException">Name or options are not allowed; there is no such driver.</exception>
    public Volume GetOrCreate(
        string? name, string? driver = null, IReadOnlyDictionary<string, string>? options = null, IReadOnlyDictionary<string, string>? labels = null)
    {
        if (string.IsNullOrEmpty(name))
            return Create(VolumeName.NewAnonymous(), driver, options, Anonymous(labels), sync: true);
        lock (_gate)
            return _volumes.TryGetValue(name, out var volume) ? volume : Create(name, driver, options, labels, sync: true);
    }

    /// <summary>Makes a volume with a made-up name.</summary>
    /// <param name="sync">False for a volume that goes with its container anyway: it may not outlive a power cut.</param>
    public Volume CreateAnonymous(bool sync) => Create(VolumeName.NewAnonymous(), null, null, Anonymous(null), sync);

    /// <summary>The volume of that name.</summary>
    /// <exception cref="GantryException">There is none: <c>get x: no such volume</c>.</exception>
    public Volume Get(string name) => Find(name) ?? throw GantryException.NotFound($"get {name}: no such volume");

    /// <summary>The volume of that name, or null.</summary>
    public Volume? Find(string name)
    {
        lock (_gate)
            return _volumes.GetValueOrDefault(name);
    }

    /// <summary>Keeps a volume from being removed until the result is disposed: while a container that will use it is being made.</summary>
    /// <exception cref="GantryException">There is none.</exception>
    public VolumeHold Hold(string name)
    {
        lock (_gate)
        {
            Get(name);
            _holds[name] = _holds.GetValueOrDefault(name) + 1;
        }
        return new VolumeHold(() => Release(name));
    }

    /// <summary>The volumes that match, by name.</summary>
    /// <param name="filters"><c>dangling driver label name</c>.</param>
    /// <exception cref="GantryException">A filter is unknown or malformed.</exception>
    public IReadOnlyList<Volume> List(ObjectFilters filters)
    {
        filters.Validate("dangling", "driver", "label", "name");
        var dangling = filters.Flag("dangling");
        lock (_gate)
        {
            return [.. _volumes.Values
                .Where(volume => filters.MatchesPattern("name", volume.Name) && filters.MatchesExactly("driver", volume.Driver) && filters.MatchesLabels(volume.Labels)
                    && (dangling is null || dangling == (Users(volume.Name).Count == 0)))
                .OrderBy(volume => volume.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>The bytes that a volume occupies.</summary>
    public long MeasureUsage(string name) => _folder.Usage(Get(name).Name);

    /// <summary>Removes a volume with all that is in it.</summary>
    /// <param name="name">The name.</param>
    /// <param name="force">A volume that does not exist is no error.</param>
    /// <exception cref="GantryException">There is none, or containers use it: <c>remove x: volume is in use - [id, …]</c>.</exception>
    public void Remove(string name, bool force = false)
    {
        string removed;
        lock (_gate)
        {
            if (!_volumes.TryGetValue(name, out var volume))
            {
                if (force)
                    return;
                throw GantryException.NotFound($"get {name}: no such volume");
            }
            if (Users(name) is { Count: > 0 } users || _holds.ContainsKey(name))
                throw GantryException.Conflict($"remove {name}: volume is in use - [{string.Join(", ", Users(name))}]");
            removed = Take(volume);
        }
        VolumeFolder.DeleteRemoved(removed);
        _onEvent(new VolumeEvent("destroy", name, DriverAttribute()));
    }

    /// <summary>Removes an anonymous volume with its container, unless another container uses it (<c>--volumes-from</c>) or it is gone already.</summary>
    public void RemoveAnonymous(string name)
    {
        string removed;
        lock (_gate)
        {
            if (!_volumes.TryGetValue(name, out var volume) || Users(name).Count > 0 || _holds.ContainsKey(name))
                return;
            removed = Take(volume);
        }
        VolumeFolder.DeleteRemoved(removed);
        _onEvent(new VolumeEvent("destroy", name, DriverAttribute()));
    }

    /// <summary>Removes anonymous volumes, or with <c>all</c> also named ones, that no container uses.</summary>
    /// <param name="filters"><c>all label label!</c>.</param>
    /// <exception cref="GantryException">A filter is unknown or malformed.</exception>
    public VolumePruneResult Prune(ObjectFilters filters)
    {
        filters.Validate("all", "label", "label!");
        var all = filters.Flag("all") ?? false;
        var deleted = new List<string>();
        long reclaimed = 0;
        foreach (var volume in List(ObjectFilters.None))
        {
            // As docker does: a bind of somebody's folder is nobody's garbage.
            if ((!all && !volume.IsAnonymous) || volume.Source != volume.Mountpoint || !filters.MatchesLabels(volume.Labels))
                continue;
            var usage = _folder.Usage(volume.Name);
            try
            {
                Remove(volume.Name);
            }
            catch (GantryException e) when (e.Kind is ErrorKind.Conflict or ErrorKind.NotFound)
            {
                continue;
            }
            deleted.Add(volume.Name);
            reclaimed += usage;
        }
        _onEvent(new VolumeEvent("prune", "", new Dictionary<string, string> { ["reclaimed"] = reclaimed.ToString(CultureInfo.InvariantCulture) }));
        return new VolumePruneResult(deleted, reclaimed);
    }

    private Volume Create(
        string name, string? driver, IReadOnlyDictionary<string, string>? options, IReadOnlyDictionary<string, string>? labels, bool sync)
    {
        VolumeName.Check(name);
        if (!string.IsNullOrEmpty(driver) && driver != Volume.LocalDriver)
            throw GantryException.NotFound($"create {name}: error looking up volume plugin {driver}: plugin \"{driver}\" not found");
        var local = LocalOptions.Parse(name, options);
        var document = new VolumeDocument
        {
            CreatedAt = DateTimeOffset.UtcNow,
            Labels = labels is { Count: > 0 } ? new Dictionary<string, string>(labels) : null,
            Options = options is { Count: > 0 } ? new Dictionary<string, string>(options) : null,
        };
        Volume volume;
        lock (_gate)
        {
            volume = _folder.Create(name, document, local, sync);
            _volumes.Add(name, volume);
        }
        _onEvent(new VolumeEvent("create", name, DriverAttribute()));
        return volume;
    }

    private string Take(Volume volume)
    {
        var removed = _folder.Remove(volume.Name, sync: !volume.IsAnonymous);
        _volumes.Remove(volume.Name);
        return removed;
    }

    private IReadOnlyList<string> Users(string name) => _users(name);

    private void Release(string name)
    {
        lock (_gate)
        {
            if (--_holds[name] == 0)
                _holds.Remove(name);
        }
    }

    private static Dictionary<string, string> Anonymous(IReadOnlyDictionary<string, string>? labels) =>
        new(labels ?? new Dictionary<string, string>()) { [Volume.AnonymousLabel] = "" };

    private static Dictionary<string, string> DriverAttribute() => new() { ["driver"] = Volume.LocalDriver };
}

/// <summary>Keeps a volume from being removed until it is disposed.</summary>
public sealed class VolumeHold : IDisposable
{
    private Action? _release;

    internal VolumeHold(Action release) => _release = release;

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
