using System.Net.Http.Headers;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Auth;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Hosts;
using Gantry.Registry.Client.Listing;
using Gantry.Registry.Client.Pull;
using Gantry.Registry.Client.Transport;

namespace Gantry.Registry.Client.Push;

/// <summary>Puts manifests, keeps the list of referrers where the registry does not, and deletes.</summary>
internal sealed class ManifestPusher(EndpointRouter router, RegistrySubject repository, ManifestFetcher manifests)
{
    /// <summary>Puts a manifest under its digest or under a tag.</summary>
    internal async Task<Descriptor> PutAsync(ReadOnlyMemory<byte> bytes, string mediaType, string? tag, CancellationToken cancellation)
    {
        var descriptor = new Descriptor { MediaType = mediaType, Digest = Digest.Compute(bytes.Span), Size = bytes.Length };
        var subjectAccepted = await SendAsync(bytes, descriptor, tag ?? descriptor.Digest.ToString(), cancellation);
        if (!subjectAccepted && ReferrerEntry.Of(bytes, descriptor) is var (about, entry))
            await ListReferrerAsync(about, entry, cancellation);
        return descriptor;
    }

    internal Task DeleteAsync(string reference, CancellationToken cancellation)
    {
        var subject = repository with { Reference = reference };
        return router.AskAsync(EndpointCapabilities.Push, subject, async (session, patient) =>
        {
            var request = new RegistryRequest(HttpMethod.Delete, $"{repository.Repository}/manifests/{reference}")
            {
                Action = RegistryAction.Delete,
                Scopes = [TokenScopes.Delete(repository.Repository!)],
            };
            using var response = await session.RequireAsync(request, subject, patient, cancellation);
            return true;
        });
    }

    /// <summary>True when the registry says that it keeps the list of referrers itself (OCI-Subject).</summary>
    private Task<bool> SendAsync(ReadOnlyMemory<byte> bytes, Descriptor descriptor, string reference, CancellationToken cancellation)
    {
        var subject = repository with { Reference = reference };
        return router.AskAsync(EndpointCapabilities.Push, subject, async (session, patient) =>
        {
            var request = new RegistryRequest(HttpMethod.Put, $"{repository.Repository}/manifests/{reference}")
            {
                Action = RegistryAction.Push,
                Scopes = [TokenScopes.Push(repository.Repository!)],
                Content = () => new ReadOnlyMemoryContent(
                    bytes) { Headers = { ContentType = new MediaTypeHeaderValue(descriptor.MediaType) } },
            };
            using var response = await session.RequireAsync(request, subject, patient, cancellation);
            if (Digest.TryParse(response.Header("Docker-Content-Digest"), out var stored)
                && stored.Algorithm == descriptor.Digest.Algorithm && stored != descriptor.Digest)
                throw RegistryException.Broken(subject, $"the registry stored the manifest {descriptor.Digest} as {stored}");
            return response.Header("OCI-Subject") is not null;
        });
    }

    /// <summary>
    /// Adds to the index under the tag that stands for the referrers of a manifest (distribution-spec, "Referrers Tag Schema"). Two clients
    /// that do this at the same time can lose an entry: the specification knows no way around that.
    /// </summary>
    private async Task ListReferrerAsync(Digest about, Descriptor entry, CancellationToken cancellation)
    {
        var tag = ReferrerLister.FallbackTag(about);
        var index = new ImageIndex { MediaType = MediaTypes.OciIndex };
        try
        {
            index = ImageDocument.ReadIndex((await manifests.FetchAsync(tag, expectedSize: null, cancellation)).Bytes).Value;
        }
        catch (RegistryException error) when (error.Kind == ErrorKind.NotFound)
        {
            // The first referrer.
        }
        if (index.Manifests.Exists(known => known.Digest == entry.Digest))
            return;
        index.Manifests.Add(entry);
        var document = ImageDocument.Create(index);
        await SendAsync(document.Bytes, new Descriptor { MediaType = MediaTypes.OciIndex, Digest = document.Digest,
            Size = document.Bytes.Length }, tag, cancellation);
    }
}
