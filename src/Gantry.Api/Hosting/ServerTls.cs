using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Gantry.Oci;

namespace Gantry.Api.Hosting;

/// <summary>TLS on `tcp://` addresses.</summary>
/// <param name="CertificateFile">PEM file of the server's certificate.</param>
/// <param name="KeyFile">PEM file of its private key.</param>
/// <param name="AuthorityFile">PEM file of the authorities that sign clients' certificates; null: clients need none.</param>
public sealed record ServerTls(string CertificateFile, string KeyFile, string? AuthorityFile)
{
    /// <summary>Reads the files.</summary>
    /// <exception cref="GantryException">One cannot be read (400).</exception>
    public SslServerAuthenticationOptions Load()
    {
        var options = new SslServerAuthenticationOptions
        {
            // SslStream on Linux needs the key in the certificate that it is given.
            ServerCertificate = Read("could not load X509 key pair", () => X509Certificate2.CreateFromPemFile(CertificateFile, KeyFile)),
        };
        if (AuthorityFile is not { } file) return options;
        var authorities = new X509Certificate2Collection();
        Read("could not read CA certificate", () =>
        {
            authorities.ImportFromPemFile(file);
            return authorities;
        });
        options.ClientCertificateRequired = true;
        options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 client && IsTrusted(client, authorities);
        return options;
    }

    private static bool IsTrusted(X509Certificate2 client, X509Certificate2Collection authorities)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        const string ClientAuthentication = "1.3.6.1.5.5.7.3.2"; // RFC 5280, 4.2.1.12
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid(ClientAuthentication));
        return chain.Build(client);
    }

    private static T Read<T>(string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is System.Security.Cryptography.CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw GantryException.Invalid($"{what}: {e.Message}", e);
        }
    }
}
