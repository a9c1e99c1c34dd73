using System.Text;
using Gantry.Build.Steps;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Build.Solver;

/// <summary>
/// Takes away the empty files and folders that the runtime made to mount something at: in the archive of the layer they are left out, and the unpacked
/// layer has to say the same.
/// </summary>
internal static class MountPlaces
{
    /// <summary>Where the runtime mounts something in any case.</summary>
    public static readonly string[] OfRuntime = ["/etc/resolv.conf", "/etc/hostname", "/etc/hosts", "/proc", "/dev", "/sys"];

    public static void Remove(OpenLayer layer, LayerWorkshop workshop, IEnumerable<string> targets)
    {
        using var below = workshop.OpenView(layer.Parent);
        foreach (var target in targets.OrderByDescending(target => target.Length))
        {
            // Folders above that were made for it go, too.
            for (var path = target.Trim('/'); path.Length > 0 && !IsThere(below, path); path = path.LastIndexOf('/') is var slash and > 0 ? path[..slash] : "")
            {
                if (!TryRemove(layer.Mount, path))
                    break;
            }
        }
    }

    private static bool IsThere(Fd? root, string path)
    {
        if (root is null)
            return false;
        using var found = FileOpener.TryOpenWithin(root, Encoding.UTF8.GetBytes(path), OpenFlags.Path, ResolveFlags.InRoot, 0, out _);
        return found is not null;
    }

    private static bool TryRemove(Fd root, string path)
    {
        var slash = path.LastIndexOf('/');
        using var parent = FileOpener.TryOpenWithin(
            root, slash < 0 ? "."u8 : Encoding.UTF8.GetBytes(path[..slash]), OpenFlags.Directory, ResolveFlags.InRoot, 0, out _);
        var name = Encoding.UTF8.GetBytes(path[(slash + 1)..]);
        if (parent is null || FileStatusReader.TryRead(parent, name, out _) is not { } status)
            return true;
        if (status.IsDirectory)
            return FileNodes.TryRemoveDirectory(parent, name) == default;
        return status is { IsRegular: true, Size: 0 } && FileNodes.TryUnlink(parent, name) == default;
    }
}
