using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Registry.Client.Hosts;

/// <summary>
/// Says where a registry is to be found: its mirrors in order, itself last. The files are read each time, so that a changed mirror or
/// certificate counts from the next pull on without a restart.
/// </summary>
public sealed class RegistryHosts
{
    /// <summary>Where docker.io's API is.</summary>
    private const string DockerHub = "registry-1.docker.io";

    private readonly IReadOnlyList<string> _folders;
    private readonly InsecureRegistries _insecure;
    private readonly IReadOnlyList<Uri> _mirrors;

    /// <summary>Takes the administrator's options.</summary>
    /// <exception cref="GantryException">An option is malformed.</exception>
    public RegistryHosts(RegistryHostOptions options)
    {
        _folders = options.Folders;
        _insecure = new InsecureRegistries(options.InsecureRegistries);
        _mirrors = [.. options.RegistryMirrors.Select(ParseMirror)];
    }

    /// <summary>The endpoints of a registry in the order in which to ask them.</summary>
    /// <param name="registry">The domain of an image's name, e.g. <c>docker.io</c> or <c>localhost:5000</c>.</param>
    /// <param name="cancellation">Ends the look-up of the name.</param>
    /// <exception cref="GantryException">A file about this registry is not understood.</exception>
    public async Task<IReadOnlyList<RegistryEndpoint>> ResolveAsync(string registry, CancellationToken cancellation = default)
    {
        var endpoints = new List<RegistryEndpoint>();
        RegistryEndpoint? server = null;
        if (FindFile(registry) is { } file)
        {
            (var mirrors, server) = HostsFile.Read(file, registry);
            foreach (var mirror in mirrors)
                endpoints.Add(await CompleteAsync(mirror, cancellation));
        }
        if (registry == ImageReference.DefaultDomain)
        {
            foreach (var mirror in _mirrors)
                endpoints.AddRange(await EndpointsAsync(mirror, cancellation));
        }
        if (server is not null && server.Base.Host == ImageReference.DefaultDomain)
            server = server with { Base = new UriBuilder(server.Base) { Host = DockerHub }.Uri };
        if (server is not null && !IsOfRegistry(server, registry))
            server = server with { IsMirror = true };
        if (server is null)
            endpoints.AddRange(await EndpointsAsync(registry, cancellation));
        else
            endpoints.Add(await CompleteAsync(server, cancellation));
        return endpoints;
    }

    /// <summary>
    /// A server that a manifest names as the place of a layer. Authorities and insecure hosts count as for a registry there; nobody shows it a
    /// certificate of his own.
    /// </summary>
    internal async Task<RegistryEndpoint> ElsewhereAsync(Uri address, CancellationToken cancellation)
    {
        var insecure = await _insecure.IncludeAsync(address.Authority, cancellation);
        return new RegistryEndpoint
        {
            Base = new Uri(address, "/"),
            IsInsecure = insecure,
            Tls = Certificates(address.Authority) with { ClientCertificates = [], SkipVerify = insecure },
        };
    }

    /// <summary>
    /// Credentials are for the registry, wherever the administrator says that it is; not for a server under another name.
    /// </summary>
    private static bool IsOfRegistry(RegistryEndpoint server, string registry) =>
        server.Base.Authority.Equals(new Uri($"{server.Base.Scheme}://{HostOf(registry)}").Authority, StringComparison.OrdinalIgnoreCase);

    private static string HostOf(string registry) => registry == ImageReference.DefaultDomain ? DockerHub : registry;

    /// <summary>A registry by its name: HTTPS, and for an insecure one any certificate, then plain HTTP.</summary>
    private async Task<IEnumerable<RegistryEndpoint>> EndpointsAsync(string registry, CancellationToken cancellation)
    {
        var host = HostOf(registry);
        var insecure = await _insecure.IncludeAsync(host, cancellation);
        var tls = Certificates(host, registry);
        var secured = new RegistryEndpoint
        {
            Base = new Uri($"https://{host}/v2/"),
            Tls = tls with { SkipVerify = insecure },
            IsInsecure = insecure,
        };
        return insecure ? [secured, secured with { Base = new Uri($"http://{host}/v2/"), Tls = EndpointTls.Default }] : [secured];
    }

    /// <summary>A mirror by its address: what it says about TLS counts, an insecure one may have any certificate.</summary>
    private async Task<IEnumerable<RegistryEndpoint>> EndpointsAsync(Uri mirror, CancellationToken cancellation)
    {
        var insecure = await _insecure.IncludeAsync(mirror.Authority, cancellation);
        var plain = mirror.Scheme == Uri.UriSchemeHttp;
        return [new RegistryEndpoint
        {
            Base = new Uri(mirror, "v2/"),
            Capabilities = EndpointCapabilities.Pull | EndpointCapabilities.Resolve,
            Tls = plain ? EndpointTls.Default : Certificates(mirror.Authority) with { SkipVerify = insecure },
            IsInsecure = plain || insecure,
            IsMirror = true,
        }];
    }

    private async Task<RegistryEndpoint> CompleteAsync(RegistryEndpoint endpoint, CancellationToken cancellation)
    {
        var own = Certificates(endpoint.Authority);
        var insecure = endpoint.IsInsecure || await _insecure.IncludeAsync(endpoint.Authority, cancellation);
        return endpoint with
        {
            IsInsecure = insecure,
            Tls = new EndpointTls
            {
                AuthorityFiles = [.. endpoint.Tls.AuthorityFiles, .. own.AuthorityFiles],
                ClientCertificates = [.. endpoint.Tls.ClientCertificates, .. own.ClientCertificates],
                SkipVerify = endpoint.Tls.SkipVerify || insecure,
            },
        };
    }

    private EndpointTls Certificates(params string[] names)
    {
        var folder = names.Select(Find).FirstOrDefault(found => found is not null);
        return folder is null ? EndpointTls.Default : CertificateFolder.Read(folder);
    }

    private string? FindFile(string registry) => new[] { registry, "_default" }
        .SelectMany(name => _folders.Select(folder => Path.Combine(folder, name, "hosts.toml"))).FirstOrDefault(File.Exists);

    private string? Find(string name) => _folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(Directory.Exists);

    private static Uri ParseMirror(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw GantryException.Invalid($"invalid mirror: {text} is no address such as https://mirror.example.com");
        if (uri.UserInfo.Length > 0)
            throw GantryException.Invalid($"invalid mirror: username/password not allowed in URI \"{uri.Scheme}://xxxxx@{uri.Authority}\"");
        return uri.AbsolutePath.Length > 1 || uri.Query.Length + uri.Fragment.Length > 0
            ? throw GantryException.Invalid($"invalid mirror: path, query, or fragment at end of the URI \"{text}\"")
            : uri;
    }
}
