using System.Net;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Auth;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Hosts;
using Gantry.Registry.Client.Pull;
using Gantry.Registry.Client.Transport;

namespace Gantry.Registry.Client.Listing;

/// <summary>Lists the manifests that are about another one: signatures, attestations (distribution-spec, "Listing Referrers").</summary>
internal sealed class ReferrerLister(EndpointRouter router, RegistrySubject repository, ManifestFetcher manifests)
{
    /// <summary>The tag that stands for the referrers where the registry has no list: <c>sha256-</c> and the digits.</summary>
    internal static string FallbackTag(Digest digest) =>
        $"{digest.Algorithm}-{digest.Hex}"[..Math.Min(128, digest.Algorithm.Length + 1 + digest.Hex.Length)];

    /// <param name="digest">The manifest that they are about.</param>
    /// <param name="artifactType">Only those of this type; null for all.</param>
    /// <param name="cancellation">Ends the call.</param>
    internal async Task<IReadOnlyList<Descriptor>> ListAsync(Digest digest, string? artifactType, CancellationToken cancellation)
    {
        var subject = repository with { Reference = digest.ToString() };
        var all = await router.AskAsync(EndpointCapabilities.Pull, subject, (session, patient) =>
            AskAsync(session, digest, artifactType, subject, patient, cancellation))
            ?? await FromTagAsync(digest, cancellation);
        // Registries need not filter; filtering twice does no harm.
        return artifactType is null ? all : all.FindAll(entry => entry.ArtifactType == artifactType);
    }

    /// <summary>Null when the registry does not have such lists.</summary>
    private async Task<List<Descriptor>?> AskAsync(
        EndpointSession session, Digest digest, string? artifactType, RegistrySubject subject, bool patient, CancellationToken cancellation)
    {
        var filter = artifactType is null ? "" : "?artifactType=" + Uri.EscapeDataString(artifactType);
        var request = new RegistryRequest(HttpMethod.Get, $"{repository.Repository}/referrers/{digest}{filter}")
        {
            Action = RegistryAction.List,
            Scopes = [TokenScopes.Pull(repository.Repository!)],
        }.With("Accept", MediaTypes.OciIndex);
        var entries = new List<Descriptor>();
        try
        {
            await PageReader.ReadAsync(session, request, OciImageJson.Default.ImageIndex, subject, Take, patient, cancellation);
        }
        catch (RegistryException error) when (
            error.Status is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.BadRequest)
        {
            return null;
        }
        return entries;

        bool Take(ImageIndex page, RegistryResponse response)
        {
            entries.AddRange(page.Manifests);
            return page.Manifests.Count > 0;
        }
    }

    private async Task<List<Descriptor>> FromTagAsync(Digest digest, CancellationToken cancellation)
    {
        try
        {
            var index = await manifests.FetchAsync(FallbackTag(digest), expectedSize: null, cancellation);
            return ImageDocument.ReadIndex(index.Bytes).Value.Manifests;
        }
        catch (RegistryException error) when (error.Kind == ErrorKind.NotFound)
        {
            return [];
        }
    }
}
