using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gantry.Oci.Images;

namespace Gantry.Storage.Content;

/// <summary>A lease that outlives its process.</summary>
/// <param name="Owner">Whose it is, e.g. <c>pull docker.io/library/busybox:latest</c>.</param>
/// <param name="ExpiresAt">When what it holds becomes garbage, unless its owner comes back.</param>
/// <param name="Blobs">What it holds.</param>
/// <param name="InUse">Whether its owner is at work.</param>
public sealed record KeptLease(string Owner, DateTimeOffset ExpiresAt, IReadOnlyList<Digest> Blobs, bool InUse);

/// <summary>
/// Leases on disk, so that what an interrupted pull has is there when it is tried again, after a restart too. One small file each,
/// <c>HASH.lease</c>: the owner, the time it expires (seconds since 1970), and a line for each blob. The file is not synced, as what it holds can be
/// fetched again; a line that a crash tore is passed over.
/// </summary>
internal sealed class KeptLeases(string folder, ContentStoreOptions options, HeldBlobs held)
{
    private const string Suffix = ".lease";
    private readonly Dictionary<string, Entry> _leases = [];
    private readonly Lock _gate = new();

    /// <summary>Reads what earlier processes left, and holds it.</summary>
    internal void Load()
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*" + Suffix))
        {
            if (Read(path) is { } entry && PathOf(entry.Owner) == path && entry.ExpiresAt > options.Clock.GetUtcNow())
            {
                _leases[entry.Owner] = entry;
                foreach (var digest in entry.Blobs)
                    held.HoldIf(digest, () => true);
            }
            else
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>Begins or takes up a lease.</summary>
    /// <returns>False when its owner is at work already: what is done a second time at the same time is not kept.</returns>
    internal bool TryTake(string owner, TimeSpan keep)
    {
        var expires = options.Clock.GetUtcNow() + keep;
        lock (_gate)
        {
            if (_leases.TryGetValue(owner, out var entry) && entry.InUse)
                return false;
            _leases[owner] = entry = new Entry(owner, expires, entry?.Blobs ?? []) { InUse = true };
            Write(entry);
            return true;
        }
    }

    /// <summary>Records one more blob.</summary>
    internal void Add(string owner, Digest digest)
    {
        lock (_gate)
        {
            if (!_leases[owner].Blobs.Add(digest))
                return;
            held.HoldIf(digest, () => true);
            File.AppendAllText(PathOf(owner), digest + "\n");
        }
    }

    /// <summary>The owner has stopped; what the lease holds stays, if it is to be kept.</summary>
    internal void Release(string owner, bool keep)
    {
        lock (_gate)
        {
            if (keep)
                _leases[owner].InUse = false;
            else
                Remove(_leases[owner]);
        }
    }

    internal void RemoveExpired()
    {
        lock (_gate)
        {
            foreach (var entry in _leases.Values.Where(entry => !entry.InUse && entry.ExpiresAt <= options.Clock.GetUtcNow()).ToList())
                Remove(entry);
        }
    }

    internal IReadOnlyList<KeptLease> List()
    {
        lock (_gate)
            return [.. _leases.Values.Select(entry => new KeptLease(entry.Owner, entry.ExpiresAt, [.. entry.Blobs], entry.InUse))];
    }

    private void Remove(Entry entry)
    {
        File.Delete(PathOf(entry.Owner));
        _leases.Remove(entry.Owner);
        foreach (var digest in entry.Blobs)
            held.Release(digest);
    }

    private void Write(Entry entry)
    {
        var text = new StringBuilder().Append(entry.Owner).Append('\n')
            .Append(entry.ExpiresAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)).Append('\n');
        foreach (var digest in entry.Blobs)
            text.Append(digest.ToString()).Append('\n');
        var temporary = PathOf(entry.Owner) + ".new";
        File.WriteAllText(temporary, text.ToString());
        File.Move(temporary, PathOf(entry.Owner), overwrite: true);
    }

    private static Entry? Read(string path)
    {
        var lines = File.ReadAllLines(path);
        if (lines.Length < 2 || !long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > uint.MaxValue)
            return null;
        var blobs = lines.Skip(2).Select(line => Digest.TryParse(line, out var digest) ? digest : default).Where(digest => !digest.IsEmpty);
        return new Entry(lines[0], DateTimeOffset.FromUnixTimeSeconds(seconds), [.. blobs]);
    }

    private string PathOf(string owner) => Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(owner)))[..32] + Suffix);

    internal static bool IsLease(string name) => name.EndsWith(Suffix, StringComparison.Ordinal);

    private sealed class Entry(string owner, DateTimeOffset expiresAt, HashSet<Digest> blobs)
    {
        internal string Owner => owner;

        internal DateTimeOffset ExpiresAt => expiresAt;

        internal HashSet<Digest> Blobs => blobs;

        internal bool InUse { get; set; }
    }
}
