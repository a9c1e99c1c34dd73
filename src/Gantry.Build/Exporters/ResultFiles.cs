using System.Text;
using Gantry.Build.Attestations;
using Gantry.Build.Contexts;
using Gantry.Build.Trees;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Archives;
using Gantry.Storage.Layers;

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

/// <summary>A file that says something of a result, at its root.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Content">What is in it.</param>
/// <param name="Modified">Its time.</param>
internal sealed record StatementFile(string Name, byte[] Content, FileTime Modified)
{
    /// <summary>Who may read it: the user alone, as BuildKit has it.</summary>
    public const uint Permissions = 0x180; // 0600
}

/// <summary>The files that a build came to. No link leads out of them.</summary>
public sealed class ResultFiles : IDisposable
{
    private readonly Fd? _view;
    private readonly MountTree? _tree;
    private readonly SortedDictionary<string, StatementFile> _statements = new(StringComparer.Ordinal);

    internal ResultFiles(Fd? view)
    {
        _view = view;
        _tree = view is null ? null : new MountTree(view);
    }

    /// <summary>All files, those of a folder right after it, in ordinal order.</summary>
    public IEnumerable<ResultFile> Walk()
    {
        using var statements = _statements.Values.GetEnumerator();
        var more = statements.MoveNext();
        foreach (var name in _tree?.List("") ?? [])
        {
            for (; more && string.CompareOrdinal(statements.Current.Name, name) < 0; more = statements.MoveNext())
                yield return Describe(statements.Current);
            // What is said takes the place of a file that is called so.
            if (_statements.ContainsKey(name))
                continue;
            foreach (var file in WalkFrom(name))
                yield return file;
        }
        for (; more; more = statements.MoveNext())
            yield return Describe(statements.Current);
    }

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
    public Stream Open(ResultFile file) =>
        _statements.TryGetValue(file.Path, out var statement) ? new MemoryStream(statement.Content, writable: false)
            : new DescriptorReader(_tree!.Open(file.Path));

    /// <summary>Puts something that is said of the files among them.</summary>
    /// <exception cref="GantryException">Something else that is said is called so.</exception>
    internal void Add(StatementFile statement)
    {
        if (!_statements.TryAdd(statement.Name, statement))
            throw GantryException.Invalid($"duplicate attestation path name {statement.Name}: give the provenance another filename=");
    }

    /// <summary>All regular files with their digests.</summary>
    internal IReadOnlyList<StatementSubject> Subjects(CancellationToken cancellation)
    {
        var subjects = new List<StatementSubject>();
        foreach (var file in Walk().Where(file => file.Kind == FileKind.Regular))
        {
            cancellation.ThrowIfCancellationRequested();
            subjects.Add(new StatementSubject(file.Path, _tree!.ContentOf(file.Path)));
        }
        return subjects;
    }

    /// <summary>Writes all of it into an archive that goes on.</summary>
    /// <param name="archive">Where to.</param>
    /// <param name="folder">The folder of the archive that it is in; empty: its root.</param>
    /// <param name="newest">The latest time that a file has; null: any.</param>
    /// <param name="cancellation">Stops it.</param>
    internal void AppendTo(TarWriter archive, string folder, FileTime? newest, CancellationToken cancellation)
    {
        if (_view is not null)
            LayerDiffer.AppendTree(_view, archive, folder.Length == 0 ? null : Encoding.UTF8.GetBytes(folder), newest, cancellation);
        foreach (var statement in _statements.Values)
        {
            archive.WriteHeader(new TarEntry
            {
                Name = Encoding.UTF8.GetBytes(folder.Length == 0 ? statement.Name : $"{folder}/{statement.Name}"),
                Permissions = StatementFile.Permissions, Size = statement.Content.Length, Modified = statement.Modified,
            });
            archive.WriteData(statement.Content);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _tree?.Dispose();

    private IEnumerable<ResultFile> WalkFrom(string path)
    {
        var file = Describe(path);
        yield return file;
        if (file.Kind != FileKind.Directory)
            yield break;
        foreach (var name in _tree!.List(path))
        {
            foreach (var below in WalkFrom($"{path}/{name}"))
                yield return below;
        }
    }

    private static ResultFile Describe(StatementFile file) =>
        new(file.Name, FileKind.Regular, StatementFile.Permissions, 0, 0, file.Content.Length, file.Modified, "", default);

    private ResultFile Describe(string path)
    {
        var entry = _tree!.Find(path) ?? throw GantryException.NotFound($"/{path} is gone");
        return new ResultFile(path, entry.Kind, entry.Permissions, entry.UserId, entry.GroupId, entry.Size, entry.Modified, entry.LinkText, entry.Device);
    }
}
