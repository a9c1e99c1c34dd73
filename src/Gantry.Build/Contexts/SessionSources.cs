using Gantry.Build.Graph;
using Gantry.Build.Progress;
using Gantry.Build.Solver;
using Gantry.Build.Steps;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Storage.Content;

namespace Gantry.Build.Contexts;

/// <summary>What one build takes from outside: the contexts that came with it, images of the store, downloads.</summary>
internal sealed class SessionSources(ImageStore images, LayoutImages layouts, IBuildContexts contexts, WebSources web, GitCheckout git,
    IBuildCredentials credentials) : IBuildSources
{
    public Task<FileSet> ReadLocalAsync(LocalSource source, BuildProgress progress, CancellationToken cancellation) =>
        contexts.ReadAsync(source.Name, progress, cancellation);

    public async Task<LayerResult> ReadImageAsync(ImageSource source, ContentLease lease, CancellationToken cancellation)
    {
        if (await layouts.ReadAsync(source.Resolved, lease, cancellation) is { } found)
            return found;
        var image = images.Find(source.Resolved) ?? images.Resolve(source.Reference, source.Platform);
        if (image.Id != source.Resolved || !image.Layers.All(layer => lease.TryHold(layer.Blob.Digest)))
            throw GantryException.NotFound($"the image {source.Reference} was removed while it was built upon: build once more");
        return LayerResult.Of(image);
    }

    public Task<FileSet> ReadHttpAsync(HttpSource source, ProgressStep step, CancellationToken cancellation) => web.DownloadAsync(source, step, cancellation);

    public Task<FileSet> ReadGitAsync(GitSource source, ProgressStep step, CancellationToken cancellation) =>
        git.ReadAsync(source.Reference, credentials, step, cancellation);
}
