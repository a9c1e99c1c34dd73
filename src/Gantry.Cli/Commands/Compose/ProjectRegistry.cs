using Gantry.Api.Model;
using Gantry.Compose;
using Gantry.Compose.Publishing;
using Gantry.Compose.Running;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Registry.Client;
using Gantry.Registry.Client.Auth;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Pull;

namespace Gantry.Cli.Commands.Compose;

/// <summary>
/// Reads projects from registries and publishes them there. The client itself does, with the user's credentials: the daemon keeps nothing of them.
/// </summary>
/// <param name="credentials">Finds the user's credentials.</param>
internal sealed class ProjectRegistry(FindCredentials credentials) : IDisposable
{
    private readonly RegistryClient _client = new(new RegistryClientOptions { UserAgent = "gantry-compose" });

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>Fetches a project into a folder, unless it is there.</summary>
    /// <param name="address">Its name in a registry.</param>
    /// <param name="cache">The folder of all of them.</param>
    /// <returns>The file that begins it.</returns>
    /// <exception cref="ComposeException">There is none, or it is something else.</exception>
    public async Task<string> FetchAsync(string address, string cache)
    {
        try
        {
            // 1. What the name means now.
            var reference = ImageReference.Parse(address).WithDefaultTag();
            var repository = await OpenAsync(reference).ConfigureAwait(false);
            var manifest = await repository.FetchManifestAsync(reference.Digest?.ToString() ?? reference.Tag!).ConfigureAwait(false);

            // 2. Its files, if they are not here: all of them, or none.
            var folder = Path.Combine(cache, manifest.Descriptor.Digest.Hex);
            if (!Directory.Exists(folder))
            {
                var files = new List<PublishedFile>();
                foreach (var (kind, name, layer) in ProjectArtifact.Read(address, manifest.Bytes))
                    files.Add(new PublishedFile(kind, name, await ReadAsync(repository, layer).ConfigureAwait(false)));
                var temporary = $"{folder}.{Environment.ProcessId}";
                ArtifactFolder.Write(temporary, files);
                MoveTo(folder, temporary);
            }
            return Path.Combine(folder, ArtifactFolder.FileName);
        }
        catch (GantryException error)
        {
            throw new ComposeException($"failed to pull OCI resource \"{address}\": {error.Message}");
        }
    }

    /// <summary>Publishes a project.</summary>
    /// <param name="name">Its name in a registry.</param>
    /// <param name="files">Its files.</param>
    /// <param name="version">The version of the OCI's specification, or empty for the newest that the registry takes.</param>
    /// <returns>Its manifest.</returns>
    /// <exception cref="GantryException">The registry does not take it.</exception>
    public async Task<byte[]> PublishAsync(ImageReference name, IReadOnlyList<PublishedFile> files, string version)
    {
        var manifest = ProjectArtifact.Write(files, version.Length > 0 ? version : "1.1", DateTimeOffset.UtcNow);
        var repository = await OpenAsync(name).ConfigureAwait(false);
        foreach (var content in files.Select(static file => (ReadOnlyMemory<byte>)file.Content).Prepend(ProjectArtifact.EmptyConfig))
            await UploadAsync(repository, content).ConfigureAwait(false);
        try
        {
            await repository.PutManifestAsync(manifest, MediaTypes.OciManifest, name.Tag).ConfigureAwait(false);
        }
        catch (RegistryException error) when (version.Length == 0 && error.Status is { } status && (int)status is >= 400 and < 500 and not (401 or 403 or 407))
        {
            // A registry that knows no artifact types.
            manifest = ProjectArtifact.Write(files, "1.0", DateTimeOffset.UtcNow);
            await repository.PutManifestAsync(manifest, MediaTypes.OciManifest, name.Tag).ConfigureAwait(false);
        }
        return manifest;
    }

    /// <summary>Copies the images of a project beside it, and has the registry know whose they are.</summary>
    /// <param name="name">The project.</param>
    /// <param name="manifest">Its manifest.</param>
    /// <param name="images">The images.</param>
    /// <exception cref="GantryException">One is not there, or the registry does not take it.</exception>
    public async Task CopyImagesAsync(ImageReference name, byte[] manifest, IEnumerable<ImageReference> images)
    {
        var target = await OpenAsync(name).ConfigureAwait(false);
        var copied = new List<Descriptor>();
        foreach (var image in images)
        {
            var source = await OpenAsync(image).ConfigureAwait(false);
            var root = await source.FetchManifestAsync(image.Digest?.ToString() ?? image.Tag ?? ImageReference.DefaultTag).ConfigureAwait(false);
            await CopyAsync(source, image, target, name, root).ConfigureAwait(false);
            copied.Add(root.Descriptor);
        }
        await target.PutManifestAsync(ProjectArtifact.WriteImages(manifest, copied), MediaTypes.OciIndex, tag: null).ConfigureAwait(false);
    }

    private static async Task CopyAsync(RegistryRepository source, ImageReference from, RegistryRepository target, ImageReference to, RegistryManifest manifest)
    {
        if (manifest.IsIndex)
        {
            foreach (var child in ImageDocument.ReadIndex(manifest.Bytes).Value.Manifests)
                await CopyAsync(source, from, target, to, await source.FetchManifestAsync(child).ConfigureAwait(false)).ConfigureAwait(false);
        }
        else
        {
            var image = ImageDocument.ReadManifest(manifest.Bytes).Value;
            foreach (var blob in image.Layers.Prepend(image.Config!))
            {
                if (await target.BlobExistsAsync(blob).ConfigureAwait(false)
                    || from.Domain == to.Domain && await target.MountBlobAsync(blob.Digest, from.Path).ConfigureAwait(false))
                    continue;
                await target.UploadBlobAsync(blob, async (offset, cancellation) => await source.OpenBlobAsync(blob, offset, cancellation).ConfigureAwait(false))
                    .ConfigureAwait(false);
            }
        }
        await target.PutManifestAsync(manifest.Bytes, manifest.Descriptor.MediaType, tag: null).ConfigureAwait(false);
    }

    private static async Task UploadAsync(RegistryRepository repository, ReadOnlyMemory<byte> content)
    {
        var blob = new Descriptor { Digest = Digest.Compute(content.Span), Size = content.Length };
        if (!await repository.BlobExistsAsync(blob).ConfigureAwait(false))
            await repository.UploadBlobAsync(blob, (offset, _) => ValueTask.FromResult<Stream>(new MemoryStream(content[(int)offset..].ToArray())))
                .ConfigureAwait(false);
    }

    private static async Task<byte[]> ReadAsync(RegistryRepository repository, Descriptor layer)
    {
        using var content = new MemoryStream();
        await using (var blob = await repository.OpenVerifiedBlobAsync(layer).ConfigureAwait(false))
            await blob.CopyToAsync(content).ConfigureAwait(false);
        return content.ToArray();
    }

    private static void MoveTo(string folder, string temporary)
    {
        try
        {
            Directory.Move(temporary, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            // Another client was faster; what it has is the same.
            Directory.Delete(temporary, recursive: true);
        }
    }

    private async Task<RegistryRepository> OpenAsync(ImageReference reference) =>
        await _client.RepositoryAsync(reference, From(await credentials(reference).ConfigureAwait(false))).ConfigureAwait(false);

    private static RegistryCredentials? From(AuthConfig? given) => given is null ? null : new RegistryCredentials
    {
        Username = given.Username, Password = given.Password, IdentityToken = given.IdentityToken, RegistryToken = given.RegistryToken,
    };
}
