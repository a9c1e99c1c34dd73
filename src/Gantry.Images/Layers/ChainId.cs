using System.Text;
using Gantry.Oci.Images;

namespace Gantry.Images.Layers;

/// <summary>The identity of a layer on top of others (OCI image-spec, config.md, "Layer ChainID").</summary>
public static class ChainId
{
    /// <summary>The chain ID of a layer on top of <paramref name="below"/>; of the lowest layer when that is empty.</summary>
    public static Digest Next(Digest below, Digest diffId) =>
        below.IsEmpty ? diffId : Digest.Compute(Encoding.ASCII.GetBytes($"{below} {diffId}"));

    /// <summary>The chain IDs of all layers, the lowest first.</summary>
    public static List<Digest> All(IReadOnlyList<Digest> diffIds)
    {
        var chain = new List<Digest>(diffIds.Count);
        var below = default(Digest);
        foreach (var diffId in diffIds)
            chain.Add(below = Next(below, diffId));
        return chain;
    }
}
