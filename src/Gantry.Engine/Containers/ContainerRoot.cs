using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Engine.Containers;

/// <summary>The root directory of a running container, as its processes see it.</summary>
internal static class ContainerRoot
{
    /// <summary>Opens it through its first process.</summary>
    /// <exception cref="GantryException">The process has ended (Conflict).</exception>
    public static Fd Open(Container container)
    {
        var path = $"/proc/{container.State.Pid}/root";
        return FileOpener.TryOpen(null, KernelPath.FromText(path), OpenFlags.Path | OpenFlags.Directory, 0, out var error)
            ?? throw (error == Errno.ENOENT || error == Errno.ESRCH
                ? GantryException.Conflict($"container {container.Id} is not running")
                : new OsException($"open {path}", error));
    }
}
