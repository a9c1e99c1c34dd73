using System.Net;
using Gantry.Oci;
using Gantry.Registry.Client.Auth;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Hosts;

namespace Gantry.Registry.Client.Transport;

/// <summary>Requests to one endpoint: authorized, and made again after failures that pass.</summary>
internal sealed class EndpointSession(RegistryEndpoint endpoint, EndpointAuthenticator authenticator, RegistryTransport transport,
    RegistryClientOptions options)
{
    private volatile bool _hasAnswered;
    private volatile bool _isUnusable;

    internal RegistryEndpoint Endpoint => endpoint;

    /// <summary>True after any answer at all: a failed connection is a passing failure from then on.</summary>
    internal bool HasAnswered => _hasAnswered;

    /// <summary>
    /// True when no connection could be made, or when the content was not what was asked for: other endpoints are asked first.
    /// </summary>
    internal bool IsUnusable => _isUnusable;

    internal RetryPolicy Retry => options.Retry;

    /// <summary>The endpoint sent other content than it should: it is asked again only when no other is left.</summary>
    internal void Distrust() => _isUnusable = true;

    /// <summary>Makes a request; an answer of any status that will not pass.</summary>
    /// <param name="request">What to ask for.</param>
    /// <param name="subject">What it is about.</param>
    /// <param name="patient">Whether to wait and try again; not when another endpoint can be asked at once.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="RegistryException">No answer, or a failure that has not passed.</exception>
    internal async Task<RegistryResponse> SendAsync(RegistryRequest request, RegistrySubject subject, bool patient,
        CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            RegistryException failure;
            try
            {
                var response = await SendAuthorizedAsync(request, subject, cancellation);
                _hasAnswered = true;
                if (!RetryPolicy.IsPassing(response.Status))
                    return response;
                using (response)
                    failure = await FailureAsync(response, request, subject, cancellation);
            }
            catch (NetworkException error)
            {
                failure = new RegistryException(ErrorKind.Unavailable, subject, error.Message, error);
                if (!error.WasConnected && !_hasAnswered)
                {
                    _isUnusable = true;
                    throw failure;
                }
            }
            if (!patient || options.Retry.DelayAfter(attempt, failure.RetryAfter) is not { } delay)
                throw failure;
            await PauseAsync(new RetryNotice(failure, attempt, delay), cancellation);
        }
    }

    /// <summary>Makes a request that has to succeed.</summary>
    /// <exception cref="RegistryException">It did not.</exception>
    internal async Task<RegistryResponse> RequireAsync(RegistryRequest request, RegistrySubject subject, bool patient,
        CancellationToken cancellation)
    {
        var response = await SendAsync(request, subject, patient, cancellation);
        if (response.IsSuccess)
            return response;
        using (response)
            throw await FailureAsync(response, request, subject, cancellation);
    }

    internal Task<RegistryException> FailureAsync(RegistryResponse response, RegistryRequest request, RegistrySubject subject,
        CancellationToken cancellation) =>
        ResponseFailure.ReadAsync(response, request, subject, options.Time.GetUtcNow(), cancellation);

    internal Task PauseAsync(RetryNotice notice, CancellationToken cancellation)
    {
        options.Retrying?.Invoke(notice);
        return Task.Delay(notice.Delay, options.Time, cancellation);
    }

    private async Task<RegistryResponse> SendAuthorizedAsync(RegistryRequest request, RegistrySubject subject,
        CancellationToken cancellation)
    {
        // Twice at most: without what the endpoint wants, or with a token that has expired, and then with it.
        for (var last = false; ; last = true)
        {
            var authorization = await authenticator.AuthorizeAsync(request.Scopes, subject, cancellation);
            var response = await transport.SendAsync(endpoint, request, authorization, subject, cancellation);
            if (response.Status != HttpStatusCode.Unauthorized || last
                || !authenticator.Learn(response.Message.Headers, authorization, request.Scopes))
                return response;
            _hasAnswered = true;
            response.Dispose();
        }
    }
}
