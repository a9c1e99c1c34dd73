using Gantry.Api.Endpoints;
using Gantry.Api.Routing;
using Gantry.BuildKit;

namespace Gantry.Api.Hosting;

/// <summary>The Engine API's routes over an engine.</summary>
public static class EngineRoutes
{
    /// <summary>All operations: those that work, and those that say that this version does not have them.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="buildKit">Serves BuildKit's own clients; owned by the caller.</param>
    public static RouteTable For(Engine.Engine engine, BuildKitServer buildKit)
    {
        var routes = new RouteTable();
        new SystemEndpoints(engine.Information).Add(routes);
        new DiskUsageEndpoints(engine).Add(routes);
        new SystemCheckEndpoints(engine.Checker).Add(routes);
        new SystemMigrateEndpoints(engine.Migrator).Add(routes);
        new EventsEndpoints(engine.Events).Add(routes);
        new ContainerQueryEndpoints(engine).Add(routes);
        new ContainerCreateEndpoints(engine).Add(routes);
        new ContainerLifecycleEndpoints(engine).Add(routes);
        new ContainerWaitEndpoints(engine).Add(routes);
        new ContainerAttachEndpoints(engine).Add(routes);
        new ContainerFilesystemEndpoints(engine).Add(routes);
        new ContainerArchiveEndpoints(engine).Add(routes);
        new ContainerStatsEndpoints(engine).Add(routes);
        new ContainerLogsEndpoints(engine).Add(routes);
        new ExecEndpoints(engine).Add(routes);
        new ImageEndpoints(engine).Add(routes);
        new ImageArchiveEndpoints(engine).Add(routes);
        new ImageRegistryEndpoints(engine).Add(routes);
        new RegistryManifestEndpoints(engine.Registries.Manifests).Add(routes);
        new BuildEndpoints(engine).Add(routes);
        new BuildHistoryEndpoints(engine).Add(routes);
        new BuildKitEndpoints(buildKit).Add(routes);
        new NetworkEndpoints(engine).Add(routes);
        new ReachabilityEndpoints(engine.Reachability).Add(routes);
        new VolumeEndpoints(engine.Volumes).Add(routes);
        new VolumeArchiveEndpoints(engine.VolumeArchiver).Add(routes);
        return UnavailableEndpoints.Add(routes);
    }
}
