using Gantry.Engine.Containers;
using Gantry.Os;
using Gantry.Runtime.Cgroups;

namespace Gantry.Engine;

/// <summary>The cgroup above those of the engine's containers. The first container makes it; an engine that ends without containers removes it.</summary>
/// <param name="host">The host's cgroups.</param>
/// <param name="path">Its path below the roots of the hierarchies.</param>
/// <param name="registry">The containers, of which none may run in it when it goes.</param>
internal sealed class EngineCgroup(CgroupHost host, string path, ContainerRegistry registry) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        if (registry.List().Any(c => c.State.IsRunning))
            return;
        try
        {
            host.Open(path).Delete();
        }
        catch (OsException)
        {
            // Something that is not ours was put into it: it stays, empty of containers, and the next engine uses it.
        }
    }
}
