using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Auth;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Hosts;
using Gantry.Registry.Client.Listing;
using Gantry.Registry.Client.Pull;
using Gantry.Registry.Client.Transport;

namespace Gantry.Registry.Client;

/// <summary>
/// A client of OCI registries (distribution-spec 1.1) and of Docker's (HTTP API V2). One serves a whole daemon: it holds the connections
/// and the tokens. It stores nothing. Safe for use by several threads.
/// </summary>
public sealed class RegistryClient : IDisposable
{
    private readonly RegistryClientOptions _options;
    private volatile RegistryHosts _hosts;
    private readonly RegistryTransport _transport;
    private readonly TokenService _tokens;
    private readonly TokenCache _cache;

    /// <summary>Makes a client; nothing is connected yet.</summary>
    /// <exception cref="GantryException">An option is malformed.</exception>
    public RegistryClient(RegistryClientOptions options)
    {
        _options = options;
        _hosts = new RegistryHosts(options.Hosts);
        _transport = new RegistryTransport(options);
        _tokens = new TokenService(_transport, options);
        _cache = new TokenCache(options.Time);
    }

    /// <summary>Takes other mirrors and insecure registries from now on; what is under way goes on as it began.</summary>
    /// <exception cref="GantryException">An option is malformed; then nothing changes.</exception>
    public void Change(RegistryHostOptions hosts) => _hosts = new RegistryHosts(hosts);

    /// <summary>A repository, for the length of one pull or push: it remembers which endpoints were of no use.</summary>
    /// <param name="name">Any reference to the repository; tag and digest do not matter here.</param>
    /// <param name="credentials">Who pulls or pushes; null for nobody.</param>
    /// <param name="cancellation">Ends the look-up of the registry.</param>
    /// <exception cref="GantryException">A file about the registry (hosts.toml, a certificate) is not understood.</exception>
    public async Task<RegistryRepository> RepositoryAsync(ImageReference name, RegistryCredentials? credentials = null,
        CancellationToken cancellation = default)
    {
        var router = Router(await _hosts.ResolveAsync(name.Domain, cancellation), credentials);
        return new RegistryRepository(router, new RegistrySubject(name.Domain, name.Path), _options);
    }

    /// <summary>Finds out whether credentials are good.</summary>
    /// <param name="registry">The registry, e.g. <c>docker.io</c>.</param>
    /// <param name="credentials">Name and password, or an identity token.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>The identity token to keep instead of the password, or an empty text when the registry has none.</returns>
    /// <exception cref="RegistryException">They are not, or the registry cannot be asked.</exception>
    public async Task<string> CheckLoginAsync(string registry, RegistryCredentials credentials, CancellationToken cancellation = default)
    {
        var subject = new RegistrySubject(registry);
        var login = new RegistryLogin(_transport, _tokens, _options);
        RegistryException? failure = null;
        foreach (var endpoint in (await _hosts.ResolveAsync(registry, cancellation)).Where(endpoint => !endpoint.IsMirror))
        {
            try
            {
                return await login.CheckAsync(endpoint, credentials, subject, cancellation);
            }
            catch (NetworkException error)
            {
                failure = new RegistryException(ErrorKind.Unavailable, subject, error.Message, error);
                if (error.WasConnected)
                    throw failure;
            }
        }
        throw failure ?? new RegistryException(ErrorKind.InvalidArgument, subject,
            $"{registry}: its hosts.toml names only mirrors: there is nothing to log in to");
    }

    /// <summary>All repositories of a registry that lists them.</summary>
    /// <exception cref="RegistryException">It does not, or cannot be asked.</exception>
    public async Task<IReadOnlyList<string>> CatalogAsync(string registry, RegistryCredentials? credentials = null,
        CancellationToken cancellation = default)
    {
        var endpoints = (await _hosts.ResolveAsync(registry, cancellation)).Where(endpoint => !endpoint.IsMirror);
        return await NameLister.RepositoriesAsync(Router(endpoints, credentials), new RegistrySubject(registry), cancellation);
    }

    /// <summary>Searches a registry for repositories.</summary>
    /// <param name="registry">The registry, e.g. <c>docker.io</c>.</param>
    /// <param name="term">What to look for.</param>
    /// <param name="limit">How many results at most, 1 to 100.</param>
    /// <param name="credentials">Who searches; null for nobody.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="RegistryException">It has no search, or cannot be asked.</exception>
    public async Task<IReadOnlyList<SearchResult>> SearchAsync(
        string registry, string term, int limit, RegistryCredentials? credentials = null, CancellationToken cancellation = default)
    {
        if (limit is < 1 or > 100)
            throw GantryException.Invalid($"limit {limit} is outside the range of [1, 100]");
        var endpoints = (await _hosts.ResolveAsync(registry, cancellation)).Where(endpoint => !endpoint.IsMirror).Select(endpoint =>
            ImageSearch.At(endpoint, registry));
        return await ImageSearch.SearchAsync(Router(endpoints, credentials), new RegistrySubject(registry), term, limit, cancellation);
    }

    /// <summary>Opens what lies at an address of a web server, as nobody; a proxy is used as for registries.</summary>
    /// <param name="address">The address, with http:// or https://; without either, plain HTTP is meant.</param>
    /// <param name="cancellation">Ends the call, not the reading.</param>
    /// <exception cref="GantryException">It is no address, or there is nothing.</exception>
    public async Task<Stream> OpenUrlAsync(string address, CancellationToken cancellation = default)
    {
        var whole = address.Contains("://", StringComparison.Ordinal) ? address : "http://" + address;
        if (!Uri.TryCreate(whole, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
            throw GantryException.Invalid($"invalid address \"{address}\": give one such as https://example.com/root.tar.gz");
        var endpoint = await _hosts.ElsewhereAsync(uri, cancellation);
        return await UrlFetcher.OpenAsync(Session(endpoint, null), uri, cancellation);
    }

    private EndpointRouter Router(IEnumerable<RegistryEndpoint> endpoints, RegistryCredentials? credentials) =>
        new([.. endpoints.Select(endpoint => Session(endpoint, credentials))], async (foreign, cancellation) =>
            Session(await _hosts.ElsewhereAsync(foreign, cancellation), null));

    /// <summary>A mirror never sees the user's credentials: it is another party than the one they were made for.</summary>
    private EndpointSession Session(RegistryEndpoint endpoint, RegistryCredentials? credentials)
    {
        var own = endpoint.IsMirror ? RegistryCredentials.Anonymous : credentials ?? RegistryCredentials.Anonymous;
        return new EndpointSession(endpoint, new EndpointAuthenticator(endpoint, own, _tokens, _cache), _transport, _options);
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _transport.Dispose();
}
