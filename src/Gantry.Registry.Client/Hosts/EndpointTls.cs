using System.Globalization;

namespace Gantry.Registry.Client.Hosts;

/// <summary>A client certificate as two PEM files.</summary>
/// <param name="Certificate">The certificate and its intermediates.</param>
/// <param name="Key">Its private key; the same file when it holds both.</param>
public sealed record ClientCertificateFiles(string Certificate, string Key);

/// <summary>How TLS to one endpoint is done.</summary>
public sealed record EndpointTls
{
    /// <summary>The system's authorities, no client certificate.</summary>
    public static EndpointTls Default { get; } = new();

    /// <summary>PEM files of authorities that are trusted besides the system's.</summary>
    public IReadOnlyList<string> AuthorityFiles { get; init; } = [];

    /// <summary>Certificates that prove who we are.</summary>
    public IReadOnlyList<ClientCertificateFiles> ClientCertificates { get; init; } = [];

    /// <summary>Whether any certificate of the server is accepted.</summary>
    public bool SkipVerify { get; init; }

    /// <summary>
    /// Equal for settings that may share connections. The files' times are part of it: a replaced certificate is used from the next pull
    /// on.
    /// </summary>
    internal string Identity => string.Join('\n', [
        SkipVerify ? "any" : "verified",
        .. AuthorityFiles.Select(Stamp),
        "--",
        .. ClientCertificates.SelectMany(pair => new[] { Stamp(pair.Certificate), Stamp(pair.Key) }),
    ]);

    private static string Stamp(string file) => file + "@" + File.GetLastWriteTimeUtc(file).Ticks.ToString(CultureInfo.InvariantCulture);
}
