using System.Text;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Archives;
using Gantry.Storage.Layers;

namespace Gantry.Storage.Copies;

/// <summary>How an archive is unpacked into a tree that is in use.</summary>
public sealed record CopyOptions
{
    /// <summary>Whether it is an error that a directory would replace something else, or something else a directory.</summary>
    public bool KeepKinds { get; init; }

    /// <summary>Who owns what is unpacked; null: as the archive says.</summary>
    public (uint User, uint Group)? Owner { get; init; }

    /// <summary>Whether extended attributes are left out: for a user who may not set those of the kernel's classes.</summary>
    public bool WithoutAttributes { get; init; }

    /// <summary>The name at the top of the archive (empty, <c>.</c> or <c>/</c>: none) and the one to have in its place; null: as it is.</summary>
    public (string From, string To)? Rename { get; init; }
}

/// <summary>
/// Unpacks an archive into a directory of a tree that others may change meanwhile. Each step goes from an open directory to a name in it, and never
/// through a link that was not read first; so nothing is written outside the root, whoever exchanges what for a link at which moment.
/// </summary>
public static class CopyWriter
{
    /// <summary>Unpacks.</summary>
    /// <param name="root">The root that links start at.</param>
    /// <param name="directory">An existing directory, as a path without links (<see cref="RootPath.Resolve"/>).</param>
    /// <param name="archive">A plain or compressed archive; left open.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Stops it; what was unpacked stays.</param>
    /// <exception cref="GantryException">The archive is damaged or climbs out of its place, or something stands in the way.</exception>
    /// <exception cref="OsException">The file system refused.</exception>
    public static void Unpack(Fd root, string directory, Stream archive, CopyOptions options, CancellationToken cancellation)
    {
        using var target = new LayerTarget(root.Duplicate(), null, WhiteoutForm.Delete);
        using var directories = new LayerDirectories(target, (_, _) => { });
        var reader = new TarReader(archive);
        var run = new Run(directories, new EntryWriter(reader, directories, created: null, WhiteoutForm.Delete), KernelPath.FromText(directory.Trim('/')),
            options);
        try
        {
            while (reader.Next() is { } entry)
            {
                cancellation.ThrowIfCancellationRequested();
                run.Add(entry);
            }
            run.SetDirectoryTimes(root);
        }
        catch (InvalidDataException error)
        {
            throw new GantryException(ErrorKind.System, error.Message, error);
        }
    }

    private sealed class Run(LayerDirectories directories, EntryWriter writer, byte[] place, CopyOptions options)
    {
        private readonly List<(byte[] Path, FileTime Time)> _times = [];

        internal void Add(TarEntry entry)
        {
            var path = Rename(Clean(entry.Name));
            // The place itself stays as it is.
            if (path.Length == 0)
                return;
            if (entry.Kind == TarEntryKind.HardLink)
                entry.LinkName = Join(place, Rename(Clean(entry.LinkName)));
            if (options.Owner is { } owner)
                (entry.UserId, entry.GroupId) = owner;
            if (options.WithoutAttributes)
                entry.Attributes.Clear();
            var (parent, name) = EntryPath.Split(Join(place, path));
            var directory = directories.Open(parent);
            if (options.KeepKinds)
                CheckKind(entry, directory, name);
            writer.Write(entry, directory, name);
            if (entry.Kind == TarEntryKind.Directory)
                _times.Add((Join(Encoding.Latin1.GetBytes(directory.Path), name), entry.Modified));
        }

        // What is written into a directory changes its time; so it is set last.
        internal void SetDirectoryTimes(Fd root)
        {
            foreach (var (path, time) in _times)
            {
                using var directory = FileOpener.TryOpenWithin(
                    root, path, OpenFlags.Directory, ResolveFlags.InRoot | ResolveFlags.NoSymlinks | ResolveFlags.NoMagicLinks, 0, out _);
                if (directory is not null)
                    FileMetadata.TrySetTimes(directory, time, time);
            }
        }

        private void CheckKind(TarEntry entry, LayerDirectory directory, byte[] name)
        {
            if (FileStatusReader.TryRead(directory.Target, name, out _) is not { } existing)
                return;
            var isDirectory = entry.Kind == TarEntryKind.Directory;
            var (shown, at) = (KernelPath.ToText(entry.Name).TrimEnd('/'), "/" + KernelPath.ToText(place));
            if (existing.IsDirectory && !isDirectory)
                throw new GantryException(ErrorKind.System, $"cannot overwrite directory \"{shown}\" with non-directory \"{at}\"");
            if (!existing.IsDirectory && isDirectory)
                throw new GantryException(ErrorKind.System, $"cannot overwrite non-directory \"{shown}\" with directory \"{at}\"");
        }

        private byte[] Rename(byte[] path)
        {
            if (options.Rename is not { From: var from, To: var to })
                return path;
            var (old, name) = (EntryPath.Clean(KernelPath.FromText(from)), KernelPath.FromText(to));
            if (old.Length == 0)
                return path.Length == 0 ? name : Join(name, path);
            if (!path.AsSpan().StartsWith(old) || path.Length > old.Length && path[old.Length] != '/')
                return path;
            return [.. name, .. path.AsSpan(old.Length)];
        }

        private static byte[] Clean(byte[] name)
        {
            try
            {
                return EntryPath.Clean(name);
            }
            catch (InvalidDataException error)
            {
                throw new GantryException(ErrorKind.System, $"invalid entry name \"{KernelPath.ToText(name)}\"", error);
            }
        }

        private static byte[] Join(byte[] directory, byte[] name) => directory.Length == 0 ? name : [.. directory, (byte)'/', .. name];
    }
}
