using System.Text;
using Gantry.Os.Files;
using Gantry.Storage.Trees;

namespace Gantry.Storage.Layers;

/// <summary>
/// Paths at which a runtime makes an empty file or directory where the image has none, to mount something there. Such a placeholder is no
/// change of the user's: neither <c>docker diff</c> nor <c>docker commit</c> has it.
/// </summary>
public sealed class MountPlaceholders
{
    private readonly HashSet<string> _paths;

    /// <param name="paths">Absolute paths, e.g. <c>/etc/hosts</c>.</param>
    public MountPlaceholders(IEnumerable<string> paths) => _paths = [.. paths.Select(path => path.Trim('/'))];

    /// <summary>Whether a change is nothing but a placeholder: new, at one of the paths, and empty.</summary>
    internal bool Covers(in TreeChange change)
    {
        if (change.Kind != PathChangeKind.Added || change.Status is not { } status || !_paths.Contains(Encoding.UTF8.GetString(change.Path)))
            return false;
        return status.IsRegular ? status.Size == 0 : status.IsDirectory && IsEmpty(change);
    }

    private static bool IsEmpty(in TreeChange change)
    {
        using var directory = FileOpener.Open(change.Directory, change.Name, OpenFlags.Directory | OpenFlags.NoFollow);
        return DirectoryReader.Read(directory).Count == 0;
    }
}
