using System.Net;
using System.Net.Http.Headers;
using Gantry.Oci;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Hosts;
using Gantry.Registry.Client.Transport;

namespace Gantry.Registry.Client.Auth;

/// <summary>Finds out whether credentials are good, by asking for the API's root with them.</summary>
internal sealed class RegistryLogin(RegistryTransport transport, TokenService tokens, RegistryClientOptions options)
{
    /// <summary>The identity token that replaces the password from now on, or an empty text when the registry has none.</summary>
    /// <exception cref="RegistryException">The credentials are wrong, or the registry cannot be asked.</exception>
    /// <exception cref="NetworkException">There is no answer.</exception>
    internal async Task<string> CheckAsync(RegistryEndpoint endpoint, RegistryCredentials credentials, RegistrySubject registry,
        CancellationToken cancellation)
    {
        var request = new RegistryRequest(HttpMethod.Get, endpoint.Base.AbsoluteUri) { Action = RegistryAction.Login };
        AuthChallenge challenge;
        using (var first = await transport.SendAsync(endpoint, request, null, registry, cancellation))
        {
            if (first.IsSuccess)
                return "";
            if (first.Status != HttpStatusCode.Unauthorized || AuthChallenge.Choose(first.Message.Headers) is not { } asked)
                throw await ResponseFailure.ReadAsync(first, request, registry, options.Time.GetUtcNow(), cancellation);
            challenge = asked;
        }
        var token = challenge.Scheme == "basic" ? null : await FetchAsync(endpoint, challenge, credentials, registry, cancellation);
        var authorization = token is null ? new AuthenticationHeaderValue("Basic", credentials.Basic)
            : new AuthenticationHeaderValue("Bearer", token.Value);
        using var response = await transport.SendAsync(endpoint, request, authorization, registry, cancellation);
        if (response.IsSuccess)
            return token?.RefreshToken ?? "";
        if (response.Status != HttpStatusCode.Unauthorized)
            throw await ResponseFailure.ReadAsync(response, request, registry, options.Time.GetUtcNow(), cancellation);
        throw new RegistryException(ErrorKind.Unauthorized, registry,
            $"login attempt to {endpoint.Base} failed with status: 401 Unauthorized")
        {
            Status = response.Status,
            Errors = await response.ReadErrorsAsync(cancellation),
        };
    }

    private async Task<BearerToken> FetchAsync(
        RegistryEndpoint endpoint, AuthChallenge challenge, RegistryCredentials credentials, RegistrySubject registry,
        CancellationToken cancellation)
    {
        try
        {
            return await tokens.FetchAsync(endpoint, challenge, credentials, TokenScopes.Merge([], challenge.Scopes), offline: true,
                registry, cancellation);
        }
        catch (RegistryException error) when (error.Kind == ErrorKind.Unauthorized)
        {
            var said = error.Errors.Count > 0 ? error.Errors[0].Message : "incorrect username or password";
            throw new RegistryException(ErrorKind.Unauthorized, registry, $"Get \"{endpoint.Base}\": unauthorized: {said}",
                error) { Status = error.Status, Errors = error.Errors };
        }
    }
}
