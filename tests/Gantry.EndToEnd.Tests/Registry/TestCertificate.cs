using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gantry.EndToEnd.Tests.Registry;

/// <summary>A certificate of a server, signed by itself.</summary>
internal sealed class TestCertificate : IDisposable
{
    private readonly X509Certificate2 _certificate;

    /// <summary>Makes one for a name and for loopback.</summary>
    public TestCertificate(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    public SslServerAuthenticationOptions Server => new() { ServerCertificate = _certificate };

    /// <summary>As a file of an authority has it.</summary>
    public string Pem => _certificate.ExportCertificatePem();

    public void Dispose() => _certificate.Dispose();
}
