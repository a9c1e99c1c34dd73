using System.Security.Cryptography;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Content;

namespace Gantry.Build.Contexts;

/// <summary>
/// The content of context files by digest, so that a file that did not change is never sent or written again. Nothing is synced: it is a cache, and
/// what an unclean end of the machine may have torn is thrown away at the next start. Safe for use by several threads.
/// </summary>
public sealed class FileStore
{
    private readonly string _root;
    private long _last;

    /// <param name="root">Its folder; made when it does not exist.</param>
    public FileStore(string root)
    {
        _root = root;
        Directory.CreateDirectory(Path.Combine(root, "new"));
        foreach (var leftover in Directory.EnumerateFiles(Path.Combine(root, "new")))
            File.Delete(leftover);
        foreach (var leftover in Directory.EnumerateDirectories(Path.Combine(root, "new")))
            DirectoryTree.Remove(leftover);
    }

    /// <summary>The file of a content, whether it is there or not.</summary>
    public string PathOf(Digest content) => Path.Combine(_root, content.Hex[..2], content.Hex);

    /// <summary>Whether a content is there.</summary>
    public bool Contains(Digest content) => File.Exists(PathOf(content));

    /// <summary>Opens a content for reading.</summary>
    /// <exception cref="GantryException">It is not there.</exception>
    public Fd Open(Digest content) =>
        FileOpener.TryOpen(null, KernelPath.FromText(PathOf(content)), OpenFlags.ReadOnly, 0, out var error)
        ?? throw (error == Errno.ENOENT ? GantryException.NotFound($"the content {content} of a context is gone")
            : new OsException($"open {PathOf(content)}", error));

    /// <summary>Reads a whole small file.</summary>
    /// <exception cref="GantryException">It is not there.</exception>
    public byte[] ReadBytes(Digest content)
    {
        using var file = new DescriptorReader(Open(content));
        return file.ReadToEnd();
    }

    /// <summary>Makes a folder for what is to become contents; the caller removes it, or the next start of the daemon does.</summary>
    public string CreateFolder()
    {
        var folder = NewTemporary();
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return folder;
    }

    /// <summary>Begins to write a content.</summary>
    public FileStoreWriter Create() => new(this, NewTemporary());

    /// <summary>Writes a whole content, unless it is there.</summary>
    /// <exception cref="OsException">The disk is full.</exception>
    public Digest Add(ReadOnlySpan<byte> content)
    {
        var digest = Digest.Compute(content);
        if (Contains(digest))
            return digest;
        var temporary = NewTemporary();
        try
        {
            using (var file = OpenNew(temporary))
                FileData.Write(file, content);
            Accept(temporary, digest);
            return digest;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Removes what none of the contents named needs.</summary>
    /// <returns>How many bytes became free.</returns>
    public long RemoveAllBut(IReadOnlySet<Digest> needed)
    {
        long freed = 0;
        foreach (var folder in Directory.EnumerateDirectories(_root).Where(folder => Path.GetFileName(folder).Length == 2))
        {
            foreach (var file in new DirectoryInfo(folder).EnumerateFiles())
            {
                if (!Digest.TryParseHex(file.Name, out var digest) || needed.Contains(digest))
                    continue;
                freed += file.Length;
                file.Delete();
            }
        }
        return freed;
    }

    /// <summary>The bytes of all contents.</summary>
    public long MeasureSize() =>
        Directory.EnumerateDirectories(_root).SelectMany(folder => new DirectoryInfo(folder).EnumerateFiles()).Sum(file => file.Length);

    internal void Accept(string temporary, Digest content)
    {
        var path = PathOf(content);
        var (from, to) = (KernelPath.FromText(temporary), KernelPath.FromText(path));
        var error = FileNodes.TryRename(null, from, null, to, replace: true);
        if (error == Errno.ENOENT)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            error = FileNodes.TryRename(null, from, null, to, replace: true);
        }
        if (error != default)
            throw new OsException($"rename {temporary} to {path}", error);
    }

    internal static Fd OpenNew(string temporary) => FileOpener.Open(temporary, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, 0x1a4 /* 0644 */);

    private string NewTemporary() => Path.Combine(_root, "new", $"{Interlocked.Increment(ref _last)}");
}

/// <summary>Writes one content; without <see cref="Commit"/> nothing of it stays.</summary>
public sealed class FileStoreWriter : IDisposable
{
    private readonly FileStore _store;
    private readonly string _temporary;
    private readonly Fd _file;
    private readonly SparseWriter _content;
    private readonly BackgroundHash _hash = new(IncrementalHash.CreateHash(HashAlgorithmName.SHA256));
    private bool _committed;

    internal FileStoreWriter(FileStore store, string temporary)
    {
        (_store, _temporary) = (store, temporary);
        _file = FileStore.OpenNew(temporary);
        _content = new SparseWriter(_file);
    }

    /// <summary>Bytes written so far.</summary>
    public long Length { get; private set; }

    /// <summary>Writes a part.</summary>
    /// <exception cref="OsException">The disk is full.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        _content.Write(bytes);
        _hash.Append(bytes);
        Length += bytes.Length;
    }

    /// <summary>Makes the content visible.</summary>
    /// <returns>Its digest.</returns>
    public Digest Commit()
    {
        var digest = Digest.FromSha256(_hash.Finish());
        _content.Finish();
        _file.Dispose();
        _store.Accept(_temporary, digest);
        _committed = true;
        return digest;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _hash.Dispose();
        if (!_committed)
            File.Delete(_temporary);
    }
}
