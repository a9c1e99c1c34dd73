using Gantry.Engine.Devices;
using Gantry.Engine.Attach;
using Gantry.Engine.Build;
using Gantry.Engine.Check;
using Gantry.Engine.Containers;
using Gantry.Engine.Create;
using Gantry.Engine.DiskUsage;
using Gantry.Engine.Exec;
using Gantry.Engine.Filesystem;
using Gantry.Engine.Health;
using Gantry.Engine.Hooks;
using Gantry.Engine.Information;
using Gantry.Engine.Init;
using Gantry.Engine.Logs;
using Gantry.Engine.Logs.Keeping;
using Gantry.Engine.Logs.Shipping;
using Gantry.Engine.Migrate;
using Gantry.Engine.Mounts;
using Gantry.Engine.Processes;
using Gantry.Engine.Reconcile;
using Gantry.Engine.Restart;
using Gantry.Engine.Spec;
using Gantry.Engine.Statistics;
using Gantry.Images;
using Gantry.Images.Check;
using Gantry.Engine.Networks;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os.Security;
using Gantry.Registry.Client;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Keeper;

namespace Gantry.Engine;

/// <summary>Makes an engine: opens its folders, brings back what an earlier one left, and wires the services.</summary>
public static class EngineBuilder
{
    /// <summary>Starts an engine.</summary>
    /// <exception cref="GantryException">Another engine has the same folders (Conflict), or the host lacks what is needed (Unavailable).</exception>
    public static async Task<Engine> StartAsync(EngineOptions options, CancellationToken cancellation)
    {
        var log = new EngineLog(options.Logger);
        var foundation = await EngineFoundation.OpenAsync(options, log, cancellation);
        try
        {
            return await BuildAsync(foundation, options, log);
        }
        catch
        {
            foundation.Dispose();
            throw;
        }
    }

    private static async Task<Engine> BuildAsync(EngineFoundation foundation, EngineOptions options, EngineLog log)
    {
        var clock = options.Clock;
        // 1. What the life of a container needs.
        var (registry, keeper) = (foundation.Registry, foundation.Keeper);
        var folder = foundation.Own(new ContainerFolder(foundation.Paths, foundation.Background, log, clock));
        var events = new ContainerEvents(foundation.Events);
        var parts = StartParts(foundation, options, log);
        Func<string, long> imageSize = id => foundation.Images.Find(Digest.Parse(id))?.Size ?? 0;
        var (sizes, removedLogs) = (new ContainerSizes(foundation.Snapshots, imageSize), new RemovedLogs(options.KeepRemovedLogs, clock));
        var remover = Remover(foundation, folder, events, sizes, removedLogs);
        var execs = new ExecService(new ExecLauncher(parts, events), keeper, events);
        var probe = new HealthProbe(execs, clock);
        var (logs, watches) = Watches(foundation, new HealthMonitors(probe, folder, events, clock, log),
            new LogKeeper(registry, removedLogs, parts.LogBudget, keeper, folder, clock, log), removedLogs, log);
        var starter = new ContainerStarter(parts, remover, folder, events, watches, foundation.Actions.Containers);
        var stopper = Stopper(starter, folder, events, watches, log);
        var restarts = foundation.Own(new RestartPolicies(starter, clock, log));
        var exits = ExitHandler(foundation, parts, folder, events, restarts, remover, watches.Health, log);

        // 2. What an earlier daemon left.
        var networks = foundation.Networks;
        await AdoptAsync(foundation, new Reconciler(registry, folder, parts, exits, remover, clock, log), HandlerOf(registry, exits, execs), restarts, watches);

        // 3. The services.
        var imageRemover = new ImageRemover(foundation.Images, foundation.Uses.OfImage);
        var pauser = new ContainerPauser(folder, events, watches.Health);
        var (manifests, warnings) = (new ImageManifestLister(foundation.Images, foundation.Snapshots), new ResourceWarnings(foundation.Cgroups));
        var registries = Registries(foundation, options);
        var creator = Creator(foundation, folder, events, warnings, options);
        var steps = new BuildStepRunner(parts, warnings.CgroupsAreVersion2, networks.Store);
        var information = Information(foundation, options);
        return new Engine(foundation.Dispose)
        {
            StorageDriver = foundation.Snapshots.Name,
            Containers = registry,
            Creator = creator,
            Starter = starter,
            Stopper = stopper,
            Shutdown = new EngineShutdown(registry, stopper, restarts, log),
            Pauser = pauser,
            Remover = remover,
            Renamer = new ContainerRenamer(registry, folder, networks.Names, events),
            Updater = new ContainerUpdater(folder, events),
            Waiter = new ContainerWaiter(),
            Attacher = new ContainerAttacher(keeper, logs, events),
            Execs = execs,
            Processes = new ProcessLister(clock),
            Statistics = new ContainerStatistics(clock),
            Logs = logs,
            Exporter = new ContainerExporter(foundation.Snapshots, events),
            Archiver = new ContainerArchiver(foundation.Snapshots, foundation.Paths.RootMountPoint, events),
            Differ = new ContainerDiffer(foundation.Snapshots, foundation.Actions.Containers),
            Committer = Committer(foundation, pauser, events),
            Sizes = sizes,
            DiskUsage = DiskUsage(foundation, imageSize),
            Checker = Checker(foundation),
            Migrator = new DockerMigrator(foundation, creator),
            Events = foundation.Events,
            Information = information,
            Metrics = new EngineMetrics(information, foundation.Events, probe, foundation.Actions, clock),
            Images = foundation.Images,
            ImageLister = new ImageLister(foundation.Images),
            ImageTagger = new ImageTagger(foundation.Images),
            ImageRemover = imageRemover,
            ImageManifests = manifests,
            ImagePlatformRemover = new ImagePlatformRemover(foundation.Images, manifests, imageRemover, foundation.Uses.OfImage),
            ImagePruner = new ImagePruner(foundation.Images, imageRemover, foundation.Uses.OfImage),
            Loader = new ImageLoader(foundation.Images, foundation.Unpacker, foundation.Snapshots),
            Importer = new ImageImporter(foundation.Images, foundation.Unpacker),
            Registries = registries,
            Builds = foundation.Own(new BuildService(foundation, steps, registries, () => information.Settings.BuildCache, clock)),
            Saver = new ImageSaver(foundation.Images),
            Volumes = foundation.Volumes,
            VolumeArchiver = new VolumeArchiver(foundation.Volumes, foundation.VolumeMounts),
            Networks = networks.Store,
            NetworkEndpoints = networks.Connector,
            Reachability = new ReachabilityExplainer(registry, networks.Store, networks.ReadFirewallFacts),
            Connector = Connector(foundation, folder, options, log),
        };
    }

    private static ContainerRemover Remover(
        EngineFoundation foundation, ContainerFolder folder, ContainerEvents events, ContainerSizes sizes, RemovedLogs removedLogs) => new(
        foundation.Registry, folder, events, foundation.Snapshots, foundation.Volumes, sizes, removedLogs, foundation.Actions.Containers);

    private static ContainerExitHandler ExitHandler(
        EngineFoundation foundation, ContainerStartParts parts, ContainerFolder folder, ContainerEvents events, RestartPolicies restarts,
        ContainerRemover remover, HealthMonitors health, EngineLog log) => new(
        foundation.Paths, folder, events, foundation.Keeper, parts.Networks, restarts, remover, parts.Volumes, health, parts.Hooks, foundation.Background,
        log);

    private static ContainerConnector Connector(EngineFoundation foundation, ContainerFolder folder, EngineOptions options, EngineLog log)
    {
        var networks = foundation.Networks;
        return new ContainerConnector(networks.Store, networks.Connector, folder, networks.Names, networks.Links, networks.Events, options.Defaults,
            foundation.Actions.Networks, log);
    }

    private static ContainerCreator Creator(
        EngineFoundation foundation, ContainerFolder folder, ContainerEvents events, ResourceWarnings warnings, EngineOptions options) => new(
        foundation.Registry, folder, events, foundation.Images, foundation.Unpacker, foundation.Snapshots, foundation.Volumes, foundation.VolumeMounts,
        foundation.Networks.Store, warnings, options.Defaults, foundation.Actions.Containers, options.Clock);

    private static SystemInformation Information(EngineFoundation foundation, EngineOptions options) => new(
        foundation.Registry, foundation.Images, foundation.Snapshots, foundation.Cgroups, EngineIdentity.Load(foundation.Paths.Root), options.Settings,
        options.Clock);

    private static (LogService Logs, ContainerWatches Watches) Watches(
        EngineFoundation foundation, HealthMonitors health, LogKeeper keeping, RemovedLogs removedLogs, EngineLog log)
    {
        foundation.Own(keeping);
        var reader = new LogReader(foundation.Own(new LogWatcher()));
        return (new LogService(reader, removedLogs), new ContainerWatches(foundation.Own(health), foundation.Own(new LogShipping(reader, log))));
    }

    /// <summary>The stopper, which containers that turn unhealthy can need too.</summary>
    private static ContainerStopper Stopper(ContainerStarter starter, ContainerFolder folder, ContainerEvents events, ContainerWatches watches, EngineLog log)
    {
        var stopper = new ContainerStopper(starter, folder, events);
        watches.Health.TurnedUnhealthy += new HealthActions(stopper, log).Handle;
        return stopper;
    }

    /// <summary>What follows the end of a process: of a container's first one, or of an exec.</summary>
    private static Func<ProcessExit, Task> HandlerOf(ContainerRegistry registry, ContainerExitHandler exits, ExecService execs) =>
        exit => registry.TryGet(exit.Id, out var container) ? exits.HandleAsync(container, exit) : execs.HandleExitAsync(exit);

    private static EngineRegistries Registries(EngineFoundation foundation, EngineOptions options)
    {
        var client = foundation.Own(new RegistryClient(options.Registries));
        return new EngineRegistries(
            client,
            new ImagePuller(foundation.Images, foundation.Unpacker, foundation.Snapshots, client, options.ConcurrentDownloads),
            new ImagePusher(foundation.Images, client, options.ConcurrentUploads),
            new RegistryManifests(client, options.Registries));
    }

    /// <summary>Takes over containers and their ends. An exit that is told before all containers are known would be nobody's: those come after.</summary>
    private static async Task AdoptAsync(
        EngineFoundation foundation, Reconciler reconciler, Func<ProcessExit, Task> handleExit, RestartPolicies restarts, ContainerWatches watches)
    {
        var (networks, registry, keeper) = (foundation.Networks, foundation.Registry, foundation.Keeper);
        await networks.RestoreAsync(isUsed: keeper.Processes.Count > 0);
        var toStart = await reconciler.RunAsync();
        await networks.RemoveLeftoversAsync(registry.List().Where(container => container.State.IsRunning).Select(container => container.Id).ToHashSet());
        keeper.Exited += exit => _ = handleExit(exit);
        await Task.WhenAll(keeper.Processes.Select(p => p.Exit).OfType<ProcessExit>().Select(handleExit));
        foreach (var container in toStart)
            _ = restarts.StartWithDaemonAsync(container);
        watches.BeginAll(registry.List());
    }

    private static ContainerCommitter Committer(EngineFoundation foundation, ContainerPauser pauser, ContainerEvents events) => new(
        foundation.Images, new ImageCommitter(foundation.Images, foundation.Unpacker), new ContainerDiffer(foundation.Snapshots, foundation.Actions.Containers),
        pauser, events, foundation.Actions.Containers);

    private static EngineDiskUsage DiskUsage(EngineFoundation foundation, Func<string, long> imageSize) => new(
        new ImageDiskUsage(foundation.Images, foundation.Snapshots, foundation.Uses.OfImage), foundation.Snapshots, foundation.Registry, foundation.Uses,
        foundation.Volumes, imageSize);

    private static SystemChecker Checker(EngineFoundation foundation) => new(
        new ImageStoreCheck(foundation.Images, foundation.Snapshots),
        new ContainerCheck(foundation.Registry, foundation.Paths, foundation.Snapshots, foundation.Images), foundation.Registry);

    private static ContainerStartParts StartParts(EngineFoundation foundation, EngineOptions options, EngineLog log)
    {
        var namespaces = new SpecNamespaces(foundation.Registry, foundation.Cgroups.Layout == CgroupLayout.Unified);
        var links = new ContainerLinks(foundation.Registry);
        var networks = foundation.Networks;
        var spec = new SpecBuilder(namespaces, new SeccompProfiles(), links, ProcessCapabilities.ReadPermitted(),
            new InitProgram(foundation.Paths.Root, options.Init), options.Defaults,
            new DeviceRequests(new CdiDevices(options.Settings.DeviceFolders)));
        return new ContainerStartParts(
            foundation.Paths, foundation.Images, foundation.Unpacker, foundation.Snapshots, spec, foundation.Cgroups, foundation.Keeper,
            new ContainerHooks(foundation.Paths, log),
            new ContainerNetworks(networks.Store, networks.Connector, networks.Names, networks.Links, networks.Events, foundation.Background,
                foundation.Actions.Networks, log),
            new EtcFiles(foundation.Registry, links, () => networks.HostGateway, options.Defaults),
            new MountOpener(foundation.Paths, foundation.VolumeMounts, foundation.Images, foundation.Unpacker, namespaces, foundation.Snapshots),
            new VolumeUsage(foundation.Events, foundation.Volumes, foundation.VolumeMounts, foundation.Background),
            options.LogBudget is { } bytes ? new LogBudget(bytes) : LogBudget.Standard(foundation.Paths.Root), options.CgroupParent);
    }
}
