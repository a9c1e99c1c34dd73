using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Storage.Content;

/// <summary>A blob of which only the beginning is there.</summary>
/// <param name="Digest">What it is to become.</param>
/// <param name="Size">The bytes that are there.</param>
/// <param name="ModifiedAt">When the last of them was written.</param>
/// <param name="InUse">Whether it is being written now.</param>
public readonly record struct PartialBlob(Digest Digest, long Size, DateTimeOffset ModifiedAt, bool InUse);

/// <summary>
/// Blobs written in part, as files <c>ALGORITHM-HEX.partial</c>, so that a download goes on where it was broken off, also by the end of the
/// process. They are not synced: after a power cut their content may be torn, which the digest tells in the end. Each has one writer at a time.
/// </summary>
internal sealed class PartialBlobs(string folder, ContentStoreOptions options)
{
    private const string Suffix = ".partial";
    private readonly HashSet<Digest> _inUse = [];
    private readonly Lock _gate = new();

    internal string PathOf(Digest digest) => Path.Combine(folder, $"{digest.Algorithm}-{digest.Hex}{Suffix}");

    /// <exception cref="GantryException">Another writer has it (Conflict).</exception>
    internal void Take(Digest digest)
    {
        lock (_gate)
        {
            if (!_inUse.Add(digest))
                throw GantryException.Conflict($"blob {digest} is being written by somebody else");
        }
    }

    internal void Release(Digest digest)
    {
        lock (_gate)
            _inUse.Remove(digest);
    }

    internal IReadOnlyList<PartialBlob> List()
    {
        lock (_gate)
        {
            return [.. new DirectoryInfo(folder).EnumerateFiles("*" + Suffix)
                .Select(file => (File: file, Digest: DigestOf(file.Name)))
                .Where(one => !one.Digest.IsEmpty)
                .Select(one => new PartialBlob(one.Digest, one.File.Length, one.File.LastWriteTimeUtc, _inUse.Contains(one.Digest)))];
        }
    }

    /// <summary>Removes those that nobody came back for.</summary>
    internal void RemoveExpired()
    {
        var limit = options.Clock.GetUtcNow() - options.KeepPartialBlobs;
        foreach (var partial in List())
        {
            lock (_gate)
            {
                if (partial.ModifiedAt < limit && !_inUse.Contains(partial.Digest))
                    ContentStore.DeleteFile(PathOf(partial.Digest));
            }
        }
    }

    /// <summary>Removes one, unless it is being written.</summary>
    internal void Remove(Digest digest)
    {
        lock (_gate)
        {
            if (!_inUse.Contains(digest))
                ContentStore.DeleteFile(PathOf(digest));
        }
    }

    internal static bool IsPartial(string name) => !DigestOf(name).IsEmpty;

    private static Digest DigestOf(string name) =>
        name.EndsWith(Suffix, StringComparison.Ordinal) && Digest.TryParse(name[..^Suffix.Length].Replace('-', ':'), out var digest) ? digest : default;
}
