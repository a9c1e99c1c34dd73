using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Gantry.Client.Connections;

/// <summary>How a TCP connection to a daemon is secured.</summary>
/// <param name="AuthorityFile">PEM file of the authorities that may sign the daemon's certificate, or null for the system's.</param>
/// <param name="CertificateFile">PEM file of the client's certificate, or null for none.</param>
/// <param name="KeyFile">PEM file of the client's private key.</param>
/// <param name="Verify">Whether the daemon has to prove who it is (<c>--tlsverify</c>); <c>--tls</c> alone only encrypts.</param>
public sealed record TlsOptions(string? AuthorityFile, string? CertificateFile, string? KeyFile, bool Verify)
{
    /// <summary>Speaks TLS over <paramref name="transport"/>, which the result owns.</summary>
    /// <exception cref="AuthenticationException">The daemon's certificate is not acceptable.</exception>
    public async ValueTask<Stream> SecureAsync(Stream transport, string host, CancellationToken cancellation)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = host };
        if (CertificateFile is not null && File.Exists(CertificateFile))
            options.ClientCertificates = [X509Certificate2.CreateFromPemFile(CertificateFile, KeyFile)];
        options.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
            !Verify || IsTrusted(certificate as X509Certificate2, errors);
        var secure = new SslStream(transport);
        await secure.AuthenticateAsClientAsync(options, cancellation).ConfigureAwait(false);
        return secure;
    }

    private bool IsTrusted(X509Certificate2? certificate, SslPolicyErrors errors)
    {
        if (AuthorityFile is null || errors == SslPolicyErrors.None)
            return errors == SslPolicyErrors.None;
        // The name must match even where the authority is a private one.
        if (certificate is null || errors != SslPolicyErrors.RemoteCertificateChainErrors)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(AuthorityFile);
        return chain.Build(certificate);
    }
}
