using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gantry.Registry.Client.Transport;

/// <summary>Verifies a server's certificate against the system's authorities and those of the endpoint.</summary>
internal sealed class CertificateValidator(X509Certificate2Collection authorities, bool skip)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>True when the certificate may be trusted.</summary>
    /// <exception cref="AuthenticationException">It may not; the message is the one that Go's programs print, which scripts look
    /// for.</exception>
    internal bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (skip || errors == SslPolicyErrors.None)
            return true;
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) || certificate is null)
            throw new AuthenticationException("tls: the server sent no certificate");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            throw new AuthenticationException(
                $"tls: failed to verify certificate: x509: certificate is not valid for this name, but for {Names(certificate)}");
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(authorities);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        foreach (var element in chain?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
            own.ChainPolicy.ExtraStore.Add(element.Certificate);
        using var subject = new X509Certificate2(certificate);
        if (authorities.Count > 0 && own.Build(subject))
            return true;
        var expired = subject.NotAfter < DateTime.Now || subject.NotBefore > DateTime.Now;
        throw new AuthenticationException("tls: failed to verify certificate: x509: "
            + (expired ? "certificate has expired or is not yet valid" : "certificate signed by unknown authority"));
    }

    private static string Names(X509Certificate certificate)
    {
        using var subject = new X509Certificate2(certificate);
        var names = subject.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension =>
                extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString()))).ToList();
        return names.Count == 0 ? subject.Subject : string.Join(", ", names);
    }
}
