using Gantry.Build.Cache;
using Gantry.Build.Contexts;
using Gantry.Build.Graph;
using Gantry.Build.Steps;
using Gantry.Images;
using Gantry.Oci;

namespace Gantry.Build.Solver;

/// <summary>
/// Solves build graphs: every node that a result needs once, at the same time where they do not need each other, and none whose result is known. One
/// solver serves all builds of an engine; those that need the same work at the same time share it. <c>docs/life-of-a-build-step.md</c> tells the keys.
/// </summary>
public sealed class BuildSolver
{
    internal BuildSolver(BuildCache cache, ImageStore images, LayerWorkshop workshop, ImageUnpacker unpacker, FileStore files, ExecExecutor exec)
    {
        (Cache, Images, Workshop, Unpacker, Files, Exec) = (cache, images, workshop, unpacker, files, exec);
        Receiver = new LayerReceiver(images, unpacker);
    }

    internal BuildCache Cache { get; }

    internal ImageStore Images { get; }

    internal LayerReceiver Receiver { get; }

    internal LayerWorkshop Workshop { get; }

    internal ImageUnpacker Unpacker { get; }

    internal FileStore Files { get; }

    internal ExecExecutor Exec { get; }

    internal SharedWorks Works { get; } = new();

    /// <summary>Wires a solver.</summary>
    /// <param name="cache">Knows results.</param>
    /// <param name="images">Knows the layers of images.</param>
    /// <param name="workshop">Makes layers.</param>
    /// <param name="unpacker">Unpacks them when they are not.</param>
    /// <param name="files">Has the content of contexts.</param>
    /// <param name="runner">Runs processes.</param>
    /// <param name="cacheMounts">Has the folders of cache mounts.</param>
    /// <param name="agents">Where sockets of SSH agents are.</param>
    public static BuildSolver Create(
        BuildCache cache, ImageStore images, LayerWorkshop workshop, ImageUnpacker unpacker, FileStore files, IStepRunner runner, CacheMounts cacheMounts,
        AgentFolders agents) =>
        new(cache, images, workshop, unpacker, files, new ExecExecutor(workshop, files, runner, cacheMounts, agents));

    /// <summary>Begins to solve for one build; nodes that are equal are solved once in it.</summary>
    public SolveRun Begin(SolveSession session) => new(this, session);

    /// <summary>The layers of a result that has to be a root filesystem.</summary>
    internal static LayerResult Layers(StepResult? result) => result switch
    {
        null => LayerResult.Empty,
        LayerResult layers => layers,
        _ => throw GantryException.Invalid("a build context cannot be the root filesystem of a step"),
    };
}
