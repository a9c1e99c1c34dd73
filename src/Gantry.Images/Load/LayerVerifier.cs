using System.Security.Cryptography;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Compression;

namespace Gantry.Images.Load;

/// <summary>
/// Verifies that a layer's archive has the diff ID that its image claims, where it will not be unpacked because a layer with that chain ID is
/// there already: otherwise an image could claim the layers of another, and show other content once they are unpacked again.
/// </summary>
/// <param name="store">Has the archive; what its images are known to have is not verified again.</param>
internal sealed class LayerVerifier(ImageStore store)
{
    /// <exception cref="GantryException">It has another, or is damaged.</exception>
    internal async Task VerifyAsync(ImageLayer layer, CancellationToken cancellation)
    {
        if (layer.Blob.Digest == layer.DiffId || store.Catalog.Knows(layer))
            return;
        var (archive, _) = await Decompression.OpenAsync(store.Content.OpenRead(layer.Blob.Digest), cancellation);
        await using (archive)
        {
            try
            {
                var diffId = Digest.FromSha256(await SHA256.HashDataAsync(archive, cancellation));
                if (diffId != layer.DiffId)
                    throw GantryException.Invalid($"layer {layer.Blob.Digest} has the diff ID {diffId}, its image says {layer.DiffId}");
            }
            catch (InvalidDataException e)
            {
                throw GantryException.Invalid($"layer {layer.Blob.Digest}: {e.Message}", e);
            }
        }
    }
}
