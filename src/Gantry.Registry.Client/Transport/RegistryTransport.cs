using System.Net;
using System.Net.Http.Headers;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Hosts;

namespace Gantry.Registry.Client.Transport;

/// <summary>
/// Makes one request and follows its redirects. Ours and not the runtime's, because a registry must not be able to send credentials
/// to another host, to lead from HTTPS to HTTP, or to lead in circles.
/// </summary>
internal sealed class RegistryTransport(RegistryClientOptions options) : IDisposable
{
    private const int MostRedirects = 10;
    private readonly ConnectionPool _pool = new(new ProxySettings(options.Proxy ?? ProxyOptions.FromEnvironment()), options.ConnectTimeout);

    /// <summary>Sends a request; any status is a success here.</summary>
    /// <exception cref="RegistryException">A redirect is not to be followed.</exception>
    /// <exception cref="NetworkException">There is no answer.</exception>
    internal async Task<RegistryResponse> SendAsync(
        RegistryEndpoint endpoint, RegistryRequest request, AuthenticationHeaderValue? authorization, RegistrySubject subject,
        CancellationToken cancellation)
    {
        var address = endpoint.At(request.Path);
        var atHome = IsSameHost(address, endpoint.Base);
        for (var hops = 0; ; hops++)
        {
            var response = await ExchangeAsync(endpoint, request, address, atHome ? authorization : null, atHome, cancellation);
            if (!IsRedirect(response.Status, request.Method)
                || (response.Location is null && response.Status == HttpStatusCode.NotModified))
                return response;
            using (response)
            {
                var target = response.Location
                    ?? throw RegistryException.Broken(subject, $"{address.Host} redirects ({(int)response.Status}) to nowhere");
                if (hops == MostRedirects)
                    throw RegistryException.Broken(subject,
                        $"stopped after {MostRedirects} redirects, the last from {address.Host} to {target.Host}");
                if (target.Scheme == Uri.UriSchemeHttp && address.Scheme == Uri.UriSchemeHttps && !endpoint.IsInsecure)
                {
                    throw RegistryException.Broken(subject,
                        $"{address.Host} redirects from https to http://{target.Authority}, which is refused; "
                        + $"list {subject.Registry} in insecure-registries if that is meant");
                }
                // Once led away, always away: another host could lead back with a path of its choice.
                atHome = atHome && IsSameHost(target, endpoint.Base);
                address = target;
            }
        }
    }

    private async Task<RegistryResponse> ExchangeAsync(
        RegistryEndpoint endpoint, RegistryRequest request, Uri address, AuthenticationHeaderValue? authorization, bool atHome,
        CancellationToken cancellation)
    {
        // The certificates that prove who we are go to the registry alone; whom it trusts with its storage is trusted as it is.
        var invoker = _pool.For(atHome ? endpoint.Tls : endpoint.Tls with { ClientCertificates = [] }, endpoint.ConnectTimeout);
        using var message = request.ToMessage(address, authorization, withContent: true);
        message.Headers.TryAddWithoutValidation("User-Agent", options.UserAgent);
        foreach (var (name, value) in atHome ? endpoint.Headers : [])
            message.Headers.TryAddWithoutValidation(name, value);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(options.ResponseTimeout);
        if (message.Content is UploadContent upload)
            upload.Progressed = () => limit.CancelAfter(options.ResponseTimeout);
        try
        {
            return new RegistryResponse(await invoker.SendAsync(message, limit.Token), address, options.StallTimeout);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw NetworkException.Create(request.Method, address, new TimeoutException(
                error.InnerException is TimeoutException ? "dial: i/o timeout"
                    : $"no answer within {options.ResponseTimeout.TotalSeconds:0.#} seconds", error));
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            if (message.Content is UploadContent { SourceFailure: { } failure })
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
            throw NetworkException.Create(request.Method, address, error);
        }
    }

    /// <summary>What changes something is led elsewhere only by the statuses that keep method and body.</summary>
    private static bool IsRedirect(HttpStatusCode status, HttpMethod method) => status switch
    {
        HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect => true,
        HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther =>
            method == HttpMethod.Get || method == HttpMethod.Head,
        _ => false,
    };

    private static bool IsSameHost(Uri one, Uri other) =>
        one.Scheme == other.Scheme && one.Port == other.Port
            && string.Equals(one.IdnHost, other.IdnHost, StringComparison.OrdinalIgnoreCase);

    public void Dispose() => _pool.Dispose();
}
