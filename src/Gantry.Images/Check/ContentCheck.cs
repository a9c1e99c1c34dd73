using System.Collections.Concurrent;
using Gantry.Images.Store;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Content;

namespace Gantry.Images.Check;

/// <summary>Checks the blobs: that each is what its name says, that what refers to another finds it, and that nothing is left that nobody refers to.</summary>
internal sealed class ContentCheck(ImageStore store)
{
    private const int Parallelism = 2;

    internal async Task<(List<StoreFinding> Findings, int Blobs, long Bytes)> RunAsync(CancellationToken cancellation)
    {
        var content = store.Content;
        var blobs = content.List().ToList();
        // 1. The bytes of each.
        var damaged = await FindDamagedAsync(blobs, cancellation);
        var findings = damaged.Select(Damaged).ToList();
        // 2. What the index leads to.
        var reachable = CheckImages(damaged, findings);
        // 3. What nothing leads to. Of what a damaged document referred to nothing is known.
        if (reachable is not null)
        {
            findings.AddRange(content.List().Where(blob => !reachable.Contains(blob.Digest) && !damaged.Contains(blob.Digest) && !content.IsHeld(blob.Digest))
                .Select(blob => Garbage(blob)));
        }
        findings.AddRange(content.ListForeignFiles().Select(path =>
            new StoreFinding("file", path, "it is no blob, and nothing is written to it", "deleted", () => File.Delete(path))));
        return (findings, blobs.Count, blobs.Sum(blob => blob.Size));
    }

    private async Task<HashSet<Digest>> FindDamagedAsync(List<BlobInformation> blobs, CancellationToken cancellation)
    {
        var damaged = new ConcurrentBag<Digest>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellation };
        await Parallel.ForEachAsync(blobs, options, async (blob, stop) =>
        {
            if (!await store.Content.VerifyAsync(blob.Digest, stop))
                damaged.Add(blob.Digest);
        });
        return [.. damaged];
    }

    /// <returns>All blobs that the index leads to; null when a document on the way cannot be read.</returns>
    private HashSet<Digest>? CheckImages(HashSet<Digest> damaged, List<StoreFinding> findings)
    {
        var reachable = new HashSet<Digest>();
        var isComplete = true;
        var tree = new BlobTree(store.Content);
        foreach (var entry in store.Content.ReadIndex().Manifests)
        {
            var name = IndexAnnotations.Reference(entry)?.Familiar ?? entry.Digest.ToString();
            try
            {
                if (!store.Content.Contains(entry.Digest))
                    findings.Add(Unreadable(entry, name, $"its {Noun(entry)} {entry.Digest} is missing"));
                else
                    CheckTree(entry, name, tree, damaged, reachable, findings);
            }
            catch (GantryException e)
            {
                isComplete = false;
                findings.Add(Unreadable(entry, name, e.Message));
            }
        }
        return isComplete ? reachable : null;
    }

    private void CheckTree(Descriptor entry, string name, BlobTree tree, HashSet<Digest> damaged, HashSet<Digest> reachable, List<StoreFinding> findings)
    {
        reachable.UnionWith(tree.Walk(entry));
        foreach (var (manifest, _) in store.Reader.Manifests(entry))
        {
            foreach (var child in tree.Children(manifest))
            {
                if (!store.Content.Contains(child.Digest))
                    findings.Add(Missing(name, manifest, child));
                else if (store.Content.SizeOf(child.Digest) is { } size && size != child.Size && !damaged.Contains(child.Digest))
                    findings.Add(new StoreFinding(
                        "image", name, $"{child.Digest} has {size} bytes, its manifest says {child.Size}", "load or pull the image again", null));
            }
        }
    }

    private StoreFinding Damaged(Digest digest) => new(
        "blob", digest.ToString(), "its content is damaged", "deleted; load or pull the images that need it again", () => store.Content.Delete(digest));

    private StoreFinding Garbage(BlobInformation blob) => new(
        "blob", blob.Digest.ToString(), $"nothing refers to it ({blob.Size} bytes)", "deleted", () => store.Content.Delete(blob.Digest));

    private StoreFinding Unreadable(Descriptor entry, string name, string problem) => new(
        "image", name, problem, "taken out of the index; load or pull it again", () => store.RemoveEntry(entry));

    private static StoreFinding Missing(string name, Descriptor manifest, Descriptor child) => new(
        "image", name,
        MediaTypes.IsConfig(child.MediaType) ? $"the configuration {child.Digest} of {manifest.Digest} is missing"
            : $"the archive of its layer {child.Digest} is missing",
        "load or pull the image again; until then it cannot be saved or pushed", null);

    private static string Noun(Descriptor entry) => MediaTypes.IsIndex(entry.MediaType) ? "index" : "manifest";
}
