using Gantry.Engine.Containers;
using Gantry.Engine.Events;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Os.Files;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Keeper;
using Gantry.Storage.Content;
using Gantry.Storage.Snapshots;
using Gantry.Volumes;

namespace Gantry.Engine;

/// <summary>What the services of an engine stand on: its folders, the stores in them, the host's cgroups and the keeper of its processes.</summary>
internal sealed class EngineFoundation : IDisposable
{
    private readonly Stack<IDisposable> _owned = new();

    private EngineFoundation(EngineOptions options, EngineLog log)
    {
        // 1. The folders, and the certainty of being alone in them.
        Paths = new EnginePaths(options.Root, options.Run);
        Paths.Create();
        Own(FileLock.TryAcquire(Path.Combine(Paths.Root, "lock"))
            ?? throw GantryException.Conflict($"another daemon uses {Paths.Root}: stop it, or give this one a --root of its own"));

        // 2. The stores.
        Events = new EventBus(options.Clock);
        Uses = new ContainerUses(Registry);
        var content = Own(ContentStore.Open(Path.Combine(Paths.Root, "images")));
        Snapshots = Own(SnapshotterSelector.Open(Path.Combine(Paths.Root, "snapshots"), options.StorageDriver, log.StorageProblem));
        Images = ImageStore.Open(content, Snapshots, e => Events.Publish("image", e.Action, e.Id, e.Attributes));
        Unpacker = new ImageUnpacker(content, Snapshots);
        Volumes = VolumeStore.Open(Paths.Root, Uses.OfVolume, e => Events.Publish("volume", e.Action, e.Name, e.Attributes));

        // 3. The host.
        Cgroups = CgroupHost.Detect();
        Own(new EngineCgroup(Cgroups, options.CgroupParent, Registry));
        Background = Own(new BackgroundWork(log));
    }

    public EnginePaths Paths { get; }

    public EventBus Events { get; }

    public ContainerRegistry Registry { get; } = new();

    public ContainerUses Uses { get; }

    public ISnapshotter Snapshots { get; }

    public ImageStore Images { get; }

    public ImageUnpacker Unpacker { get; }

    public VolumeStore Volumes { get; }

    public CgroupHost Cgroups { get; }

    public BackgroundWork Background { get; }

    /// <summary>Holds the processes; it may hold some of an earlier daemon.</summary>
    public ProcessKeeper Keeper { get; private set; } = null!;

    /// <exception cref="GantryException">Another engine has the same folders (Conflict), or the keeper cannot be started (Unavailable).</exception>
    public static async Task<EngineFoundation> OpenAsync(EngineOptions options, EngineLog log, CancellationToken cancellation)
    {
        var foundation = new EngineFoundation(options, log);
        try
        {
            var keeper = new KeeperOptions { RuntimeBinary = options.RuntimeBinary, RunFolder = foundation.Paths.Run };
            foundation.Keeper = foundation.Own(await ProcessKeeper.StartAsync(keeper, cancellation));
            return foundation;
        }
        catch
        {
            foundation.Dispose();
            throw;
        }
    }

    /// <summary>Has something disposed with this, before what was given earlier.</summary>
    public T Own<T>(T resource)
        where T : IDisposable
    {
        _owned.Push(resource);
        return resource;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_owned.TryPop(out var resource))
            resource.Dispose();
    }
}
