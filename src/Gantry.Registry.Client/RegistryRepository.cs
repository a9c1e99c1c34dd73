using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Hosts;
using Gantry.Registry.Client.Listing;
using Gantry.Registry.Client.Pull;
using Gantry.Registry.Client.Push;
using Gantry.Registry.Client.Transport;

namespace Gantry.Registry.Client;

/// <summary>
/// One repository of a registry. Failures that pass are waited for, mirrors are asked in their order; what still fails is a
/// <see cref="RegistryException"/> from every method. Safe for parallel transfers.
/// </summary>
public sealed class RegistryRepository
{
    private readonly ManifestFetcher _manifests;
    private readonly BlobFetcher _blobs;
    private readonly BlobUploader _uploader;
    private readonly ManifestPusher _pusher;
    private readonly EndpointRouter _router;
    private readonly RetryPolicy _retry;

    internal RegistryRepository(EndpointRouter router, RegistrySubject subject, RegistryClientOptions options)
    {
        Subject = subject;
        _router = router;
        _retry = options.Retry;
        _manifests = new ManifestFetcher(router, subject);
        _blobs = new BlobFetcher(router, subject);
        _uploader = new BlobUploader(router, subject, options.ChunkSize);
        _pusher = new ManifestPusher(router, subject, _manifests);
    }

    /// <summary>The registry and the repository.</summary>
    public RegistrySubject Subject { get; }

    /// <summary>A failure with a blob of this repository that was found only after it was read, told with registry, repository and digest.</summary>
    public RegistryException Failure(Digest blob, GantryException error) =>
        error as RegistryException ?? FailureOf(Subject with { Reference = blob.ToString() }, error);

    /// <summary>What a tag or digest stands for now, without fetching it where the registry allows that.</summary>
    /// <param name="reference">A tag, or a digest as text.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<Descriptor> ResolveManifestAsync(string reference, CancellationToken cancellation = default) =>
        _manifests.ResolveAsync(reference, cancellation);

    /// <summary>Fetches and verifies what a tag or digest stands for.</summary>
    public Task<RegistryManifest> FetchManifestAsync(string reference, CancellationToken cancellation = default) =>
        _manifests.FetchAsync(reference, expectedSize: null, cancellation);

    /// <summary>Fetches a manifest or index and verifies digest and size.</summary>
    public Task<RegistryManifest> FetchManifestAsync(Descriptor manifest, CancellationToken cancellation = default) =>
        _manifests.FetchAsync(manifest.Digest.ToString(), manifest.Size > 0 ? manifest.Size : null, cancellation);

    /// <summary>
    /// Finds the image for a platform: follows indexes down to its manifest. Where the tag means a single manifest, that one is taken:
    /// only its configuration, which is not fetched here, tells what it runs on.
    /// </summary>
    public async Task<ResolvedImage> ResolveImageAsync(string reference, Platform platform, CancellationToken cancellation = default) =>
        await ResolveImageAsync(await FetchManifestAsync(reference, cancellation), platform, cancellation);

    /// <summary>The same, from a document that has been fetched.</summary>
    public Task<ResolvedImage> ResolveImageAsync(RegistryManifest root, Platform platform, CancellationToken cancellation = default) =>
        new ImageResolver(_manifests, Subject).ResolveAsync(root, platform, cancellation);

    /// <summary>
    /// Opens a blob's bytes from an offset to its end, as many as the descriptor says. A broken or stalled connection is resumed unseen.
    /// The content is not verified: the caller hashes it together with what it has.
    /// </summary>
    /// <param name="blob">Digest and size; <see cref="Descriptor.Urls"/> are where a foreign layer is looked for when the registry lacks
    /// it.</param>
    /// <param name="offset">How many bytes the caller has already, e.g. from before a restart.</param>
    /// <param name="cancellation">Ends the call, not the reading.</param>
    public async Task<Stream> OpenBlobAsync(Descriptor blob, long offset = 0, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (blob.Size < 0 || offset > blob.Size)
            throw RegistryException.Broken(_blobs.SubjectOf(blob), $"byte {offset} of a blob of {blob.Size} bytes is asked for");
        if (offset == blob.Size && offset > 0)
            return Stream.Null;
        return new BlobStream(_blobs, await _blobs.OpenAsync(blob, offset, cancellation), blob, offset, _retry);
    }

    /// <summary>
    /// The content of <see cref="OpenBlobAsync"/> was not what it should be: where it came from is asked last from now on. True when it is worth
    /// opening the blob again, because somebody else may have it.
    /// </summary>
    /// <param name="blob">The stream, disposed of or not.</param>
    public bool PassOver(Stream blob)
    {
        if (blob is not BlobStream stream)
            return false;
        stream.Distrust();
        // The author of a foreign layer is none of the registry's endpoints: to ask these again would lead to it again.
        return _router.Has(stream.Session) && _router.HasAlternative;
    }

    /// <summary>Opens a whole blob; its end is reached only if the digest is right, otherwise reading ends with an error.</summary>
    public async Task<Stream> OpenVerifiedBlobAsync(Descriptor blob, CancellationToken cancellation = default)
    {
        if (blob.Size < 0)
            throw RegistryException.Broken(_blobs.SubjectOf(blob), $"a blob cannot have {blob.Size} bytes");
        return new VerifyingStream(new BlobStream(_blobs, await _blobs.OpenAsync(blob, 0, cancellation), blob, 0, _retry), blob.Digest);
    }

    /// <summary>Whether the registry itself (no mirror) has a blob in this repository, so that it need not be pushed.</summary>
    public Task<bool> BlobExistsAsync(Descriptor blob, CancellationToken cancellation = default) =>
        _blobs.ExistsAsync(blob, EndpointCapabilities.Push, cancellation);

    /// <summary>
    /// Takes a blob over from another repository of the same registry; false when that is not possible and it has to be uploaded.
    /// </summary>
    /// <param name="digest">The blob.</param>
    /// <param name="from">The other repository, without the registry.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<bool> MountBlobAsync(Digest digest, string from, CancellationToken cancellation = default) =>
        _uploader.MountAsync(digest, from, cancellation);

    /// <summary>Uploads a blob; ask <see cref="BlobExistsAsync"/> first.</summary>
    /// <param name="blob">Its digest and size.</param>
    /// <param name="source">Opens it, as often as it has to be sent.</param>
    /// <param name="progress">Told how many bytes have been sent; goes back when they have to be sent again.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task UploadBlobAsync(Descriptor blob, BlobSource source, IProgress<long>? progress = null,
        CancellationToken cancellation = default) =>
        _uploader.UploadAsync(blob, source, progress, cancellation);

    /// <summary>
    /// Puts a manifest or index; everything that it names has to be there already. Where it is about another manifest (subject) and the
    /// registry keeps no list of referrers, the tag that stands for that list is brought up to date.
    /// </summary>
    /// <param name="bytes">The document as it is.</param>
    /// <param name="mediaType">Its type.</param>
    /// <param name="tag">The tag that shall mean it, or null to put it under its digest alone.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<Descriptor> PutManifestAsync(ReadOnlyMemory<byte> bytes, string mediaType, string? tag,
        CancellationToken cancellation = default) =>
        _pusher.PutAsync(bytes, mediaType, tag, cancellation);

    /// <summary>Deletes a manifest by its digest, or a tag.</summary>
    public Task DeleteManifestAsync(string reference, CancellationToken cancellation = default) =>
        _pusher.DeleteAsync(reference, cancellation);

    /// <summary>All tags.</summary>
    public Task<IReadOnlyList<string>> ListTagsAsync(CancellationToken cancellation = default) =>
        NameLister.TagsAsync(_router, Subject, cancellation);

    /// <summary>The manifests that are about another one: signatures, attestations.</summary>
    /// <param name="digest">The manifest that they are about.</param>
    /// <param name="artifactType">Only those of this type; null for all.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<IReadOnlyList<Descriptor>> ReferrersAsync(Digest digest, string? artifactType = null,
        CancellationToken cancellation = default) =>
        new ReferrerLister(_router, Subject, _manifests).ListAsync(digest, artifactType, cancellation);

    private static RegistryException FailureOf(RegistrySubject subject, GantryException error) =>
        new(error.Kind, subject, $"{subject}: {error.Message}", error);
}
