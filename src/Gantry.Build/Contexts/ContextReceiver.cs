using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os.Files;

namespace Gantry.Build.Contexts;

/// <summary>Takes one context from a client: first what files there are, then the content of those that are not here. Not for use by several threads.</summary>
/// <param name="store">Where contents go.</param>
/// <param name="memory">Knows what was sent before.</param>
/// <param name="key">What tells the folder from others.</param>
public sealed class ContextReceiver(FileStore store, ContextMemory memory, string key) : IDisposable
{
    private readonly List<(FileSetEntry Entry, FileIdentity Identity)> _entries = [];
    private readonly Dictionary<int, FileStoreWriter> _writers = [];
    private readonly HashSet<int> _missing = [];
    private Dictionary<string, (FileIdentity Identity, Digest Content)> _known = [];

    /// <summary>Takes a file. Its owner does not matter: files of contexts are root's.</summary>
    public void Add(FileSetEntry entry, FileIdentity identity) => _entries.Add((entry, identity));

    /// <summary>The numbers of the files whose content has to be sent, when all were added.</summary>
    public IReadOnlyList<int> Missing()
    {
        _known = memory.Load(key);
        for (var i = 0; i < _entries.Count; i++)
        {
            var (entry, identity) = _entries[i];
            if (entry.Kind != FileKind.Regular)
                continue;
            if (identity.Change != 0 && _known.TryGetValue(entry.Path, out var before) && before.Identity == identity && store.Contains(before.Content))
            {
                _entries[i] = (entry with { Content = before.Content }, identity);
            }
            else
            {
                _missing.Add(i);
            }
        }
        return [.. _missing.Order()];
    }

    /// <summary>Takes a part of a file's content.</summary>
    /// <exception cref="GantryException">It was not asked for.</exception>
    public void Take(int number, ReadOnlySpan<byte> bytes, bool isLast)
    {
        if (!_missing.Contains(number))
            throw GantryException.Invalid("the client sent a file that was not asked for");
        if (!_writers.TryGetValue(number, out var writer))
        {
            if (isLast)
            {
                Settle(number, bytes.Length, store.Add(bytes));
                return;
            }
            _writers[number] = writer = store.Create();
        }
        writer.Write(bytes);
        if (!isLast)
            return;
        Settle(number, writer.Length, writer.Commit());
        writer.Dispose();
        _writers.Remove(number);
    }

    /// <summary>Whether everything is here.</summary>
    public bool IsComplete => _missing.Count == 0;

    /// <summary>The context, when everything is here.</summary>
    public FileSet Finish()
    {
        var files = _entries.Where(file => file.Entry.Kind == FileKind.Regular).Select(file => (file.Entry.Path, file.Identity, file.Entry.Content)).ToList();
        memory.Save(key, files);
        var context = new FileSet(_entries.Select(file => file.Entry)) { Changes = _known.Count == 0 ? [] : Changes(files) };
        // Of a million files this is much, and the build goes on.
        _entries.Clear();
        _entries.TrimExcess();
        _known = [];
        return context;
    }

    private List<string> Changes(List<(string Path, FileIdentity Identity, Digest Content)> files)
    {
        var gone = _known.Keys.ToHashSet();
        var changes = new List<string>();
        foreach (var (path, _, content) in files)
        {
            if (!gone.Remove(path) || _known[path].Content != content)
                changes.Add(path);
        }
        return [.. changes.Concat(gone).Order(StringComparer.Ordinal)];
    }

    private void Settle(int number, long size, Digest content)
    {
        var (entry, identity) = _entries[number];
        _entries[number] = (entry with { Size = size, Content = content }, identity);
        _missing.Remove(number);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var writer in _writers.Values)
            writer.Dispose();
    }
}
