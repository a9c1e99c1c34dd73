using Gantry.Api.Hosting;
using Gantry.Cli.Flags;

namespace Gantry.Settings;

/// <summary>The flags for TLS on tcp:// addresses.</summary>
internal sealed class TlsFlags(FlagSet flags)
{
    private readonly BoolFlag _tls = flags.Bool("tls", "Use TLS on tcp:// addresses; implied by --tlsverify");
    private readonly BoolFlag _verify = flags.Bool("tlsverify", "Use TLS, and let in clients with a certificate that --tlscacert has signed");
    private readonly ValueFlag<string> _authority = flags.String("tlscacert", "Authorities that sign clients' certificates", "/etc/gantry/ca.pem");
    private readonly ValueFlag<string> _certificate = flags.String("tlscert", "The daemon's certificate", "/etc/gantry/cert.pem");
    private readonly ValueFlag<string> _key = flags.String("tlskey", "Its private key", "/etc/gantry/key.pem");

    /// <summary>What they say; null without TLS.</summary>
    public ServerTls? Read() => _tls.Value || _verify.Value ? new ServerTls(_certificate.Value, _key.Value, _verify.Value ? _authority.Value : null) : null;
}
