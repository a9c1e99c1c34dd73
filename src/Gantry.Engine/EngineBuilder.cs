using Gantry.Engine.Attach;
using Gantry.Engine.Containers;
using Gantry.Engine.Create;
using Gantry.Engine.Events;
using Gantry.Engine.Exec;
using Gantry.Engine.Logs;
using Gantry.Engine.Processes;
using Gantry.Engine.Reconcile;
using Gantry.Engine.Restart;
using Gantry.Engine.Spec;
using Gantry.Engine.Information;
using Gantry.Images;
using Gantry.Networking;
using Gantry.Networking.Drivers;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os.Files;
using Gantry.Os.Security;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Keeper;
using Gantry.Storage.Content;
using Gantry.Storage.Snapshots;
using Gantry.Volumes;

namespace Gantry.Engine;

/// <summary>Makes an engine: opens its folders, brings back what an earlier one left, and wires the services.</summary>
public static class EngineBuilder
{
    /// <summary>Starts an engine.</summary>
    /// <exception cref="GantryException">Another engine has the same folders (Conflict), or the host lacks what is needed (Unavailable).</exception>
    public static async Task<Engine> StartAsync(EngineOptions options, CancellationToken cancellation)
    {
        var log = new EngineLog(options.Logger);
        var clock = options.Clock;
        var owned = new Stack<IAsyncDisposable>();
        try
        {
            // 1. The folders, and the certainty of being alone in them.
            var paths = new EnginePaths(options.Root, options.Run);
            paths.Create();
            var rootLock = FileLock.TryAcquire(Path.Combine(paths.Root, "lock"))
                ?? throw GantryException.Conflict($"another daemon uses {paths.Root}: stop it, or give this one a --root of its own");
            owned.Push(new Owned(rootLock.Dispose));

            // 2. The layers below.
            var events = new EventBus(clock);
            var registry = new ContainerRegistry();
            var uses = new ContainerUses(registry);
            var content = ContentStore.Open(Path.Combine(paths.Root, "images"));
            owned.Push(new Owned(content.Dispose));
            var snapshots = SnapshotterSelector.Open(Path.Combine(paths.Root, "snapshots"), options.StorageDriver, log.StorageProblem);
            owned.Push(new Owned(snapshots.Dispose));
            var images = ImageStore.Open(content, snapshots, e => events.Publish("image", e.Action, e.Id, e.Attributes));
            var unpacker = new ImageUnpacker(content, snapshots);
            var imageRemover = new ImageRemover(images, uses.OfImage);
            var volumes = VolumeStore.Open(paths.Root, uses.OfVolume, e => events.Publish("volume", e.Action, e.Name, e.Attributes));
            var cgroups = CgroupHost.Detect();
            var background = new BackgroundWork(log);
            owned.Push(new Owned(background.Dispose));

            // 3. The keeper, which may hold containers of an earlier daemon.
            var keeper = await ProcessKeeper.StartAsync(
                new KeeperOptions { RuntimeBinary = options.RuntimeBinary, RunFolder = paths.Run }, cancellation);
            owned.Push(new Owned(keeper.Dispose));

            // 4. The services.
            var folder = new ContainerFolder(paths);
            var containerEvents = new ContainerEvents(events);
            var spec = new SpecBuilder(
                new SpecNamespaces(registry, cgroups.Layout == CgroupLayout.Unified), new SeccompProfiles(), ProcessCapabilities.ReadPermitted());
            var parts = new ContainerStartParts(paths, images, unpacker, snapshots, spec, cgroups, keeper, options.CgroupParent);
            var sizes = new ContainerSizes(snapshots, id => images.Find(Digest.Parse(id))?.Size ?? 0);
            var remover = new ContainerRemover(registry, folder, containerEvents, snapshots, volumes, sizes);
            var starter = new ContainerStarter(parts, remover, folder, containerEvents, clock);
            var restarts = new RestartPolicies(starter, clock, log);
            owned.Push(new Owned(restarts.Dispose));
            var exits = new ContainerExitHandler(paths, folder, containerEvents, keeper, restarts, remover, background, log);
            var logWatcher = new LogWatcher();
            owned.Push(new Owned(logWatcher.Dispose));
            var logs = new LogService(new LogReader(logWatcher));
            var execs = new ExecService(new ExecLauncher(parts, containerEvents), keeper, containerEvents);
            keeper.Exited += exit => _ = registry.TryGet(exit.Id, out var container)
                ? exits.HandleAsync(container, exit)
                : execs.HandleExitAsync(exit);

            // 5. What an earlier daemon left.
            var toStart = await new Reconciler(registry, folder, parts, exits, clock, log).RunAsync();
            foreach (var container in toStart)
                _ = restarts.StartWithDaemonAsync(container);

            return new Engine(() => StopAsync(owned))
            {
                Containers = registry,
                Creator = new ContainerCreator(
                    registry, folder, containerEvents, images, unpacker, snapshots, volumes, new ResourceWarnings(cgroups), clock),
                Starter = starter,
                Stopper = new ContainerStopper(starter, folder, containerEvents),
                Pauser = new ContainerPauser(folder, containerEvents),
                Remover = remover,
                Renamer = new ContainerRenamer(registry, folder, containerEvents),
                Updater = new ContainerUpdater(folder, containerEvents),
                Waiter = new ContainerWaiter(),
                Attacher = new ContainerAttacher(keeper, logs, containerEvents),
                Execs = execs,
                Processes = new ProcessLister(clock),
                Logs = logs,
                Sizes = sizes,
                Events = events,
                Information = new SystemInformation(registry, images, snapshots, cgroups, EngineIdentity.Load(paths.Root), clock),
                StorageDriver = snapshots.Name,
                Images = images,
                ImageLister = new ImageLister(images),
                ImageTagger = new ImageTagger(images),
                ImageRemover = imageRemover,
                ImagePruner = new ImagePruner(images, imageRemover, uses.OfImage),
                Loader = new ImageLoader(images, unpacker, snapshots),
                Importer = new ImageImporter(images, unpacker),
                Saver = new ImageSaver(images),
                Volumes = volumes,
                Networks = NetworkStore.Open(paths.Root, new NoneDriver(), new HostDriver()),
            };
        }
        catch
        {
            await StopAsync(owned);
            throw;
        }
    }

    private static async ValueTask StopAsync(Stack<IAsyncDisposable> owned)
    {
        while (owned.TryPop(out var resource))
            await resource.DisposeAsync();
    }

    private sealed class Owned(Action release) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            release();
            return ValueTask.CompletedTask;
        }
    }
}
