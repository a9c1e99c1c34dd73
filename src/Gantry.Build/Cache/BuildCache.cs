using System.Text.Json;
using Gantry.Build.Steps;
using Gantry.Images;
using Gantry.Images.Layers;
using Gantry.Oci.Images;
using Gantry.Os.Files;
using Gantry.Storage.Content;

namespace Gantry.Build.Cache;

/// <summary>
/// What the results of steps are, by the key of the step: one small file a record. A record keeps its layers from being removed. Nothing is synced: after
/// a crash of the machine the cache begins anew, as torn layers may be among its own; a death of the daemon costs nothing.
/// Safe for use by several threads.
/// </summary>
public sealed class BuildCache : IDisposable
{
    private readonly string _folder;
    private readonly ContentStore _content;
    private readonly ImageStore _images;
    private readonly TimeProvider _clock;
    private readonly Dictionary<Digest, HeldRecord> _records = [];
    private readonly Lock _gate = new();

    private BuildCache(string folder, ContentStore content, ImageStore images, TimeProvider clock) =>
        (_folder, _content, _images, _clock) = (folder, content, images, clock);

    /// <summary>Opens the cache in a folder; records whose layers are gone are dropped.</summary>
    public static BuildCache Open(string folder, ContentStore content, ImageStore images, TimeProvider clock)
    {
        Directory.CreateDirectory(folder);
        var cache = new BuildCache(folder, content, images, clock);
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            if (!Digest.TryParseHex(Path.GetFileNameWithoutExtension(file), out var key) || !cache.TryLoad(key, file))
                File.Delete(file);
        }
        return cache;
    }

    /// <summary>All records, in no order.</summary>
    public IReadOnlyList<CacheEntry> Entries
    {
        get
        {
            lock (_gate)
                return [.. _records.Select(record => new CacheEntry(record.Key, record.Value.Document))];
        }
    }

    /// <summary>The result of a step; null: it is not known, or its files are gone.</summary>
    public LayerResult? Find(Digest key)
    {
        HeldRecord? record;
        lock (_gate)
            record = _records.GetValueOrDefault(key);
        if (record is null)
            return null;
        var result = record.Document.ToResult();
        // Unpacked layers are a cache of archives: those can be unpacked again.
        if (result.AllLayers.Any(layer => !_content.Contains(layer.Blob.Digest)))
        {
            Remove(key);
            return null;
        }
        Touch(key, record);
        return result;
    }

    /// <summary>
    /// What the newest key was made of of a step that is called so; or, if there is none, of one in the same place of a Dockerfile that has a part in common.
    /// </summary>
    /// <param name="description">What the step is called, e.g. <c>[build 2/5] RUN make</c>.</param>
    /// <param name="parts">What its key is made of.</param>
    /// <returns>Null: there is none.</returns>
    public IReadOnlyList<KeyPart>? LastParts(string description, IReadOnlyList<KeyPart> parts)
    {
        var place = PlaceOf(description);
        lock (_gate)
        {
            return _records.Values.Select(record => record.Document)
                .Where(document => document.Description == description ? document.Parts.Any(old => parts.Any(part => part.What == old.What))
                    : PlaceOf(document.Description) == place && IsLike(document.Parts, parts))
                .OrderByDescending(document => document.Description == description).ThenByDescending(document => document.LastUsedAt).FirstOrDefault()?.Parts;
        }
    }

    /// <summary>The stage, the number and the instruction's name.</summary>
    private static string PlaceOf(string description)
    {
        var end = description.IndexOf("] ", StringComparison.Ordinal);
        var word = end < 0 ? -1 : description.IndexOf(' ', end + 2);
        return word < 0 ? description : description[..word];
    }

    /// <summary>Whether two steps do the same on other files, or another thing on the same files.</summary>
    private static bool IsLike(IReadOnlyList<KeyPart> one, IReadOnlyList<KeyPart> other) =>
        one.Any(part =>
            part.What is "the command" or "the instruction" or "the files of" && other.Any(same => same.What == part.What && same.Value == part.Value));

    /// <summary>A record as it is, without using it; null: there is none.</summary>
    public CacheDocument? Look(Digest key)
    {
        lock (_gate)
            return _records.GetValueOrDefault(key)?.Document;
    }

    /// <summary>Notes a result.</summary>
    /// <param name="key">The key of the step.</param>
    /// <param name="result">What it came to.</param>
    /// <param name="description">What it is called.</param>
    /// <param name="parts">What the key was made of; none for keys by definition.</param>
    /// <param name="content">Of a key by definition: that by content.</param>
    public void Add(Digest key, LayerResult result, string description, IReadOnlyList<KeyPart>? parts = null, Digest content = default)
    {
        var now = _clock.GetUtcNow();
        var document = new CacheDocument
        {
            Description = description, CreatedAt = now, LastUsedAt = now, Uses = 1, Layers = CacheDocument.LayersOf(result),
            Mounts = [.. result.Mounts.Select(CacheDocument.LayersOf)], Parts = parts ?? [], Content = content,
        };
        if (Hold(document) is not { } record)
            return;
        lock (_gate)
        {
            if (_records.Remove(key, out var old))
                old.Dispose();
            _records[key] = record;
            Write(key, document);
        }
    }

    /// <summary>Forgets a record. What only it needed is garbage then.</summary>
    public bool Remove(Digest key)
    {
        lock (_gate)
        {
            if (!_records.Remove(key, out var record))
                return false;
            record.Dispose();
            File.Delete(PathOf(key));
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var (key, record) in _records)
            {
                if (record.IsTouched)
                    Write(key, record.Document);
                record.Dispose();
            }
            _records.Clear();
        }
    }

    private bool TryLoad(Digest key, string file)
    {
        try
        {
            var document = JsonSerializer.Deserialize(File.ReadAllBytes(file), CacheJson.Default.CacheDocument);
            if (document is null || Hold(document) is not { } record)
                return false;
            _records[key] = record;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private HeldRecord? Hold(CacheDocument document)
    {
        var lease = _content.Lease();
        if (document.AllLayers.All(layer => lease.TryHold(layer.Blob.Digest)))
            return new HeldRecord(document, lease, _images.Hold(document.ToResult().AllLayers));
        lease.Dispose();
        return null;
    }

    private void Touch(Digest key, HeldRecord record)
    {
        var now = _clock.GetUtcNow();
        // That it was used is worth a write once an hour.
        var writes = now - record.Document.LastUsedAt > TimeSpan.FromHours(1);
        record.Document = record.Document with { LastUsedAt = now, Uses = record.Document.Uses + 1 };
        record.IsTouched = true;
        if (!writes)
            return;
        lock (_gate)
            Write(key, record.Document);
    }

    private void Write(Digest key, CacheDocument document) =>
        AtomicFile.Write(PathOf(key), JsonSerializer.SerializeToUtf8Bytes(document, CacheJson.Default.CacheDocument), sync: false);

    private string PathOf(Digest key) => Path.Combine(_folder, key.Hex + ".json");

    private sealed class HeldRecord(CacheDocument document, ContentLease lease, LayerHold hold) : IDisposable
    {
        public CacheDocument Document { get; set; } = document;

        public bool IsTouched { get; set; }

        public void Dispose()
        {
            lease.Dispose();
            hold.Dispose();
        }
    }
}

/// <summary>A record of the cache.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Document">What it says.</param>
public readonly record struct CacheEntry(Digest Key, CacheDocument Document);
