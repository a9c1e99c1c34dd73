using Gantry.Build.Cache.Exchange;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Storage.Content;

namespace Gantry.Engine.Build;

/// <summary>A cache by the name of an image: the image that is here, or else what the registry has.</summary>
/// <param name="images">The images that are here.</param>
/// <param name="content">Their blobs.</param>
/// <param name="reference">The name.</param>
/// <param name="registry">The registry's.</param>
/// <param name="needsRecords">Whether an image without the records of its steps is passed over for what the registry has.</param>
internal sealed class ImageCache(ImageStore images, ContentStore content, string reference, ICacheSource registry, bool needsRecords) : ICacheSource
{
    private bool _isHere;

    public string Name => registry.Name;

    public async Task<CacheDocumentBytes> ReadRootAsync(CancellationToken cancellation)
    {
        if (images.Find(reference) is not { } image || !content.Contains(image.Manifest.Digest) || needsRecords && image.Config.InlineCache is null)
            return await registry.ReadRootAsync(cancellation);
        _isHere = true;
        return new CacheDocumentBytes(image.Manifest.MediaType, content.ReadBytes(image.Manifest.Digest, ImageDocument.MaxLength));
    }

    public Task<Stream> OpenAsync(Descriptor blob, CancellationToken cancellation) =>
        _isHere && content.Contains(blob.Digest) ? Task.FromResult<Stream>(content.OpenRead(blob.Digest)) : registry.OpenAsync(blob, cancellation);
}
