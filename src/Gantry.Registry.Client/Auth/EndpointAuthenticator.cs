using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Gantry.Oci;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Hosts;
using Gantry.Registry.Client.Transport;

namespace Gantry.Registry.Client.Auth;

/// <summary>
/// Says what to put into Authorization at one endpoint, learning from its challenges. Safe for use by parallel transfers.
/// </summary>
internal sealed class EndpointAuthenticator(RegistryEndpoint endpoint, RegistryCredentials credentials, TokenService service,
    TokenCache cache)
{
    private readonly SemaphoreSlim _fetching = new(1);
    private readonly ConcurrentDictionary<string, IReadOnlyList<string>> _demanded = new(StringComparer.Ordinal);
    private volatile AuthChallenge? _challenge;

    /// <summary>What to send now; null before the endpoint has asked for anything.</summary>
    /// <exception cref="RegistryException">The token service refuses, or there is no password for a registry that wants one.</exception>
    internal async ValueTask<AuthenticationHeaderValue?> AuthorizeAsync(IReadOnlyList<string> scopes, RegistrySubject subject,
        CancellationToken cancellation)
    {
        if (!string.IsNullOrEmpty(credentials.RegistryToken))
            return new AuthenticationHeaderValue("Bearer", credentials.RegistryToken);
        return _challenge switch
        {
            null => null,
            { Scheme: "basic" } => credentials.HasPassword
                ? new AuthenticationHeaderValue("Basic", credentials.Basic)
                : throw new RegistryException(ErrorKind.Unauthorized, subject, $"Get \"{endpoint.Base}\": no basic auth credentials"),
            var challenge => new AuthenticationHeaderValue("Bearer", (await TokenAsync(challenge, scopes, subject, cancellation)).Value),
        };
    }

    /// <summary>Takes in a 401; false when the same request would only fail again.</summary>
    /// <param name="headers">Those of the answer.</param>
    /// <param name="used">What the request carried.</param>
    /// <param name="scopes">What the request needed.</param>
    internal bool Learn(HttpResponseHeaders headers, AuthenticationHeaderValue? used, IReadOnlyList<string> scopes)
    {
        if (!string.IsNullOrEmpty(credentials.RegistryToken) || AuthChallenge.Choose(headers) is not { } challenge)
            return false;
        if (used?.Scheme == "Basic" && challenge.Scheme == "basic")
            return false;
        _challenge = challenge;
        if (used?.Scheme == "Bearer")
            cache.Reject(KeyOf(challenge, scopes), used.Parameter!);
        _demanded[string.Join(' ', scopes)] = [.. challenge.Scopes];
        return true;
    }

    private async Task<BearerToken> TokenAsync(AuthChallenge challenge, IReadOnlyList<string> scopes, RegistrySubject subject,
        CancellationToken cancellation)
    {
        var key = KeyOf(challenge, scopes);
        if (cache.Find(key) is { } token)
            return token;
        // The layers of one image need the same token at the same time: one fetches it, the others find it.
        await _fetching.WaitAsync(cancellation);
        try
        {
            if (cache.Find(key) is { } fetched)
                return fetched;
            token = await service.FetchAsync(endpoint, challenge, credentials, AllOf(scopes), offline: false, subject, cancellation);
            cache.Add(key, token);
            return token;
        }
        finally
        {
            _fetching.Release();
        }
    }

    private TokenCache.Key KeyOf(AuthChallenge challenge, IReadOnlyList<string> scopes) =>
        new(challenge.Realm, challenge.Service, credentials, string.Join(' ', AllOf(scopes)));

    /// <summary>What the request needs, and what the registry said that it needs.</summary>
    private IReadOnlyList<string> AllOf(IReadOnlyList<string> scopes) =>
        TokenScopes.Merge(scopes, _demanded.TryGetValue(string.Join(' ', scopes), out var demanded) ? demanded : []);
}
