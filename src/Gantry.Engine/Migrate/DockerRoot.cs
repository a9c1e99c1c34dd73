using System.Text.Json;
using Gantry.Oci;
using Gantry.Oci.Json;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Engine.Migrate;

/// <summary>
/// The root folder of a Docker with the storage driver overlay2, read only. Names and paths in its documents are not trusted: each is resolved with the
/// folder as its root, so that neither <c>..</c> nor a link leads out of it.
/// </summary>
internal sealed class DockerRoot : IDisposable
{
    private const int MaxDocument = 64 << 20;
    private const ResolveFlags Inside = ResolveFlags.InRoot | ResolveFlags.NoMagicLinks;
    private readonly Fd _folder;

    private DockerRoot(string path, Fd folder) => (Path, _folder) = (path, folder);

    /// <summary>The folder, as it was named.</summary>
    public string Path { get; }

    /// <summary>Opens a Docker's folder.</summary>
    /// <exception cref="GantryException">It is not there (NotFound), or holds nothing that can be read (InvalidArgument).</exception>
    public static DockerRoot Open(string path)
    {
        if (!System.IO.Path.IsPathRooted(path))
            throw GantryException.Invalid($"migrate: the folder {path} is to be named by an absolute path");
        var folder = FileOpener.TryOpen(null, KernelPath.FromText(path), OpenFlags.ReadOnly | OpenFlags.Directory, 0, out var error)
            ?? throw (error == Errno.ENOENT ? GantryException.NotFound($"migrate: there is no folder {path}") : new OsException($"open {path}", error));
        var root = new DockerRoot(path, folder);
        if (root.Has("image/overlay2/layerdb") || root.Has("volumes"))
            return root;
        root.Dispose();
        throw GantryException.Invalid($"migrate: {path} is no root folder of a Docker with the storage driver overlay2");
    }

    /// <summary>Whether a running Docker uses it: the daemon holds a lock on its list of volumes.</summary>
    public bool IsInUse
    {
        get
        {
            using var list = TryOpen("volumes/metadata.db", OpenFlags.ReadOnly);
            return list is not null && FileLock.IsHeld(list);
        }
    }

    /// <summary>Whether there is something.</summary>
    public bool Has(string path)
    {
        using var found = TryOpen(path, OpenFlags.Path);
        return found is not null;
    }

    /// <summary>The names in a folder; none when it does not exist.</summary>
    public IReadOnlyList<string> List(string path)
    {
        using var folder = TryOpen(path, OpenFlags.ReadOnly | OpenFlags.Directory);
        return folder is null ? [] : [.. DirectoryReader.Read(folder).Select(static entry => KernelPath.ToText(entry.Name)).Order(StringComparer.Ordinal)];
    }

    /// <summary>A folder.</summary>
    /// <exception cref="OsException">It cannot be opened.</exception>
    public Fd OpenFolder(string path) =>
        TryOpen(path, OpenFlags.ReadOnly | OpenFlags.Directory) ?? throw new OsException($"open {path} in {Path}", Errno.ENOENT);

    /// <summary>A regular file.</summary>
    /// <exception cref="GantryException">There is none.</exception>
    public Fd OpenFile(string path) => OpenFile(_folder, KernelPath.FromText(path)) ?? throw GantryException.NotFound($"{path} is not in {Path}");

    /// <summary>A regular file below a folder of the Docker, which is taken as the root of links; null when there is none.</summary>
    internal static Fd? OpenFile(Fd folder, ReadOnlySpan<byte> path)
    {
        // Without waiting: a FIFO in the place of the file would never open.
        var file = FileOpener.TryOpenWithin(folder, path, OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.NoControllingTerminal, Inside, 0, out _);
        if (file is null || FileStatusReader.Read(file).IsRegular)
            return file;
        file.Dispose();
        return null;
    }

    /// <summary>The content of a small file; null when there is none.</summary>
    /// <exception cref="GantryException">It is larger than 64 MiB.</exception>
    public byte[]? TryRead(string path)
    {
        using var file = OpenFile(_folder, KernelPath.FromText(path));
        if (file is null)
            return null;
        var size = FileStatusReader.Read(file).Size;
        if (size > MaxDocument)
            throw GantryException.Invalid($"{path} has {size} bytes, more than the {MaxDocument} that are read");
        var content = new byte[size];
        var length = 0;
        while (length < content.Length && FileData.Read(file, content.AsSpan(length)) is > 0 and var count)
            length += count;
        return content[..length];
    }

    /// <summary>The content of a small file.</summary>
    /// <exception cref="GantryException">There is none, or it is larger than 64 MiB.</exception>
    public byte[] Read(string path) => TryRead(path) ?? throw GantryException.NotFound($"{path} is not in {Path}");

    /// <summary>A file with one line.</summary>
    /// <exception cref="GantryException">There is none.</exception>
    public string ReadLine(string path) => KernelPath.ToText(Read(path)).Trim();

    /// <summary>A JSON document; null when there is none.</summary>
    /// <exception cref="GantryException">It is damaged.</exception>
    public JsonElement? TryReadJson(string path)
    {
        if (TryRead(path) is not { } content)
            return null;
        try
        {
            ForeignJson.Verify(content);
            using var document = JsonDocument.Parse(content);
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw GantryException.Invalid($"{path}: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private Fd? TryOpen(string path, OpenFlags flags) => FileOpener.TryOpenWithin(_folder, KernelPath.FromText(path), flags, Inside, 0, out _);
}
