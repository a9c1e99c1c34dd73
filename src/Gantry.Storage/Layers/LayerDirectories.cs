using System.Text;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Trees;

namespace Gantry.Storage.Layers;

/// <summary>An open directory of the target with the directory of the layers below that shows through it, if there is one.</summary>
/// <param name="Path">Its clean path, without symbolic links, as Latin-1 text so that any bytes can be a key.</param>
/// <param name="Target">In the target, open for reading.</param>
/// <param name="Lower">Below, opened with O_PATH; null when there is none or the target's hides it.</param>
internal sealed record LayerDirectory(string Path, Fd Target, Fd? Lower) : IDisposable
{
    public void Dispose()
    {
        Target.Dispose();
        Lower?.Dispose();
    }
}

/// <summary>
/// Finds the directory that an entry belongs into, component by component from descriptors with O_NOFOLLOW, and keeps it open for the
/// next entries. Symbolic links are followed inside the root only: <c>..</c> stops there, absolute targets start there. Links and
/// directories of the layers below count as if they were in the target; what an entry needs is made with their attributes.
/// openat2(2) with RESOLVE_IN_ROOT would confine just as well, but it cannot see the lower layers.
/// </summary>
internal sealed class LayerDirectories : IDisposable
{
    private const int MaxLinks = 40;
    private const int MaxOpen = 128;
    private readonly LayerDirectory _root;
    private readonly Dictionary<string, LayerDirectory> _open = [];
    private readonly List<LayerDirectory> _owned = [];
    private readonly Action<string, FileTime> _setTimeLater;

    /// <param name="target">Where the layer goes; not owned.</param>
    /// <param name="setTimeLater">Told the times of directories that were copied from below.</param>
    internal LayerDirectories(LayerTarget target, Action<string, FileTime> setTimeLater)
    {
        _root = new LayerDirectory("", target.Directory, target.Lower);
        _setTimeLater = setTimeLater;
    }

    internal LayerDirectory Root => _root;

    /// <summary>The directory at a clean path. It is valid until the next call.</summary>
    /// <exception cref="InvalidDataException">A component is no directory, there are too many symbolic links, or the path is too long.</exception>
    internal LayerDirectory Open(ReadOnlySpan<byte> path)
    {
        var key = Encoding.Latin1.GetString(path);
        if (_open.TryGetValue(key, out var found))
            return found;
        if (_owned.Count > MaxOpen)
            Forget();
        return Walk(_root, key, 0);
    }

    /// <summary>Forgets what is open: called when something that may lie on a path was removed or replaced.</summary>
    internal void Forget()
    {
        foreach (var directory in _owned)
            directory.Dispose();
        _owned.Clear();
        _open.Clear();
    }

    public void Dispose() => Forget();

    private void ForgetAllBut(LayerDirectory kept)
    {
        var isOwned = _owned.Remove(kept);
        Forget();
        if (isOwned)
            _owned.Add(kept);
    }

    private LayerDirectory Walk(LayerDirectory start, string path, int links)
    {
        var current = start;
        foreach (var range in path.AsSpan().Split('/'))
        {
            var component = path.AsSpan()[range];
            if (component.IsEmpty || component is ".")
                continue;
            current = component is ".." ? Parent(current) : Enter(current, component.ToString(), links);
        }
        return current;
    }

    // Its path has no links, so its parent is the one that the path says.
    private LayerDirectory Parent(LayerDirectory directory)
    {
        var slash = directory.Path.LastIndexOf('/');
        return slash < 0 ? _root : Walk(_root, directory.Path[..slash], 0);
    }

    private LayerDirectory Enter(LayerDirectory parent, string component, int links)
    {
        var path = parent.Path.Length == 0 ? component : $"{parent.Path}/{component}";
        if (_open.TryGetValue(path, out var found))
            return found;
        if (path.Length > EntryPath.MaxLength)
            throw EntryPath.TooLong();
        // A long path may need many directories at once, but never one above the last.
        if (_owned.Count > MaxOpen)
            ForgetAllBut(parent);
        var name = Encoding.Latin1.GetBytes(component);
        var directory = FileOpener.TryOpen(parent.Target, name, OpenFlags.Directory | OpenFlags.NoFollow, 0, out var error);
        if (directory is null && error != Errno.ENOENT && error != Errno.ENOTDIR && error != Errno.ELOOP)
            throw new OsException($"open directory {path}", error);
        return _open[path] = directory is not null ? Keep(path, directory, OpenLower(parent, name, directory))
            : LinkText(parent, name, error) is { } text ? Follow(parent, text, links)
            : Make(parent, path, name, error);
    }

    private LayerDirectory Follow(LayerDirectory parent, byte[] text, int links)
    {
        if (links >= MaxLinks)
            throw new InvalidDataException("its path has too many symbolic links");
        var target = Encoding.Latin1.GetString(text);
        return Walk(target.StartsWith('/') ? _root : parent, target, links + 1);
    }

    private static byte[]? LinkText(LayerDirectory parent, byte[] name, Errno error)
    {
        if (error != Errno.ENOENT)
            return FileNodes.TryReadLink(parent.Target, name, out _);
        return parent.Lower is null ? null : FileNodes.TryReadLink(parent.Lower, name, out _);
    }

    // Archives may lack the entries of directories. What lies below gives the attributes; a whiteout in its place hides that.
    private LayerDirectory Make(LayerDirectory parent, string path, byte[] name, Errno error)
    {
        var wasDeleted = error != Errno.ENOENT;
        if (wasDeleted && !OverlayMarks.IsWhiteout(FileStatusReader.Read(parent.Target, name)))
            throw new InvalidDataException($"{KernelPath.ToText(Encoding.Latin1.GetBytes(path))} is no directory");
        if (wasDeleted)
            FileNodes.TryUnlink(parent.Target, name);
        FileNodes.MakeDirectory(parent.Target, name, 0x1ed /* 0755 */);
        var directory = FileOpener.Open(parent.Target, name, OpenFlags.Directory | OpenFlags.NoFollow);
        if (wasDeleted)
            OverlayMarks.SetOpaque(directory);
        var lower = OpenLower(parent, name, directory);
        var made = Keep(path, directory, lower);
        if (lower is not null)
            _setTimeLater(path, LowerCopies.CopyDirectoryAttributes(parent.Lower!, name, directory));
        else
            FileMetadata.TrySetPermissions(directory, 0x1ed);
        return made;
    }

    private static Fd? OpenLower(LayerDirectory parent, byte[] name, Fd directory)
    {
        if (parent.Lower is null || OverlayMarks.IsOpaque(directory))
            return null;
        return FileOpener.TryOpen(parent.Lower, name, OpenFlags.Path | OpenFlags.Directory | OpenFlags.NoFollow, 0, out _);
    }

    private LayerDirectory Keep(string path, Fd target, Fd? lower)
    {
        var directory = new LayerDirectory(path, target, lower);
        _owned.Add(directory);
        return directory;
    }
}
