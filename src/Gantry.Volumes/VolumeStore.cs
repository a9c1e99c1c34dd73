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
    /// <exception cref="GantryException">Name or options are not allowed; there is no such driver, or the volume has another.</exception>
    public Volume GetOrCreate(
        string? name, string? driver = null, IReadOnlyDictionary<string, string>? options = null, IReadOnlyDictionary<string, string>? labels = null)
    {
        if (string.IsNullOrEmpty(name))
            return Create(VolumeName.NewAnonymous(), driver, options, Anonymous(labels));
        CheckDriver(name, driver);
        lock (_gate)
            return _volumes.TryGetValue(name, out var volume) ? volume : Create(name, driver, options, labels);
    }

    /// <summary>Begins a volume that is filled before anybody sees it.</summary>
    /// <param name="name">The name it will have; null or empty: one is made up.</param>
    /// <param name="labels">Labels of the user.</param>
    /// <exception cref="GantryException">The name is not allowed, or taken (Conflict).</exception>
    public VolumeDraft Draft(string? name, IReadOnlyDictionary<string, string>? labels)
    {
        if (string.IsNullOrEmpty(name))
            (name, labels) = (VolumeName.NewAnonymous(), Anonymous(labels));
        VolumeName.Check(name);
        if (Find(name) is not null)
            throw GantryException.Conflict($"create {name}: a volume with that name exists: choose another, or remove it first");
        return new VolumeDraft(_folder, _folder.BeginNew(), temporary => Adopt(temporary, name, Document(null, labels)));
    }

    private Volume Adopt(string temporary, string name, VolumeDocument document)
    {
        Volume volume;
        lock (_gate)
        {
            volume = _folder.Publish(temporary, name, document, LocalOptions.None, sync: true);
            _volumes.Add(name, volume);
        }
        _onEvent(new VolumeEvent("create", name, DriverAttribute()));
        return volume;
    }

    /// <summary>Makes a volume with a made-up name.</summary>
    /// <param name="container">The container that is being made, or null. When it exists <see cref="Settle"/> is to be called: a volume whose container never
    /// came to be goes at the next start.</param>
    /// <param name="sync">False for a volume that goes with its container anyway: it may not outlive a power cut.</param>
    /// <param name="driver">Null, empty or <c>local</c>.</param>
    /// <param name="options">Options of the driver.</param>
    /// <param name="labels">Labels of the user.</param>
    /// <exception cref="GantryException">The options are not allowed; there is no such driver.</exception>
    public Volume CreateAnonymous(
        string? container, bool sync, string? driver = null, IReadOnlyDictionary<string, string>? options = null,
        IReadOnlyDictionary<string, string>? labels = null) =>
        Create(VolumeName.NewAnonymous(), driver, options, Anonymous(labels), sync, container);

    /// <summary>The container that a volume was made for exists.</summary>
    public void Settle(string name) => _folder.Settle(name);

    /// <summary>
    /// Removes the volumes whose container never came to be, as the daemon died while it made it. To be called once all containers are known.
    /// </summary>
    /// <param name="exists">Whether there is a container with an ID.</param>
    public void RemoveUnsettled(Func<string, bool> exists)
    {
        foreach (var volume in List(ObjectFilters.None).Where(static volume => volume.IsAnonymous))
        {
            if (_folder.OwnerOf(volume.Name) is not { } container)
                continue;
            if (exists(container))
                _folder.Settle(volume.Name);
            else
                RemoveAnonymous(volume.Name);
        }
    }

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
                .Where(volume =>
                    filters.MatchesPattern("name", volume.Name) && filters.MatchesExactly("driver", volume.Driver) && filters.MatchesLabels(volume.Labels)
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
        Volume? volume;
        lock (_gate)
        {
            if (!_volumes.TryGetValue(name, out volume))
            {
                if (force)
                    return;
                throw GantryException.NotFound($"get {name}: no such volume");
            }
            if (Users(name) is { Count: > 0 } users || _holds.ContainsKey(name))
                throw GantryException.Conflict($"remove {name}: volume is in use - [{string.Join(", ", Users(name))}]");
            removed = Take(volume);
        }
        Delete(volume, removed);
        _onEvent(new VolumeEvent("destroy", name, DriverAttribute()));
    }

    /// <summary>Removes an anonymous volume with its container, unless another container uses it (<c>--volumes-from</c>) or it is gone already.</summary>
    public void RemoveAnonymous(string name)
    {
        string removed;
        Volume? volume;
        lock (_gate)
        {
            if (!_volumes.TryGetValue(name, out volume) || Users(name).Count > 0 || _holds.ContainsKey(name))
                return;
            removed = Take(volume);
        }
        Delete(volume, removed);
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
            // As docker does: what somebody gave options to, such as a folder of his own, is nobody's garbage.
            if ((!all && !volume.IsAnonymous) || volume.Options is { Count: > 0 } || !filters.MatchesLabels(volume.Labels))
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
        string name, string? driver, IReadOnlyDictionary<string, string>? options, IReadOnlyDictionary<string, string>? labels, bool sync = true,
        string? owner = null)
    {
        VolumeName.Check(name);
        CheckDriver(name, driver);
        var local = LocalOptions.Parse(name, options);
        var document = Document(options, labels);
        Volume volume;
        lock (_gate)
        {
            volume = _folder.Create(name, document, local, sync, owner);
            _volumes.Add(name, volume);
        }
        _onEvent(new VolumeEvent("create", name, DriverAttribute()));
        return volume;
    }

    /// <exception cref="GantryException">There is no such driver.</exception>
    private static void CheckDriver(string name, string? driver)
    {
        if (!string.IsNullOrEmpty(driver) && driver != Volume.LocalDriver)
            throw GantryException.NotFound($"create {name}: error looking up volume plugin {driver}: plugin \"{driver}\" not found");
    }

    private static VolumeDocument Document(IReadOnlyDictionary<string, string>? options, IReadOnlyDictionary<string, string>? labels) => new()
    {
        CreatedAt = DateTimeOffset.UtcNow,
        Labels = labels is { Count: > 0 } ? new Dictionary<string, string>(labels) : null,
        Options = options is { Count: > 0 } ? new Dictionary<string, string>(options) : null,
    };

    private string Take(Volume volume)
    {
        // Nobody uses it; what a daemon that died left mounted must not be in the way, and above all not be deleted.
        if (volume.IsMounted)
            VolumeMounts.Unmount(volume.Mountpoint);
        var removed = _folder.Remove(volume.Name, sync: !volume.IsAnonymous);
        _volumes.Remove(volume.Name);
        return removed;
    }

    private void Delete(Volume volume, string removed)
    {
        VolumeFolder.DeleteRemoved(removed);
        _folder.ClearQuota(volume);
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
