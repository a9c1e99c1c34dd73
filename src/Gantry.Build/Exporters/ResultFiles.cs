using Gantry.Build.Contexts;
using Gantry.Build.Trees;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Build.Exporters;

/// <summary>A file of a result.</summary>
/// <param name="Path">Its path, relative, with slashes between names.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Permissions">Permission bits.</param>
/// <param name="UserId">Owner.</param>
/// <param name="GroupId">Group.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="Modified">When its content last changed.</param>
/// <param name="LinkText">Where a symbolic link leads.</param>
/// <param name="Device">The device of a device node.</param>
public sealed record ResultFile(
    string Path, FileKind Kind, uint Permissions, uint UserId, uint GroupId, long Size, FileTime Modified, string LinkText, DeviceNumber Device);

/// <summary>The files that a build came to. No link leads out of them.</summary>
public sealed class ResultFiles : IDisposable
{
    private readonly MountTree? _tree;

    internal ResultFiles(Fd? view) => _tree = view is null ? null : new MountTree(view);

    /// <summary>All files, those of a folder right after it, in ordinal order.</summary>
    public IEnumerable<ResultFile> Walk() => _tree is null ? [] : Walk("");

    /// <summary>What is directly in a folder.</summary>
    /// <exception cref="GantryException">It is none.</exception>
    public IReadOnlyList<ResultFile> List(string path)
    {
        if (_tree is null && path.Trim('/') is "" or ".")
            return [];
        var folder = Find(path);
        if (folder.Kind != FileKind.Directory)
            throw GantryException.Invalid($"readdir {path}: not a directory");
        return [.. _tree!.List(folder.Path).Select(name => Describe(folder.Path.Length == 0 ? name : $"{folder.Path}/{name}"))];
    }

    /// <summary>The file that a path leads to.</summary>
    /// <exception cref="GantryException">There is none.</exception>
    public ResultFile Find(string path) =>
        _tree is not null && TreePaths.Resolve(_tree, path) is { } found && _tree.Find(found) is not null
            ? Describe(found) : throw GantryException.NotFound($"open {path}: no such file or directory");

    /// <summary>Opens a regular file for reading.</summary>
    /// <exception cref="GantryException">There is none.</exception>
    public Stream Open(ResultFile file) => new DescriptorReader(_tree!.Open(file.Path));

    /// <inheritdoc/>
    public void Dispose() => _tree?.Dispose();

    private IEnumerable<ResultFile> Walk(string folder)
    {
        foreach (var name in _tree!.List(folder))
        {
            var file = Describe(folder.Length == 0 ? name : $"{folder}/{name}");
            yield return file;
            if (file.Kind != FileKind.Directory)
                continue;
            foreach (var below in Walk(file.Path))
                yield return below;
        }
    }

    private ResultFile Describe(string path)
    {
        var entry = _tree!.Find(path) ?? throw GantryException.NotFound($"/{path} is gone");
        return new ResultFile(path, entry.Kind, entry.Permissions, entry.UserId, entry.GroupId, entry.Size, entry.Modified, entry.LinkText, entry.Device);
    }
}
