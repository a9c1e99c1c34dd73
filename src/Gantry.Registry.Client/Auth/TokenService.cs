using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gantry.Oci;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Hosts;
using Gantry.Registry.Client.Transport;

namespace Gantry.Registry.Client.Auth;

/// <summary>
/// Gets bearer tokens from the service that a registry names: by GET with the user's password or without any, by OAuth 2 POST with an
/// identity token (distribution's token and OAuth specifications).
/// </summary>
internal sealed class TokenService(RegistryTransport transport, RegistryClientOptions options)
{
    private const string ClientId = "docker";
    private const int LongestAnswer = 1 << 20;

    /// <param name="endpoint">The endpoint whose challenge it is.</param>
    /// <param name="challenge">Where to ask.</param>
    /// <param name="credentials">Who asks.</param>
    /// <param name="scopes">What the token has to allow.</param>
    /// <param name="offline">Whether a lasting token is wanted as well.</param>
    /// <param name="subject">What it is about, for errors.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="RegistryException">The service refuses or is not understood.</exception>
    /// <exception cref="NetworkException">There is no answer.</exception>
    internal async Task<BearerToken> FetchAsync(
        RegistryEndpoint endpoint, AuthChallenge challenge, RegistryCredentials credentials, IReadOnlyList<string> scopes, bool offline,
        RegistrySubject subject, CancellationToken cancellation)
    {
        var realm = Realm(endpoint, challenge, subject);
        var request = string.IsNullOrEmpty(credentials.IdentityToken)
            ? ByGet(realm, challenge, credentials, scopes, offline)
            : ByPost(realm, challenge, credentials.IdentityToken, scopes);
        // The endpoint of the realm is of its own: the registry's headers and client certificates are not for another host.
        var home = realm.Authority == endpoint.Authority;
        var service = new RegistryEndpoint
        {
            Base = new Uri(realm.GetLeftPart(UriPartial.Authority)),
            IsInsecure = endpoint.IsInsecure,
            Tls = home ? endpoint.Tls : endpoint.Tls with { ClientCertificates = [] },
        };
        var authorization = request.Content is null && credentials.HasPassword
            ? new AuthenticationHeaderValue("Basic", credentials.Basic) : null;
        using var response = await transport.SendAsync(service, request, authorization, subject, cancellation);
        if (!response.IsSuccess)
            throw await ExplainAsync(response, request, credentials, subject, cancellation);
        return await ReadAsync(response, subject, cancellation);
    }

    private static Uri Realm(RegistryEndpoint endpoint, AuthChallenge challenge, RegistrySubject subject)
    {
        if (!Uri.TryCreate(challenge.Realm, UriKind.Absolute, out var realm) || realm.Scheme is not ("http" or "https"))
            throw RegistryException.Broken(subject, $"the registry names \"{challenge.Realm}\" as its token service, which is no address");
        if (realm.Scheme == Uri.UriSchemeHttp && endpoint.Base.Scheme == Uri.UriSchemeHttps && !endpoint.IsInsecure)
            throw RegistryException.Broken(subject,
                $"the token service {realm.GetLeftPart(UriPartial.Path)} is not to be reached by https: credentials are not sent to it");
        return realm;
    }

    private static RegistryRequest ByGet(Uri realm, AuthChallenge challenge, RegistryCredentials credentials, IReadOnlyList<string> scopes,
        bool offline)
    {
        var query = new StringBuilder(realm.Query.Length > 1 ? realm.Query : "?");
        void Add(string name, string value) =>
            query.Append(query.Length > 1 ? "&" : "").Append(name).Append('=').Append(Uri.EscapeDataString(value));
        if (challenge.Service is { } service)
            Add("service", service);
        foreach (var scope in scopes)
            Add("scope", scope);
        if (credentials.HasPassword)
            Add("account", credentials.Username!);
        if (offline)
        {
            Add("offline_token", "true");
            Add("client_id", ClientId);
        }
        return new RegistryRequest(HttpMethod.Get,
            realm.GetLeftPart(UriPartial.Path) + (query.Length > 1 ? query : "")) { Action = RegistryAction.Login };
    }

    private static RegistryRequest ByPost(Uri realm, AuthChallenge challenge, string identityToken, IReadOnlyList<string> scopes)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "refresh_token",
            ["service"] = challenge.Service ?? "",
            ["client_id"] = ClientId,
            ["refresh_token"] = identityToken,
        };
        if (scopes.Count > 0)
            form["scope"] = string.Join(' ', scopes);
        return new RegistryRequest(HttpMethod.Post, realm.AbsoluteUri)
        {
            Action = RegistryAction.Login,
            Content = () => new FormUrlEncodedContent(form),
        };
    }

    private async Task<BearerToken> ReadAsync(RegistryResponse response, RegistrySubject subject, CancellationToken cancellation)
    {
        var body = await response.ReadBodyAsync(LongestAnswer, cancellation)
            ?? throw RegistryException.Broken(subject, $"the token service {response.Address.Host} sent more than {LongestAnswer} bytes");
        TokenDocument? document;
        try
        {
            document = JsonSerializer.Deserialize(body, RegistryJson.Default.TokenDocument);
        }
        catch (JsonException error)
        {
            throw RegistryException.Broken(subject,
                $"the answer of the token service {response.Address.Host} is not understood: {error.Message}", error);
        }
        var token = string.IsNullOrEmpty(document?.Token) ? document?.AccessToken : document.Token;
        if (string.IsNullOrEmpty(token) || token.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw RegistryException.Broken(subject, $"the token service {response.Address.Host} sent no usable token");
        // Renewed a little early: it has to last until the registry has looked at it.
        var seconds = Math.Clamp(document!.ExpiresIn ?? 60, 60, 86400) * 0.9;
        return new BearerToken(token, options.Time.GetUtcNow().AddSeconds(seconds), document.RefreshToken);
    }

    private async Task<RegistryException> ExplainAsync(
        RegistryResponse response, RegistryRequest request, RegistryCredentials credentials, RegistrySubject subject,
        CancellationToken cancellation)
    {
        var failure = await ResponseFailure.ReadAsync(response, request, subject, options.Time.GetUtcNow(), cancellation);
        if (response.Status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.BadRequest))
            return failure;
        var said = failure.Errors.Count > 0 ? failure.Errors[0].Message : "";
        if (said.Length == 0)
            said = credentials == RegistryCredentials.Anonymous ? "authentication required" : "incorrect username or password";
        return new RegistryException(ErrorKind.Unauthorized, subject, $"{subject}: unauthorized: {said}") { Status = response.Status,
            Errors = failure.Errors };
    }
}
