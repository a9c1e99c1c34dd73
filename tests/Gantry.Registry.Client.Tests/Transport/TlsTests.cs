using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gantry.Oci.Images;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Hosts;
using Gantry.Registry.Client.Tests.Server;
using Gantry.Registry.Client.Transport;

namespace Gantry.Registry.Client.Tests.Transport;

public sealed class TlsTests : IDisposable
{
    private readonly X509Certificate2 _certificate = Create("gantry-test");

    /// <summary>Against the validator: any registry of these tests is on loopback, where every certificate is taken.</summary>
    [Fact]
    public void A_certificate_of_an_unknown_authority_is_refused()
    {
        var errors = SslPolicyErrors.RemoteCertificateChainErrors;
        using var other = Create("other");
        Assert.True(new CertificateValidator([], skip: true).Validate(this, _certificate, null, errors));
        Assert.True(new CertificateValidator([_certificate], skip: false).Validate(this, _certificate, null, errors));
        foreach (var known in new X509Certificate2Collection[] { [], [other] })
        {
            var error = Assert.Throws<AuthenticationException>(() =>
                new CertificateValidator(known, skip: false).Validate(this, _certificate, null, errors));
            Assert.EndsWith("x509: certificate signed by unknown authority", error.Message, StringComparison.Ordinal);
        }
        var misnamed = Assert.Throws<AuthenticationException>(
            () => new CertificateValidator([_certificate], skip: false).Validate(this, _certificate, null,
                errors | SslPolicyErrors.RemoteCertificateNameMismatch));
        Assert.EndsWith("not valid for this name, but for 127.0.0.1", misnamed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_untrusted_certificate_ends_a_pull_with_the_reason()
    {
        await using var world = new RegistryWorld();
        await using var registry = new TestRegistry(new SslServerAuthenticationOptions { ServerCertificate = _certificate });
        using var transport = new RegistryTransport(new RegistryClientOptions { Proxy = new ProxyOptions() });
        var (endpoint, subject) = (new RegistryEndpoint { Base = new Uri($"https://{registry.Authority}/v2/") },
            new RegistrySubject(registry.Authority));
        var request = new RegistryRequest(HttpMethod.Get, "");
        var error = await Assert.ThrowsAsync<NetworkException>(() =>
            transport.SendAsync(endpoint, request, null, subject, CancellationToken.None));
        Assert.Equal($"Get \"https://{registry.Authority}/v2/\": tls: failed to verify certificate: x509: certificate signed by unknown authority",
            error.Message);
        var trusted = endpoint
            with { Tls = new EndpointTls { AuthorityFiles = [world.Write("any", "ca.crt", _certificate.ExportCertificatePem())] } };
        using var response = await transport.SendAsync(trusted, request, null, subject, CancellationToken.None);
        Assert.Equal(HttpStatusCode.OK, response.Status);
        registry.Fault = _ => TestResponse.Text(302, "", ("Location", "http://127.0.0.1:1/"));
        var led = await Assert.ThrowsAsync<RegistryException>(() =>
            transport.SendAsync(trusted, request, null, subject, CancellationToken.None));
        Assert.Contains("redirects from https to http://127.0.0.1:1, which is refused", led.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_certificate_is_shown()
    {
        await using var world = new RegistryWorld();
        var options = Options();
        options.ClientCertificateRequired = true;
        options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        await using var registry = new TestRegistry(options);
        using var client = Create("client");
        world.Write(registry.Authority, "client.cert", client.ExportCertificatePem());
        world.Write(registry.Authority, "client.key", client.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        registry.AddImage("app", "v1", [1]);
        await (await world.Client().RepositoryAsync(ImageReference.Parse($"{registry.Authority}/app"))).FetchManifestAsync("v1");
        Assert.Equal("CN=client", registry.Server.LastClientCertificate?.Subject);
    }

    public void Dispose() => _certificate.Dispose();

    private SslServerAuthenticationOptions Options() => new() { ServerCertificate = _certificate };

    private static X509Certificate2 Create(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
