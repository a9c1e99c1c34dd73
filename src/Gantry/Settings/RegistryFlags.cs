using Gantry.Cli.Flags;
using Gantry.Registry.Client.Hosts;

namespace Gantry.Settings;

/// <summary>The flags for registries: which are trusted how far, and how much is asked of them at once.</summary>
internal sealed class RegistryFlags(FlagSet flags)
{
    private readonly ListFlag<string> _insecure = flags.List(
        "insecure-registry", "Registry that may be reached by plain HTTP, or by HTTPS without a valid certificate");
    private readonly ListFlag<string> _mirrors = flags.List("registry-mirror", "Mirror of docker.io to ask first");
    private readonly ListFlag<string> _certificates = flags.List(
        "certs-dir", "Folder with certificates and hosts.toml of registries, the first that knows one counts (default /etc/gantry/certs.d, /etc/docker/certs.d)");
    private readonly ValueFlag<long> _downloads = flags.Int("max-concurrent-downloads", "Layers fetched at the same time", 3);
    private readonly ValueFlag<long> _uploads = flags.Int("max-concurrent-uploads", "Layers of a push sent at the same time", 5);
    private readonly ValueFlag<long> _attempts = flags.Int(
        "max-download-attempts", "How often a request to a registry is made that fails; one that was broken off counts anew when it brings more", 5);
    private readonly ValueFlag<TimeSpan> _keepPartial = flags.Value(
        "keep-partial", '\0', "duration", "How long unfinished downloads stay, to be resumed", DaemonOptions.ParseKeeping, TimeSpan.FromHours(24), "24h");

    /// <summary>Those that need no certificate.</summary>
    public IReadOnlyList<string> Insecure => _insecure.Values;

    /// <summary>Mirrors of docker.io.</summary>
    public IReadOnlyList<string> Mirrors => _mirrors.Values;

    /// <summary>Where certificates are: our own folder first; what was set up for docker counts as well.</summary>
    public IReadOnlyList<string> CertificateFolders =>
        _certificates.Values.Count > 0 ? [.. _certificates.Values] : ["/etc/gantry/certs.d", RegistryHostOptions.DockerFolder];

    /// <summary>How many layers are fetched at once.</summary>
    public int ConcurrentDownloads => AtLeastOne(_downloads);

    /// <summary>How many layers of a push are sent at once.</summary>
    public int ConcurrentUploads => AtLeastOne(_uploads);

    /// <summary>How often a request is made before it counts as failed.</summary>
    public int DownloadAttempts => AtLeastOne(_attempts);

    /// <summary>How long unfinished downloads stay.</summary>
    public TimeSpan KeepPartial => _keepPartial.Value;

    private static int AtLeastOne(ValueFlag<long> flag) => flag.Value is > 0 and <= 1000
        ? (int)flag.Value
        : throw new UsageException($"invalid number of --{flag.Name}: {flag.Value}");
}
