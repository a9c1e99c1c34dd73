using Gantry.Build.Cache.Exchange;
using Gantry.Oci.Images;
using Gantry.Registry.Client;
using Gantry.Registry.Client.Auth;

namespace Gantry.Engine.Build;

/// <summary>A cache of builds in a registry, read or written: an image with a cache inside, or an artifact of its own.</summary>
/// <param name="registries">The client of registries.</param>
/// <param name="reference">Where it is.</param>
/// <param name="credentials">Finds the user's, by the registry's domain.</param>
internal sealed class RegistryCache(
    RegistryClient registries, ImageReference reference, Func<string, CancellationToken, Task<RegistryCredentials?>> credentials) : ICacheSource, ICacheTarget
{
    private readonly Lock _gate = new();
    private Task<RegistryRepository>? _repository;

    string ICacheSource.Name => reference.ToString();

    string ICacheTarget.Name => "registry";

    public async Task<CacheDocumentBytes> ReadRootAsync(CancellationToken cancellation)
    {
        var repository = await RepositoryAsync(cancellation);
        var manifest = await repository.FetchManifestAsync(reference.Digest?.ToString() ?? reference.Tag ?? ImageReference.DefaultTag, cancellation);
        return new CacheDocumentBytes(manifest.Descriptor.MediaType, manifest.Bytes);
    }

    public async Task<Stream> OpenAsync(Descriptor blob, CancellationToken cancellation)
    {
        var repository = await RepositoryAsync(cancellation);
        return MediaTypes.IsManifest(blob.MediaType) || MediaTypes.IsIndex(blob.MediaType)
            ? new MemoryStream((await repository.FetchManifestAsync(blob, cancellation)).Bytes.ToArray(), writable: false)
            : await repository.OpenBlobAsync(blob, 0, cancellation);
    }

    public async Task<bool> ContainsAsync(Descriptor blob, CancellationToken cancellation) =>
        await (await RepositoryAsync(cancellation)).BlobExistsAsync(blob, cancellation);

    public async Task WriteAsync(Descriptor blob, Func<Stream> open, CancellationToken cancellation)
    {
        var repository = await RepositoryAsync(cancellation);
        await repository.UploadBlobAsync(blob, (offset, _) =>
        {
            var stream = open();
            stream.Position = offset;
            return ValueTask.FromResult(stream);
        }, cancellation: cancellation);
    }

    public async Task FinishAsync(Descriptor root, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
        await (await RepositoryAsync(cancellation)).PutManifestAsync(bytes, root.MediaType, reference.Tag ?? ImageReference.DefaultTag, cancellation);

    private Task<RegistryRepository> RepositoryAsync(CancellationToken cancellation)
    {
        lock (_gate)
            return _repository ??= OpenAsync(cancellation);
    }

    private async Task<RegistryRepository> OpenAsync(CancellationToken cancellation) =>
        await registries.RepositoryAsync(reference, await credentials(reference.Domain, cancellation), cancellation);
}
