using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Auth;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Hosts;
using Gantry.Registry.Client.Transport;

namespace Gantry.Registry.Client.Push;

/// <summary>Uploads blobs: in one piece where the registry takes that, otherwise in chunks (distribution-spec, "Pushing Blobs").</summary>
internal sealed class BlobUploader(EndpointRouter router, RegistrySubject repository, int chunkSize)
{
    private readonly string[] _scopes = [TokenScopes.Push(repository.Repository!)];

    /// <exception cref="RegistryException">The registry did not take it.</exception>
    internal Task UploadAsync(Descriptor blob, BlobSource source, IProgress<long>? progress, CancellationToken cancellation)
    {
        var subject = repository with { Reference = blob.Digest.ToString() };
        return router.AskAsync(EndpointCapabilities.Push, subject, async (session, _) =>
        {
            var upload = new Upload(session, subject, blob, source, progress, cancellation);
            for (var attempt = 1; ; attempt++)
            {
                // What a broken upload left at the registry is of no use to a second one in one piece: each begins anew.
                var (location, leastChunk) = await BeginAsync(upload);
                try
                {
                    if (leastChunk > 0 || !await TryWholeAsync(upload, location))
                        await InChunksAsync(upload, location, leastChunk);
                    return true;
                }
                catch (RegistryException error) when (IsPassing(error) && session.Retry.DelayAfter(attempt, error.RetryAfter) is { } delay)
                {
                    await session.PauseAsync(new RetryNotice(error, attempt, delay), cancellation);
                }
            }
        });
    }

    /// <summary>
    /// Takes a blob over from another repository of the registry; false when the registry does not do that, or not with this one.
    /// </summary>
    internal Task<bool> MountAsync(Digest digest, string from, CancellationToken cancellation)
    {
        var subject = repository with { Reference = digest.ToString() };
        return router.AskAsync(EndpointCapabilities.Push, subject, async (session, patient) =>
        {
            var request = Request(HttpMethod.Post,
                $"{repository.Repository}/blobs/uploads/?mount={digest}&from={Uri.EscapeDataString(from)}")
                with { Scopes = [.. _scopes, TokenScopes.Pull(from)], Content = () => new ByteArrayContent([]) };
            using var response = await session.SendAsync(request, subject, patient, cancellation);
            if (response.Status == HttpStatusCode.Created)
                return true;
            if (response.Status != HttpStatusCode.Accepted)
            {
                // The other repository may be hidden from this user: then the blob is uploaded, which tells what is wrong, if anything is.
                return response.Status is HttpStatusCode.NotFound or HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized or HttpStatusCode.MethodNotAllowed
                    ? false : throw await session.FailureAsync(response, request, subject, cancellation);
            }
            if (response.Location is { } location)
                await AbandonAsync(session, location, subject, cancellation);
            return false;
        });
    }

    private RegistryRequest Request(HttpMethod method, string path) => new(method, path) { Action = RegistryAction.Push, Scopes = _scopes };

    private static bool IsPassing(RegistryException error) =>
        error.Status is null ? error.InnerException is NetworkException : RetryPolicy.IsPassing(error.Status.Value)
            || error.Status is HttpStatusCode.NotFound;

    private async Task<(Uri Location, long LeastChunk)> BeginAsync(Upload upload)
    {
        var request = Request(HttpMethod.Post, $"{repository.Repository}/blobs/uploads/") with { Content = () => new ByteArrayContent([]) };
        using var response = await upload.Session.RequireAsync(request, upload.Subject, patient: true, upload.Cancellation);
        var least = long.TryParse(response.Header("OCI-Chunk-Min-Length"), NumberStyles.None, CultureInfo.InvariantCulture,
            out var length) ? length : 0;
        return (LocationOf(response, upload.Subject), least);
    }

    /// <summary>False when the registry takes nothing, or nothing of this length, in one piece.</summary>
    private async Task<bool> TryWholeAsync(Upload upload, Uri location)
    {
        var request = Request(HttpMethod.Put, WithDigest(location, upload.Blob.Digest))
            with { Content = () => upload.Content(0, upload.Blob.Size) };
        using var response = await upload.Session.SendAsync(request, upload.Subject, patient: false, upload.Cancellation);
        if (response.Status is HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.MethodNotAllowed or HttpStatusCode.LengthRequired
            or HttpStatusCode.NotImplemented)
            return false;
        if (!response.IsSuccess)
            throw await upload.Session.FailureAsync(response, request, upload.Subject, upload.Cancellation);
        ExpectDigest(response, upload);
        return true;
    }

    private async Task InChunksAsync(Upload upload, Uri location, long leastChunk)
    {
        var size = Math.Max(leastChunk, chunkSize);
        var at = 0L;
        for (var fruitless = 0; at < upload.Blob.Size;)
        {
            var before = at;
            try
            {
                (location, at) = await SendChunkAsync(upload, location, at, Math.Min(size, upload.Blob.Size - at));
            }
            catch (RegistryException error) when (IsPassing(error) || error.Status == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                if (upload.Session.Retry.DelayAfter(++fruitless, error.RetryAfter) is not { } delay)
                    throw;
                await upload.Session.PauseAsync(new RetryNotice(error, fruitless, delay), upload.Cancellation);
                (location, at) = await AskStateAsync(upload, location, error);
            }
            if (at > before)
                fruitless = 0;
        }
        var request = Request(HttpMethod.Put, WithDigest(location, upload.Blob.Digest)) with { Content = () => new ByteArrayContent([]) };
        using var response = await upload.Session.RequireAsync(request, upload.Subject, patient: true, upload.Cancellation);
        ExpectDigest(response, upload);
    }

    private async Task<(Uri Location, long At)> SendChunkAsync(Upload upload, Uri location, long at, long length)
    {
        var request = Request(HttpMethod.Patch, location.AbsoluteUri) with
        {
            Content = () =>
            {
                var content = upload.Content(at, length);
                content.Headers.TryAddWithoutValidation("Content-Range", $"{at}-{at + length - 1}");
                return content;
            },
        };
        using var response = await upload.Session.RequireAsync(request, upload.Subject, patient: false, upload.Cancellation);
        return (LocationOf(response, upload.Subject), Received(response, upload) ?? at + length);
    }

    /// <summary>How far a broken upload has come: the registry may have taken part of the chunk.</summary>
    private async Task<(Uri Location, long At)> AskStateAsync(Upload upload, Uri location, RegistryException failure)
    {
        using var response = await upload.Session.RequireAsync(Request(HttpMethod.Get, location.AbsoluteUri), upload.Subject,
            patient: true, upload.Cancellation);
        return (response.Location ?? location, Received(response, upload) ?? throw failure);
    }

    /// <summary>
    /// The number of bytes in <c>Range: 0-N</c>, which counts N in, except that <c>0-0</c> is nothing; null when it is not there.
    /// </summary>
    private static long? Received(RegistryResponse response, Upload upload)
    {
        if (response.Header("Range") is not { } text)
            return null;
        var last = text.AsSpan(text.IndexOf('-', StringComparison.Ordinal) + 1);
        if (!long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var end) || end >= upload.Blob.Size)
            throw RegistryException.Broken(upload.Subject,
                $"the registry says that it received the range \"{text}\" of an upload of {upload.Blob.Size} bytes");
        return end == 0 && upload.Blob.Size > 1 ? 0 : end + 1;
    }

    /// <summary>Best effort: registries drop what nobody finishes.</summary>
    private async Task AbandonAsync(EndpointSession session, Uri location, RegistrySubject subject, CancellationToken cancellation)
    {
        try
        {
            using var response = await session.SendAsync(Request(HttpMethod.Delete, location.AbsoluteUri), subject, patient: false,
                cancellation);
        }
        catch (RegistryException)
        {
            // The upload that follows will meet the same failure, and tell it.
        }
    }

    private static void ExpectDigest(RegistryResponse response, Upload upload)
    {
        if (Digest.TryParse(response.Header("Docker-Content-Digest"), out var digest)
            && digest.Algorithm == upload.Blob.Digest.Algorithm && digest != upload.Blob.Digest)
            throw RegistryException.Broken(upload.Subject, $"the registry stored the upload as {digest}");
    }

    private static string WithDigest(Uri location, Digest digest) =>
        location.AbsoluteUri + (location.Query.Length > 1 ? "&" : "?") + "digest=" + Uri.EscapeDataString(digest.ToString());

    private static Uri LocationOf(RegistryResponse response, RegistrySubject subject) =>
        response.Location
            ?? throw RegistryException.Broken(subject, $"{response.Address.Host} does not say where to upload to (Location is missing)");

    private sealed record Upload(
        EndpointSession Session, RegistrySubject Subject, Descriptor Blob, BlobSource Source, IProgress<long>? Progress,
        CancellationToken Cancellation)
    {
        internal UploadContent Content(long offset, long length)
        {
            var content = new UploadContent(token => Source(offset, token), length, Progress is null ? null : sent =>
                Progress.Report(offset + sent));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            return content;
        }
    }
}
