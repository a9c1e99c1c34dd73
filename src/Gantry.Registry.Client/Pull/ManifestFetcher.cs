using System.Globalization;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Auth;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Hosts;
using Gantry.Registry.Client.Transport;

namespace Gantry.Registry.Client.Pull;

/// <summary>Finds out what a tag means and fetches manifests.</summary>
internal sealed class ManifestFetcher(EndpointRouter router, RegistrySubject repository)
{
    /// <summary>What a tag or digest stands for now: by HEAD, which costs nothing at registries that count pulls, or else by GET.</summary>
    internal Task<Descriptor> ResolveAsync(string reference, CancellationToken cancellation)
    {
        var subject = repository with { Reference = reference };
        return router.AskAsync(NeededFor(reference), subject, async (session, patient) =>
        {
            var request = Request(HttpMethod.Head, reference);
            using var response = await session.SendAsync(request, subject, patient, cancellation);
            if (response.IsSuccess && Describe(response, reference, subject) is { } descriptor)
                return descriptor;
            // Only the answer to a GET has a body that tells why.
            return (await GetAsync(session, reference, expectedSize: null, subject, patient, cancellation)).Descriptor;
        });
    }

    /// <summary>Fetches what a tag or digest stands for.</summary>
    internal Task<RegistryManifest> FetchAsync(string reference, long? expectedSize, CancellationToken cancellation)
    {
        var subject = repository with { Reference = reference };
        return router.AskAsync(NeededFor(reference), subject, (session, patient) =>
            GetAsync(session, reference, expectedSize, subject, patient, cancellation));
    }

    private static EndpointCapabilities NeededFor(string reference) =>
        Digest.TryParse(reference, out _) ? EndpointCapabilities.Pull : EndpointCapabilities.Resolve;

    private RegistryRequest Request(HttpMethod method, string reference) =>
        new RegistryRequest(method, $"{repository.Repository}/manifests/{reference}")
    {
        Action = RegistryAction.FetchManifest,
        Scopes = [TokenScopes.Pull(repository.Repository!)],
    }.With("Accept", ManifestTypes.Accept);

    /// <summary>What the headers say, or null when they do not say enough.</summary>
    private static Descriptor? Describe(RegistryResponse response, string reference, RegistrySubject subject)
    {
        ManifestTypes.RefuseUnknown(response.ContentType, subject);
        if (!Digest.TryParse(response.Header("Docker-Content-Digest"), out var digest) || response.Length is not { } size
            || !ManifestTypes.IsKnown(response.ContentType))
            return null;
        if (Digest.TryParse(reference, out var asked) && asked.Algorithm == digest.Algorithm && asked != digest)
            throw RegistryException.Broken(subject, $"the registry answers with the manifest {digest}");
        if (size > RegistryManifest.MaxLength)
            throw TooLong(size, RegistryManifest.MaxLength, subject);
        return new Descriptor { MediaType = response.ContentType!, Digest = digest, Size = size };
    }

    private async Task<RegistryManifest> GetAsync(
        EndpointSession session, string reference, long? expectedSize, RegistrySubject subject, bool patient,
        CancellationToken cancellation)
    {
        var limit = (int)Math.Min(expectedSize ?? RegistryManifest.MaxLength, RegistryManifest.MaxLength);
        for (var attempt = 1; ; attempt++)
        {
            using var response = await session.RequireAsync(Request(HttpMethod.Get, reference), subject, patient, cancellation);
            ManifestTypes.RefuseUnknown(response.ContentType, subject);
            try
            {
                var bytes = await response.ReadBodyAsync(limit, cancellation) ?? throw TooLong(response.Length, limit, subject);
                return Verify(bytes, response, reference, expectedSize, subject, session);
            }
            catch (Exception error) when (error is IOException or HttpRequestException)
            {
                var failure = RegistryException.BrokenOff(subject,
                    $"the connection to {session.Endpoint.Authority} broke off: {error.Message}", error);
                if (!patient || session.Retry.DelayAfter(attempt, null) is not { } delay)
                    throw failure;
                await session.PauseAsync(new RetryNotice(failure, attempt, delay), cancellation);
            }
        }
    }

    private static RegistryManifest Verify(
        byte[] bytes, RegistryResponse response, string reference, long? expectedSize, RegistrySubject subject, EndpointSession session)
    {
        if (expectedSize is { } size && size != bytes.Length)
            throw RegistryException.Broken(subject, $"{session.Endpoint.Authority} sent {bytes.Length} bytes instead of {size}");
        var byDigest = Digest.TryParse(reference, out var digest);
        if (!byDigest && !Digest.TryParse(response.Header("Docker-Content-Digest"), out digest))
            digest = Digest.Compute(bytes);
        using var hash = digest.CreateHash();
        hash.AppendData(bytes);
        var actual = hash.GetHashAndReset();
        if (!digest.Matches(actual))
        {
            session.Distrust();
            throw RegistryException.Broken(subject,
                $"{session.Endpoint.Authority} sent a manifest with the digest {digest.Algorithm}:{Convert.ToHexStringLower(actual)} instead of {digest}");
        }
        var type = ManifestTypes.Detect(bytes, response.ContentType, subject);
        return new RegistryManifest(new Descriptor { MediaType = type, Digest = digest, Size = bytes.Length }, bytes);
    }

    private static RegistryException TooLong(long? length, long limit, RegistrySubject subject) => RegistryException.Broken(subject,
        $"the manifest is too large: {length?.ToString(CultureInfo.InvariantCulture) ?? "more"} bytes where at most {limit} are allowed");
}
