using Gantry.Oci;
using Gantry.Os;

namespace Gantry.Storage.Layers;

/// <summary>Packs directories as archives.</summary>
public static class LayerDiffer
{
    /// <summary>Writes a whole tree as an uncompressed tar archive in a fixed order: <c>docker export</c>.</summary>
    /// <param name="root">The root of the tree, e.g. a mount from a snapshotter.</param>
    /// <param name="output">Where to.</param>
    /// <param name="cancellation">Stops it.</param>
    public static void WriteTree(Fd root, Stream output, CancellationToken cancellation = default)
        => throw GantryException.NotImplemented("pack a tree");
}
