using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gantry.Oci;
using Gantry.Registry.Client.Hosts;

namespace Gantry.Registry.Client.Transport;

/// <summary>Connections to registries, kept open between requests: one set for each way to do TLS.</summary>
internal sealed class ConnectionPool(ProxySettings proxy, TimeSpan connectTimeout) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<HttpMessageInvoker>> _sets = new(StringComparer.Ordinal);

    /// <exception cref="GantryException">A certificate cannot be read.</exception>
    internal HttpMessageInvoker For(EndpointTls tls, TimeSpan? timeout)
    {
        var key = $"{timeout}\n{tls.Identity}";
        try
        {
            return _sets.GetOrAdd(key, _ => new Lazy<HttpMessageInvoker>(() => Create(tls, timeout ?? connectTimeout))).Value;
        }
        catch (GantryException)
        {
            // The file may be mended later under the same time stamp.
            _sets.TryRemove(key, out _);
            throw;
        }
    }

    private HttpMessageInvoker Create(EndpointTls tls, TimeSpan timeout) => new(new SocketsHttpHandler
    {
        Proxy = proxy,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = timeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxResponseDrainSize = 64 << 10,
        ConnectCallback = ConnectAsync,
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificates = LoadClientCertificates(tls),
            RemoteCertificateValidationCallback = new CertificateValidator(LoadAuthorities(tls), tls.SkipVerify).Validate,
        },
    });

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        var stream = new NetworkStream(socket, ownsSocket: true);
        // Through a proxy the first bytes are the proxy's, and plain.
        var target = context.InitialRequestMessage.RequestUri!;
        var direct = target.IdnHost == context.DnsEndPoint.Host && target.Port == context.DnsEndPoint.Port;
        return direct && target.Scheme == Uri.UriSchemeHttps ? new PlainTextProbe(stream) : stream;
    }

    private static X509Certificate2Collection LoadAuthorities(EndpointTls tls)
    {
        var authorities = new X509Certificate2Collection();
        foreach (var file in tls.AuthorityFiles)
            Load(file, () => authorities.ImportFromPemFile(file));
        return authorities;
    }

    private static X509CertificateCollection LoadClientCertificates(EndpointTls tls)
    {
        var certificates = new X509CertificateCollection();
        foreach (var (certificate, key) in tls.ClientCertificates)
            Load(certificate, () => certificates.Add(X509Certificate2.CreateFromPemFile(certificate, key)));
        return certificates;
    }

    private static void Load(string file, Action load)
    {
        try
        {
            load();
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw GantryException.Invalid($"read certificate {file}: {error.Message}", error);
        }
    }

    public void Dispose()
    {
        foreach (var set in _sets.Values.Where(set => set.IsValueCreated))
            set.Value.Dispose();
        _sets.Clear();
    }
}
