using Gantry.Images.Layers;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Snapshots;

namespace Gantry.Images.Check;

/// <summary>Checks the unpacked layers: that each is whole, and that an image or a container needs it.</summary>
internal sealed class LayerCheck(ImageStore store, ISnapshotter snapshotter)
{
    internal List<StoreFinding> Run()
    {
        var findings = snapshotter.Check().Select(Broken).ToList();
        var snapshots = snapshotter.List();
        var parents = snapshots.Select(snapshot => snapshot.Parent).ToHashSet();
        // What an interrupted pull unpacked is there for the next one, as its blobs are.
        var awaited = store.Content.KeptLeases.SelectMany(lease => lease.Blobs).SelectMany(ChainsOf).ToHashSet();
        foreach (var snapshot in snapshots.Where(snapshot => !snapshot.Writable && !parents.Contains(snapshot.Key)))
        {
            if (!Digest.TryParse(snapshot.Key, out var chainId)
                || (!store.Catalog.UsesChain(chainId) && !store.Holds.IsHeld(chainId) && !awaited.Contains(chainId)))
                findings.Add(new StoreFinding("layer", snapshot.Key, "no image has it, and nothing is built on it", "deleted, with what it stands on", () =>
                    store.Garbage.Collect()));
        }
        return findings;
    }

    /// <summary>The layers that a blob names, if it is the configuration of an image.</summary>
    private IReadOnlyList<Digest> ChainsOf(Digest blob)
    {
        try
        {
            return ChainId.All(ImageDocument.ReadConfig(store.Content.ReadBytes(blob, ImageDocument.MaxLength)).Value.RootFs?.DiffIds ?? []);
        }
        catch (GantryException)
        {
            // A layer, a manifest, or not there.
            return [];
        }
    }

    private StoreFinding Broken(SnapshotProblem problem) => new(
        problem.Writable ? "snapshot" : "layer",
        problem.Key,
        problem.Problem,
        problem switch
        {
            { CanDiscard: false } => "what the container wrote is lost: remove the container",
            { Writable: false } => "deleted; unpacked again when it is needed",
            _ => "deleted",
        },
        problem.CanDiscard ? () => snapshotter.Discard(problem) : null);
}
