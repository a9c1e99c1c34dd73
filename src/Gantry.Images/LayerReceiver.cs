using Gantry.Images.Load;

namespace Gantry.Images;

/// <summary>
/// Takes layers whose archives have come from elsewhere and that no image has yet: they are unpacked, and each is verified to be what it is said to be.
/// </summary>
/// <param name="store">Knows layers that need not be verified again.</param>
/// <param name="unpacker">Unpacks.</param>
public sealed class LayerReceiver(ImageStore store, ImageUnpacker unpacker)
{
    private readonly LayerVerifier _verifier = new(store);

    /// <summary>Takes all layers of a stack, the lowest first. The caller holds their archives.</summary>
    /// <returns>The layers with the sizes of their files.</returns>
    /// <exception cref="Oci.GantryException">One is missing, damaged, or another than its diff ID says.</exception>
    public async Task<IReadOnlyList<ImageLayer>> ReceiveAsync(IReadOnlyList<ImageLayer> layers, CancellationToken cancellation)
    {
        using var hold = store.Hold(layers);
        var sizes = store.KnownLayers().ToDictionary(layer => layer.Key, layer => layer.Value.Size);
        var received = new List<ImageLayer>(layers.Count);
        foreach (var layer in layers)
            received.Add(await unpacker.UnpackAndVerifyAsync(layer, received.LastOrDefault()?.ChainId.ToString(), sizes, _verifier, cancellation));
        return received;
    }
}
