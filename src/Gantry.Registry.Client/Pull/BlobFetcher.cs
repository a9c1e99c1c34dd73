using System.Net;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Auth;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Hosts;
using Gantry.Registry.Client.Transport;

namespace Gantry.Registry.Client.Pull;

/// <summary>Opens blobs, from their beginning or from the middle.</summary>
internal sealed class BlobFetcher(EndpointRouter router, RegistrySubject repository)
{
    internal RegistrySubject SubjectOf(Descriptor blob) => repository with { Reference = blob.Digest.ToString() };

    internal Task<bool> ExistsAsync(Descriptor blob, EndpointCapabilities where, CancellationToken cancellation)
    {
        var subject = SubjectOf(blob);
        return router.AskAsync(where, subject, async (session, patient) =>
        {
            var push = where == EndpointCapabilities.Push;
            var request = Request(HttpMethod.Head, blob)
                with { Scopes = [push ? TokenScopes.Push(repository.Repository!) : TokenScopes.Pull(repository.Repository!)] };
            using var response = await session.SendAsync(request, subject, patient, cancellation);
            if (response.Status == HttpStatusCode.NotFound)
                return false;
            if (!response.IsSuccess)
            {
                request = request with { Action = push ? RegistryAction.Push : request.Action };
                throw await session.FailureAsync(response, request, subject, cancellation);
            }
            // A blob of another length is not this one, whatever the registry thinks: it is uploaded again.
            return response.Length is not { } length || blob.Size <= 0 || length == blob.Size;
        });
    }

    /// <summary>Opens what follows <paramref name="offset"/>; the body has not been read, nothing but its length is checked.</summary>
    internal async Task<BlobBody> OpenAsync(Descriptor blob, long offset, CancellationToken cancellation)
    {
        var subject = SubjectOf(blob);
        try
        {
            return await router.AskAsync(EndpointCapabilities.Pull, subject, (session, patient) =>
                OpenAsync(session, Request(HttpMethod.Get, blob), blob, offset, subject, patient, cancellation));
        }
        catch (RegistryException error) when (error.Kind == ErrorKind.NotFound && blob.Urls is { Count: > 0 })
        {
            return await OpenForeignAsync(blob, offset, subject, error, cancellation);
        }
    }

    /// <summary>A layer that registries do not keep lies at an address of its author's: asked for by nobody, without credentials.</summary>
    private async Task<BlobBody> OpenForeignAsync(Descriptor blob, long offset, RegistrySubject subject, RegistryException missing,
        CancellationToken cancellation)
    {
        var failure = missing;
        foreach (var address in blob.Urls!)
        {
            try
            {
                var (session, uri) = await OpenSessionAsync(address, subject, missing, cancellation);
                var request = new RegistryRequest(HttpMethod.Get, uri.AbsoluteUri) { Action = RegistryAction.FetchBlob };
                return await OpenAsync(session, request, blob, offset, subject, patient: true, cancellation);
            }
            catch (RegistryException error)
            {
                failure = error.WithEarlier([.. error.Earlier, failure]);
            }
        }
        throw failure;
    }

    /// <summary>Plain HTTP only where the administrator allows it: what is fetched by digest cannot be forged, but it can be read on its way.</summary>
    private async Task<(EndpointSession Session, Uri Address)> OpenSessionAsync(string address, RegistrySubject subject, RegistryException missing,
        CancellationToken cancellation)
    {
        if (Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp))
        {
            var session = await router.ElsewhereAsync(uri, cancellation);
            if (uri.Scheme == Uri.UriSchemeHttps || session.Endpoint.IsInsecure)
                return (session, uri);
        }
        throw new RegistryException(ErrorKind.InvalidArgument, subject,
            $"{subject}: the foreign layer's address {address} does not begin with https://, and its host is not among the insecure-registries", missing);
    }

    private RegistryRequest Request(HttpMethod method, Descriptor blob) => new(method, $"{repository.Repository}/blobs/{blob.Digest}")
    {
        Action = RegistryAction.FetchBlob,
        Scopes = [TokenScopes.Pull(repository.Repository!)],
    };

    private static async Task<BlobBody> OpenAsync(
        EndpointSession session, RegistryRequest request, Descriptor blob, long offset, RegistrySubject subject, bool patient,
        CancellationToken cancellation)
    {
        request = request.With("Accept-Encoding", "identity");
        if (offset > 0)
            request = request.With("Range", $"bytes={offset}-");
        var response = await session.SendAsync(request, subject, patient, cancellation);
        try
        {
            if (response.Status == HttpStatusCode.RequestedRangeNotSatisfiable && offset > 0)
                throw RegistryException.Broken(subject,
                    $"{session.Endpoint.Authority} has fewer than the {offset} bytes of the blob that were received before");
            if (response.Status is not (HttpStatusCode.OK or HttpStatusCode.PartialContent))
                throw await session.FailureAsync(response, request, subject, cancellation);
            var start = Start(response, blob, offset, subject);
            var body = await response.OpenBodyAsync(cancellation);
            // A server that does not know ranges begins at the beginning.
            for (var skip = offset - start; skip > 0;)
                skip -= await SkipAsync(body, skip, cancellation);
            return new BlobBody(response, body, session);
        }
        catch (Exception error)
        {
            response.Dispose();
            if (error is IOException or HttpRequestException)
                throw RegistryException.BrokenOff(subject, $"the connection to {session.Endpoint.Authority} broke off: {error.Message}",
                    error);
            throw;
        }
    }

    /// <summary>Where in the blob the body begins.</summary>
    private static long Start(RegistryResponse response, Descriptor blob, long offset, RegistrySubject subject)
    {
        var start = 0L;
        if (response.Status == HttpStatusCode.PartialContent)
        {
            var range = response.Message.Content.Headers.ContentRange;
            if (range is not { From: { } from } || from != offset || (range.Length is { } total && total != blob.Size))
                throw RegistryException.Broken(subject,
                    $"the registry sent the range \"{range}\" when bytes from {offset} of {blob.Size} were asked for");
            start = from;
        }
        return response.Length is { } length && length != blob.Size - start
            ? throw RegistryException.Broken(subject, $"the registry has {length + start} bytes where the manifest says {blob.Size}")
            : start;
    }

    private static async ValueTask<int> SkipAsync(Stream body, long most, CancellationToken cancellation)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(64 << 10);
        try
        {
            var count = await body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(most, buffer.Length)), cancellation);
            return count > 0 ? count : throw new EndOfStreamException("the body ended early");
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

/// <summary>The body of an answer with a blob, and whom it comes from.</summary>
internal sealed record BlobBody(RegistryResponse Response, Stream Content, EndpointSession Session) : IDisposable
{
    public void Dispose()
    {
        Content.Dispose();
        Response.Dispose();
    }
}
