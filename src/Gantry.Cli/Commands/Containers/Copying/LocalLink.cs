using Gantry.Os.Files;

namespace Gantry.Cli.Commands.Containers.Copying;

/// <summary>Symbolic links on the user's side.</summary>
internal static class LocalLink
{
    /// <summary>Where a link leads in the end, which need not exist; null when there is no link at the path.</summary>
    public static FileSystemInfo? Follow(string path)
    {
        var name = path.TrimEnd('/');
        return FileStatusReader.TryRead(null, KernelPath.FromText(name), out _) is { IsSymbolicLink: true }
            ? new FileInfo(name).ResolveLinkTarget(returnFinalTarget: true) : null;
    }
}
