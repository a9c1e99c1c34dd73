using System.Diagnostics;
using Gantry.Engine.Containers;
using Gantry.Engine.Events;
using Gantry.Engine.Information;
using Gantry.Engine.Networks;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Os.Files;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Keeper;
using Gantry.Storage.Content;
using Gantry.Storage.Snapshots;
using Gantry.Storage.Trees;
using Gantry.Volumes;

namespace Gantry.Engine;

/// <summary>What the services of an engine stand on: its folders, the stores in them, the host's cgroups and the keeper of its processes.</summary>
internal sealed class EngineFoundation : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Stack<IDisposable> _owned = new();

    private EngineFoundation(EngineOptions options, EnginePaths paths, FileLock alone, EngineLog log)
    {
        Paths = paths;
        Own(alone);

        // 1. The stores.
        Events = Own(new EventBus(options.Clock, Paths.Events));
        Uses = new ContainerUses(Registry);
        Content = Own(ContentStore.Open(
            Path.Combine(Paths.Root, "images"), new ContentStoreOptions { KeepPartialBlobs = options.KeepPartialBlobs, Clock = options.Clock }));
        Snapshots = Own(SnapshotterSelector.Open(Path.Combine(Paths.Root, "snapshots"), options.StorageDriver, log.StorageProblem));
        Images = ImageStore.Open(
            Content, Snapshots, e => Events.Publish("image", e.Action, e.Id, e.Attributes), Own(new ImageUse(Paths.ImageUse, options.Clock)));
        Unpacker = new ImageUnpacker(Content, Snapshots);
        Volumes = VolumeStore.Open(Paths.Root, Uses.OfVolume, e => Events.Publish("volume", e.Action, e.Name, e.Attributes));

        VolumeMounts = new VolumeMounts(Volumes, TreeCopier.Copy);

        // 2. The host.
        Cgroups = CgroupHost.Detect();
        Own(new EngineCgroup(Cgroups, options.CgroupParent, Registry));
        Networks = Own(new EngineNetworks(options, Registry, Events, log));
        Background = Own(new BackgroundWork(log));
    }

    public EnginePaths Paths { get; }

    public EventBus Events { get; }

    public ContainerRegistry Registry { get; } = new();

    public ContainerUses Uses { get; }

    public ContentStore Content { get; }

    /// <summary>Layers.</summary>
    public ISnapshotter Snapshots { get; }

    public ImageStore Images { get; }

    public ImageUnpacker Unpacker { get; }

    public VolumeStore Volumes { get; }

    /// <summary>What of the volumes is mounted.</summary>
    public VolumeMounts VolumeMounts { get; }

    public CgroupHost Cgroups { get; }

    public BackgroundWork Background { get; }

    public EngineNetworks Networks { get; }

    /// <summary>What the services do, for the metrics.</summary>
    public EngineActions Actions { get; } = new();

    /// <summary>Holds the processes; it may hold some of an earlier daemon.</summary>
    public ProcessKeeper Keeper { get; private set; } = null!;

    /// <exception cref="GantryException">Another engine has the same folders (Conflict), or the keeper cannot be started (Unavailable).</exception>
    public static async Task<EngineFoundation> OpenAsync(EngineOptions options, EngineLog log, CancellationToken cancellation)
    {
        var paths = new EnginePaths(options.Root, options.Run);
        paths.Create();
        var foundation = new EngineFoundation(options, paths, await LockAsync(paths.Root, log, cancellation), log);
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

    /// <summary>
    /// The certainty of being alone in a root folder. A daemon that was told to stop may still be about to: it is waited for, so that a restart need
    /// not know when the old one has ended.
    /// </summary>
    private static async Task<FileLock> LockAsync(string root, EngineLog log, CancellationToken cancellation)
    {
        const int pauseMilliseconds = 20;
        var path = Path.Combine(root, "lock");
        var begun = Stopwatch.GetTimestamp();
        for (var isFirst = true; ; isFirst = false)
        {
            if (FileLock.TryAcquire(path) is { } alone)
                return alone;
            if (Stopwatch.GetElapsedTime(begun) > s_patience)
                throw GantryException.Conflict($"another daemon uses {root}: stop it, or give this one a --root of its own");
            if (isFirst)
                log.WaitsForOther(root);
            await Task.Delay(pauseMilliseconds, cancellation);
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
