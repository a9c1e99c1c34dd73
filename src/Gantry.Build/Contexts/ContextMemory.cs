using System.Text;
using Gantry.Build.Cache;
using Gantry.Oci.Images;
using Gantry.Os.Files;

namespace Gantry.Build.Contexts;

/// <summary>
/// What the files of a folder were when it was last built from: their identities (see <see cref="FileIdentity"/>) and contents. A file with the same
/// identity has the same content and need not be sent. One file for each folder; it is a cache, and not synced.
/// </summary>
/// <param name="folder">Where the files are.</param>
public sealed class ContextMemory(string folder)
{
    private const int Version = 1;

    // Services of one project are built from one folder at the same time.
    private readonly Lock _writing = new();

    /// <summary>What is known of a folder, by path; nothing when there is nothing.</summary>
    public Dictionary<string, (FileIdentity Identity, Digest Content)> Load(string key)
    {
        var name = Path.GetFileName(PathOf(key));
        return File.Exists(PathOf(key)) ? LoadFile(name) : [];
    }

    /// <summary>Notes what is known of a folder.</summary>
    public void Save(string key, IReadOnlyCollection<(string Path, FileIdentity Identity, Digest Content)> files)
    {
        using var memory = new MemoryStream();
        using (var writer = new BinaryWriter(memory, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Version);
            writer.Write(files.Count);
            foreach (var (path, identity, content) in files)
            {
                writer.Write(path);
                writer.Write(identity.Change);
                writer.Write(identity.Size);
                writer.Write(identity.ModifiedSeconds);
                writer.Write(identity.ModifiedNanoseconds);
                writer.Write(Convert.FromHexString(content.Hex));
            }
        }
        Directory.CreateDirectory(folder);
        lock (_writing)
            AtomicFile.Write(PathOf(key), memory.GetBuffer().AsSpan(0, (int)memory.Length), sync: false);
    }

    /// <summary>All contents that some folder has.</summary>
    public HashSet<Digest> AllContents()
    {
        var all = new HashSet<Digest>();
        if (!Directory.Exists(folder))
            return all;
        foreach (var file in Directory.EnumerateFiles(folder))
            Read(Path.GetFileName(file), (_, _, content) => all.Add(Digest.FromSha256(content)));
        return all;
    }

    /// <summary>The folders, and what their files occupy.</summary>
    public IReadOnlyList<CacheUsage> List()
    {
        var usages = new List<CacheUsage>();
        foreach (var file in Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles() : [])
        {
            long size = 0;
            Read(file.Name, (_, identity, _) => size += identity.Size);
            usages.Add(new CacheUsage
            {
                Id = file.Name, Kind = CacheKind.Context, Description = "local source for context", Size = size, CreatedAt = file.LastWriteTimeUtc,
                LastUsedAt = file.LastWriteTimeUtc, Uses = 1,
            });
        }
        return usages;
    }

    /// <summary>Forgets a folder.</summary>
    /// <returns>False: it is not known.</returns>
    public bool TryForget(string id)
    {
        var path = Path.Combine(folder, id);
        lock (_writing)
        {
            if (!File.Exists(path))
                return false;
            File.Delete(path);
            return true;
        }
    }

    private Dictionary<string, (FileIdentity Identity, Digest Content)> LoadFile(string name)
    {
        var known = new Dictionary<string, (FileIdentity, Digest)>();
        if (!Read(name, (path, identity, content) => known[path] = (identity, Digest.FromSha256(content))))
            known.Clear(); // It is torn: everything is sent again.
        return known;
    }

    private bool Read(string name, Action<string, FileIdentity, byte[]> take)
    {
        try
        {
            using var reader = new BinaryReader(File.OpenRead(Path.Combine(folder, name)), Encoding.UTF8);
            if (reader.ReadInt32() != Version)
                return false;
            for (var count = reader.ReadInt32(); count > 0; count--)
                take(reader.ReadString(), new FileIdentity(reader.ReadUInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadUInt32()),
                    reader.ReadBytes(32));
            return true;
        }
        catch (Exception error) when (error is IOException or ArgumentException)
        {
            return false;
        }
    }

    private string PathOf(string key) => Path.Combine(folder, Digest.Compute(Encoding.UTF8.GetBytes(key)).Hex);
}

/// <summary>What changes whenever a file's content may have.</summary>
/// <param name="Change">
/// Of inode, device and the time of its last change, which nobody can set back. 0: it changed so shortly before it was read that it may have changed once
/// more within the same tick of the clock.
/// </param>
/// <param name="Size">Its length.</param>
/// <param name="ModifiedSeconds">When its content changed.</param>
/// <param name="ModifiedNanoseconds">The rest of it.</param>
public readonly record struct FileIdentity(ulong Change, long Size, long ModifiedSeconds, uint ModifiedNanoseconds);
