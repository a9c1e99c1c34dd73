using System.Text.Json;
using Gantry.Engine.Containers;
using Gantry.Oci.Runtime;
using Gantry.Os.Files;
using Gantry.Os.Processes;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Hooks;

namespace Gantry.Engine.Hooks;

/// <summary>
/// The hooks of containers: programs that descriptions of devices ask for. Where there are any, the runtime configuration lies as <c>config.json</c> in the
/// folder of the container's process, which is the bundle that hooks are told of; and by it a later daemon knows them. It goes with the process.
/// </summary>
internal sealed class ContainerHooks(EnginePaths paths, EngineLog log)
{
    private readonly Lazy<ProcessSpawner> _spawner = new();

    /// <summary>What runs the hooks of a container that is about to start; null: it has none.</summary>
    public HookRunner? For(Container container, RuntimeSpec spec) =>
        spec.Hooks is null ? null : new(_spawner.Value, spec, container.Id, container.ProcessFolder)
    {
        RootMoved = root => AtomicFile.Write(
            PathOf(container), JsonSerializer.SerializeToUtf8Bytes(spec with { Root = spec.Root! with { Path = root } }, RuntimeSpecJson.Default.RuntimeSpec),
            sync: false),
    };

    /// <summary>What runs the hooks of a container that an earlier daemon started; null: it has none.</summary>
    public HookRunner? Restore(Container container)
    {
        try
        {
            return new HookRunner(_spawner.Value, RuntimeSpecReader.Read(File.ReadAllBytes(PathOf(container))), container.Id, container.ProcessFolder);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>A start that waits for hooks.</summary>
    public HeldStart Hold(HookRunner hooks, Cgroup cgroup) => new(hooks, cgroup, paths.RootMountPoint);

    /// <summary>Runs the hooks that follow the end of a process. What fails is logged: the end is the end all the same.</summary>
    public async Task StoppedAsync(Container container, HookRunner? hooks)
    {
        if (hooks is null)
            return;
        foreach (var failure in await Task.Factory.StartNew(hooks.Stopped, TaskCreationOptions.LongRunning))
            log.HookFailed(container.Id, failure);
    }

    private static string PathOf(Container container) => Path.Combine(container.ProcessFolder, "config.json");
}
