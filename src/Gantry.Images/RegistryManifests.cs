using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Registry.Client;
using Gantry.Registry.Client.Auth;
using Gantry.Registry.Client.Pull;

namespace Gantry.Images;

/// <summary>How one request reaches a registry.</summary>
/// <param name="Credentials">The user's, or null.</param>
/// <param name="Insecure">Whether any certificate, or none at all, will do for this request.</param>
public sealed record RegistryAccess(RegistryCredentials? Credentials, bool Insecure);

/// <summary>Manifests and indexes as registries have them, without the images: what <c>manifest</c> works on.</summary>
/// <param name="registries">Their client.</param>
/// <param name="options">How that was made: an insecure request has a client of its own.</param>
public sealed class RegistryManifests(RegistryClient registries, RegistryClientOptions options)
{
    /// <summary>Fetches what a reference stands for.</summary>
    /// <returns>The document; the descriptor of a single image also tells what it runs on.</returns>
    /// <exception cref="GantryException">It is not there, or not understood.</exception>
    public Task<RegistryManifest> FetchAsync(ImageReference reference, RegistryAccess access, CancellationToken cancellation) =>
        WithClientAsync(reference, access, async client =>
        {
            var repository = await client.RepositoryAsync(reference, access.Credentials, cancellation);
            var manifest = await repository.FetchManifestAsync(NameIn(reference), cancellation);
            return manifest.IsIndex
                ? manifest
                : manifest with { Descriptor = manifest.Descriptor with { Platform = await PlatformAsync(repository, manifest, cancellation) } };
        });

    /// <summary>Puts a manifest or an index under a tag, or under its digest alone.</summary>
    /// <exception cref="GantryException">The registry does not take it, e.g. as it lacks something that the document names.</exception>
    public Task<Descriptor> PutAsync(
        ImageReference reference, string mediaType, ReadOnlyMemory<byte> bytes, RegistryAccess access, CancellationToken cancellation) =>
        WithClientAsync(reference, access, async client =>
        {
            var repository = await client.RepositoryAsync(reference, access.Credentials, cancellation);
            return await repository.PutManifestAsync(bytes, mediaType, reference.Tag, cancellation);
        });

    /// <summary>Copies one image into another repository of the same registry, under its digest.</summary>
    /// <exception cref="GantryException">The registries differ, or it is an index.</exception>
    public Task<Descriptor> CopyAsync(ImageReference from, ImageReference to, RegistryAccess access, CancellationToken cancellation)
    {
        if (from.Domain != to.Domain)
            throw GantryException.Invalid($"cannot use source images from a different registry than the target image: {from.Domain} != {to.Domain}");
        return WithClientAsync(to, access, async client =>
        {
            // 1. What is it?
            var source = await client.RepositoryAsync(from, access.Credentials, cancellation);
            var target = await client.RepositoryAsync(to, access.Credentials, cancellation);
            var manifest = await source.FetchManifestAsync(NameIn(from), cancellation);
            if (manifest.IsIndex)
                throw GantryException.Invalid($"{from.Familiar} is a manifest list");

            // 2. What it names goes first: a registry takes no manifest without it.
            var document = ImageDocument.ReadManifest(manifest.Bytes).Value;
            foreach (var blob in document.Layers.Prepend(document.Config).OfType<Descriptor>().Where(static blob => !MediaTypes.IsForeign(blob.MediaType)))
            {
                if (await target.BlobExistsAsync(blob, cancellation) || await target.MountBlobAsync(blob.Digest, from.Path, cancellation))
                    continue;
                await target.UploadBlobAsync(
                    blob, async (offset, stop) => await source.OpenBlobAsync(blob, offset, stop), cancellation: cancellation);
            }

            // 3. The manifest itself.
            return await target.PutManifestAsync(manifest.Bytes, manifest.Descriptor.MediaType, tag: null, cancellation);
        });
    }

    /// <summary>What a single image runs on, as its configuration says; null when that is not an image's.</summary>
    /// <exception cref="GantryException">The manifest has no configuration, or it is longer than allowed.</exception>
    public static async Task<Platform?> PlatformAsync(RegistryRepository repository, RegistryManifest manifest, CancellationToken cancellation)
    {
        var config = ImageDocument.ReadManifest(manifest.Bytes).Value.Config
            ?? throw GantryException.Invalid($"{manifest.Descriptor.Digest}: the manifest has no configuration");
        if (config.Size is < 0 or > ImageDocument.MaxLength)
            throw GantryException.Invalid($"the configuration has {config.Size} bytes, more than the {ImageDocument.MaxLength} allowed");
        await using var stream = await repository.OpenVerifiedBlobAsync(config, cancellation);
        var bytes = new byte[config.Size];
        await stream.ReadExactlyAsync(bytes, cancellation);
        // Only the end of the stream vouches for the bytes before it.
        if (await stream.ReadAsync(new byte[1], cancellation) != 0)
            throw GantryException.Invalid("the configuration is longer than its descriptor says");
        return ImageDocument.ReadConfig(bytes).Value.Platform is { Os.Length: > 0 } platform ? platform : null;
    }

    private static string NameIn(ImageReference reference) => reference.Digest?.ToString() ?? reference.Tag ?? ImageReference.DefaultTag;

    private async Task<T> WithClientAsync<T>(ImageReference reference, RegistryAccess access, Func<RegistryClient, Task<T>> call)
    {
        if (!access.Insecure)
            return await call(registries);
        var hosts = options.Hosts with { InsecureRegistries = [.. options.Hosts.InsecureRegistries, reference.Domain] };
        using var insecure = new RegistryClient(options with { Hosts = hosts });
        return await call(insecure);
    }
}
