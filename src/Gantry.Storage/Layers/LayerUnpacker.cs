using System.Text;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Archives;

namespace Gantry.Storage.Layers;

/// <summary>One run over a layer's archive.</summary>
internal sealed class LayerUnpacker(LayerTarget target)
{
    // Content written into a directory changes its time: directories get theirs at the end. By clean path; a later entry wins.
    private readonly Dictionary<string, FileTime> _directoryTimes = [];

    // The only thing that grows with an archive: a few kilobytes of it, compressed, could else fill the memory.
    private const long MaxDirectoryPaths = 64 << 20;
    private long _directoryPaths;

    internal long ContentSize { get; private set; }

    internal int Entries { get; private set; }

    /// <summary>Where the run is, for messages: <c>entry x</c>, or <c>archive</c> between entries.</summary>
    internal string Position { get; private set; } = "archive";

    /// <exception cref="InvalidDataException">The archive is damaged or hostile.</exception>
    /// <exception cref="OsException">The file system refused.</exception>
    internal void Unpack(TarReader archive, CancellationToken cancellation)
    {
        using var directories = new LayerDirectories(target, (path, time) => RememberTime(path, time, replace: false));
        var created = target.Whiteouts == WhiteoutForm.Delete ? new CreatedFiles() : null;
        var writer = new EntryWriter(archive, directories, created, target.Whiteouts);
        var whiteouts = new WhiteoutApplier(directories, created);
        while (archive.Next() is { } entry)
        {
            cancellation.ThrowIfCancellationRequested();
            Position = $"entry {entry.DisplayName}";
            Apply(entry, directories, writer, whiteouts);
            Entries++;
            ContentSize += entry.Kind == TarEntryKind.SymbolicLink ? entry.LinkName.Length : entry.Size;
            Position = $"archive after {Position}";
        }
        Position = "directory times";
        SetDirectoryTimes();
    }

    private void Apply(TarEntry entry, LayerDirectories directories, EntryWriter writer, WhiteoutApplier whiteouts)
    {
        var path = EntryPath.Clean(entry.Name);
        if (path.Length == 0)
        {
            writer.WriteRoot(entry);
            _directoryTimes[""] = entry.Modified;
            return;
        }
        var (directoryPath, name) = EntryPath.Split(path);
        var directory = directories.Open(directoryPath);
        if (target.Whiteouts != WhiteoutForm.None && WhiteoutApplier.IsWhiteout(name))
        {
            whiteouts.Apply(directory, name);
            return;
        }
        writer.Write(entry, directory, name);
        if (entry.Kind == TarEntryKind.Directory)
            RememberTime(Join(directory.Path, name), entry.Modified, replace: true);
    }

    private void RememberTime(string path, FileTime time, bool replace)
    {
        if (_directoryTimes.TryAdd(path, time))
            _directoryPaths += path.Length;
        else if (replace)
            _directoryTimes[path] = time;
        if (_directoryPaths > MaxDirectoryPaths)
            throw new InvalidDataException($"the paths of its directories are longer than {MaxDirectoryPaths} bytes together");
    }

    private static string Join(string directory, byte[] name)
        => directory.Length == 0 ? Encoding.Latin1.GetString(name) : $"{directory}/{Encoding.Latin1.GetString(name)}";

    // What has become something else than a directory since, or is gone, is left alone.
    private void SetDirectoryTimes()
    {
        const ResolveFlags rules = ResolveFlags.InRoot | ResolveFlags.NoSymlinks | ResolveFlags.NoMagicLinks;
        foreach (var (path, time) in _directoryTimes)
        {
            var name = path.Length == 0 ? "."u8 : Encoding.Latin1.GetBytes(path);
            using var directory = FileOpener.TryOpenWithin(target.Directory, name, OpenFlags.Directory, rules, 0, out _);
            if (directory is not null && FileMetadata.TrySetTimes(directory, time, time) is var error && error != default)
                throw new OsException($"set times of {KernelPath.ToText(name)}", error);
        }
    }
}
