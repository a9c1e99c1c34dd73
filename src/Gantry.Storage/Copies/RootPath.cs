using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Storage.Copies;

/// <summary>
/// Paths below a root whose files belong to somebody else, such as a running container: nothing here can lead out of the root, whatever links
/// there are and whoever exchanges them meanwhile (the kind of CVE-2018-15664). No code of the root is loaded or run, either (CVE-2019-14271).
/// </summary>
public static class RootPath
{
    private const int MaxLinks = 255;
    private const ResolveFlags InRoot = ResolveFlags.InRoot | ResolveFlags.NoMagicLinks;

    /// <summary>Opens a path with O_PATH and further flags (openat2(2), RESOLVE_IN_ROOT).</summary>
    /// <param name="root">The root.</param>
    /// <param name="path">A path in it.</param>
    /// <param name="flags">With <see cref="OpenFlags.NoFollow"/> a link at the end is opened itself.</param>
    /// <returns>Null when there is nothing, or something on the way is no directory.</returns>
    /// <exception cref="OsException">The kernel refused for another reason.</exception>
    public static Fd? Find(Fd root, string path, OpenFlags flags = OpenFlags.ReadOnly)
    {
        var found = FileOpener.TryOpenWithin(root, KernelPath.FromText(path), flags | OpenFlags.Path, InRoot, 0, out var error);
        return found is not null || error == Errno.ENOENT || error == Errno.ENOTDIR ? found : throw new OsException($"open {path}", error);
    }

    /// <summary>
    /// The absolute path, below the root, that links lead to; what does not exist is taken as it is written. For messages and comparisons: what is
    /// opened is opened by <see cref="Find"/>.
    /// </summary>
    public static string Resolve(Fd root, string path)
    {
        var rest = new Stack<string>(Components(path).Reverse());
        var resolved = new List<string>();
        for (var links = 0; rest.TryPop(out var component);)
        {
            if (component == "..")
            {
                if (resolved.Count > 0)
                    resolved.RemoveAt(resolved.Count - 1);
                continue;
            }
            resolved.Add(component);
            if (LinkText(root, "/" + string.Join('/', resolved)) is not { } text)
                continue;
            if (++links > MaxLinks)
                throw new OsException($"resolve {path}", Errno.ELOOP);
            resolved.RemoveAt(resolved.Count - 1);
            if (text.StartsWith('/'))
                resolved.Clear();
            foreach (var part in Components(text).Reverse())
                rest.Push(part);
        }
        return "/" + string.Join('/', resolved);
    }

    /// <summary>The text of the link at a path; null when there is no link.</summary>
    private static string? LinkText(Fd root, string path)
    {
        using var link = FileOpener.TryOpenWithin(root, KernelPath.FromText(path), OpenFlags.Path | OpenFlags.NoFollow, InRoot, 0, out _);
        return link is not null && FileNodes.TryReadLink(link, [], out _) is { } text ? KernelPath.ToText(text) : null;
    }

    private static IEnumerable<string> Components(string path) => path.Split('/').Where(part => part is not ("" or "."));
}
