using Gantry.Build.Trees;
using Gantry.Oci.Images;
using Gantry.Os.Files;

namespace Gantry.Build.Contexts;

/// <summary>One file, folder or link of a context.</summary>
public sealed record FileSetEntry
{
    /// <summary>Its path, relative, with slashes between names.</summary>
    public required string Path { get; init; }

    /// <summary>What it is: a regular file, a directory or a symbolic link; others do not come into contexts.</summary>
    public required FileKind Kind { get; init; }

    /// <summary>Permission bits.</summary>
    public uint Permissions { get; init; }

    /// <summary>Owner.</summary>
    public uint UserId { get; init; }

    /// <summary>Group.</summary>
    public uint GroupId { get; init; }

    /// <summary>Length in bytes.</summary>
    public long Size { get; init; }

    /// <summary>When its content last changed.</summary>
    public FileTime Modified { get; init; }

    /// <summary>The digest of a file's content.</summary>
    public Digest Content { get; init; }

    /// <summary>Where a link leads.</summary>
    public string LinkText { get; init; } = "";
}

/// <summary>The files of a context as they were when it was read. Their content lies in a <see cref="FileStore"/>.</summary>
public sealed class FileSet
{
    private readonly Dictionary<string, FileSetEntry> _byPath;
    private readonly Dictionary<string, List<FileSetEntry>> _children = [];

    /// <param name="entries">The files in any order; folders above them that are missing are added.</param>
    public FileSet(IEnumerable<FileSetEntry> entries)
    {
        _byPath = [];
        foreach (var entry in entries)
            _byPath[entry.Path] = entry;
        foreach (var entry in _byPath.Values.ToList())
            AddFoldersAbove(entry.Path);
        foreach (var entry in _byPath.Values.OrderBy(entry => entry.Path, StringComparer.Ordinal))
        {
            var parent = ParentOf(entry.Path);
            if (!_children.TryGetValue(parent, out var list))
                _children[parent] = list = [];
            list.Add(entry);
        }
    }

    /// <summary>All entries, in no order.</summary>
    public IReadOnlyCollection<FileSetEntry> Entries => _byPath.Values;

    /// <summary>Paths of files that are other than when the folder was last built from, new or gone; none: it is the first time, or nothing is.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    /// <summary>Names the first changes in some folders and files, for people: <c>: src/a, src/b and 3 more</c>; empty: there are none.</summary>
    /// <param name="sources">The folders and files, which may be patterns.</param>
    public string ChangesIn(IEnumerable<string> sources)
    {
        const int most = 3;
        var places = sources.Select(source => source.IndexOfAny(['*', '?', '[']) is var wild and >= 0
            ? (Path: TreePaths.Clean(source[..wild]), IsPattern: true) : (Path: TreePaths.Clean(source), IsPattern: false)).ToList();
        var found = Changes.Where(path => places.Exists(place => place.Path.Length == 0 || path == place.Path
            || path.StartsWith(place.IsPattern ? place.Path : place.Path + "/", StringComparison.Ordinal))).ToList();
        var names = string.Join(", ", found.Take(most));
        return found.Count == 0 ? "" : found.Count <= most ? $": {names}" : $": {names} and {found.Count - most} more";
    }

    /// <summary>An entry by its path; null: there is none.</summary>
    public FileSetEntry? Find(string path) => _byPath.GetValueOrDefault(path);

    /// <summary>What is directly in a folder, by name.</summary>
    public IReadOnlyList<FileSetEntry> ChildrenOf(string folder) => _children.GetValueOrDefault(folder) ?? [];

    /// <summary>The folder that a path is in; empty for the root.</summary>
    public static string ParentOf(string path) => path.LastIndexOf('/') is var slash and >= 0 ? path[..slash] : "";

    private void AddFoldersAbove(string path)
    {
        for (var parent = ParentOf(path); parent.Length > 0 && !_byPath.ContainsKey(parent); parent = ParentOf(parent))
            _byPath[parent] = new FileSetEntry { Path = parent, Kind = FileKind.Directory, Permissions = 0x1ed /* 0755 */ };
    }
}
