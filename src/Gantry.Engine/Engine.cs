using Gantry.Engine.Attach;
using Gantry.Engine.Build;
using Gantry.Engine.Check;
using Gantry.Engine.Containers;
using Gantry.Engine.Create;
using Gantry.Engine.DiskUsage;
using Gantry.Engine.Events;
using Gantry.Engine.Exec;
using Gantry.Engine.Filesystem;
using Gantry.Engine.Logs;
using Gantry.Engine.Migrate;
using Gantry.Engine.Mounts;
using Gantry.Engine.Networks;
using Gantry.Engine.Processes;
using Gantry.Engine.Information;
using Gantry.Engine.Statistics;
using Gantry.Images;
using Gantry.Networking;
using Gantry.Volumes;

namespace Gantry.Engine;

/// <summary>
/// The services of a running engine, for the API or for a program that hosts it. There is no logic here: each service does one thing, and
/// <see cref="EngineBuilder"/> wires them.
/// </summary>
public sealed record Engine : IDisposable
{
    private readonly Action _stop;

    internal Engine(Action stop) => _stop = stop;

    /// <summary>All containers.</summary>
    public required ContainerRegistry Containers { get; init; }

    /// <summary>Makes containers.</summary>
    public required ContainerCreator Creator { get; init; }

    /// <summary>Starts them.</summary>
    public required ContainerStarter Starter { get; init; }

    /// <summary>Stops, restarts and signals them.</summary>
    public required ContainerStopper Stopper { get; init; }

    /// <summary>Freezes and thaws them.</summary>
    public required ContainerPauser Pauser { get; init; }

    /// <summary>Removes them.</summary>
    public required ContainerRemover Remover { get; init; }

    /// <summary>Renames them.</summary>
    public required ContainerRenamer Renamer { get; init; }

    /// <summary>Changes their limits.</summary>
    public required ContainerUpdater Updater { get; init; }

    /// <summary>Waits for them.</summary>
    public required ContainerWaiter Waiter { get; init; }

    /// <summary>Connects clients to their standard streams.</summary>
    public required ContainerAttacher Attacher { get; init; }

    /// <summary>Runs further processes in them.</summary>
    public required ExecService Execs { get; init; }

    /// <summary>Lists their processes.</summary>
    public required ProcessLister Processes { get; init; }

    /// <summary>Tells what they use.</summary>
    public required ContainerStatistics Statistics { get; init; }

    /// <summary>Reads their logs.</summary>
    public required LogService Logs { get; init; }

    /// <summary>Writes their root filesystems.</summary>
    public required ContainerExporter Exporter { get; init; }

    /// <summary>Copies single files and directories from and to them.</summary>
    public required ContainerArchiver Archiver { get; init; }

    /// <summary>Tells what they changed.</summary>
    public required ContainerDiffer Differ { get; init; }

    /// <summary>Makes images of what they changed.</summary>
    public required ContainerCommitter Committer { get; init; }

    /// <summary>Measures their disk space.</summary>
    public required ContainerSizes Sizes { get; init; }

    /// <summary>Measures what everything occupies.</summary>
    public required EngineDiskUsage DiskUsage { get; init; }

    /// <summary>Verifies what is on the disk.</summary>
    public required SystemChecker Checker { get; init; }

    /// <summary>Takes over what a Docker has.</summary>
    public required DockerMigrator Migrator { get; init; }

    /// <summary>What happens.</summary>
    public required EventBus Events { get; init; }

    /// <summary>Ends all containers.</summary>
    public required EngineShutdown Shutdown { get; init; }

    /// <summary>Figures for Prometheus.</summary>
    public required EngineMetrics Metrics { get; init; }

    /// <summary>Versions and the host.</summary>
    public required SystemInformation Information { get; init; }

    /// <summary>The snapshotter that holds the layers of images and containers.</summary>
    public required string StorageDriver { get; init; }

    /// <summary>The images.</summary>
    public required ImageStore Images { get; init; }

    /// <summary>Lists images.</summary>
    public required ImageLister ImageLister { get; init; }

    /// <summary>Names images.</summary>
    public required ImageTagger ImageTagger { get; init; }

    /// <summary>Removes images.</summary>
    public required ImageRemover ImageRemover { get; init; }

    /// <summary>Removes single platforms of images.</summary>
    public required ImagePlatformRemover ImagePlatformRemover { get; init; }

    /// <summary>Lists the platforms of images.</summary>
    public required ImageManifestLister ImageManifests { get; init; }

    /// <summary>Removes images that nothing uses.</summary>
    public required ImagePruner ImagePruner { get; init; }

    /// <summary>Reads image archives.</summary>
    public required ImageLoader Loader { get; init; }

    /// <summary>Makes images of root filesystems.</summary>
    public required ImageImporter Importer { get; init; }

    /// <summary>Images from and to registries.</summary>
    public required EngineRegistries Registries { get; init; }

    /// <summary>Builds images.</summary>
    public required BuildService Builds { get; init; }

    /// <summary>Writes image archives.</summary>
    public required ImageSaver Saver { get; init; }

    /// <summary>The volumes.</summary>
    public required VolumeStore Volumes { get; init; }

    /// <summary>Writes, reads and copies what is in them.</summary>
    public required VolumeArchiver VolumeArchiver { get; init; }

    /// <summary>The networks.</summary>
    public required NetworkStore Networks { get; init; }

    /// <summary>Which running containers are connected to them.</summary>
    public required NetworkConnector NetworkEndpoints { get; init; }

    /// <summary>Explains who reaches containers.</summary>
    public required ReachabilityExplainer Reachability { get; init; }

    /// <summary>Connects containers to networks and takes them off.</summary>
    public required ContainerConnector Connector { get; init; }

    /// <summary>Ends the engine. Containers run on, held by the keeper; the next engine on the same folders finds them.</summary>
    public void Dispose() => _stop();
}
