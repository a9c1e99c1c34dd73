using Gantry.Cli.Flags;

namespace Gantry.Cli.Session;

/// <summary>The flags before the command's name.</summary>
internal sealed class GlobalOptions
{
    public GlobalOptions(FlagSet flags)
    {
        flags.Interspersed = false;
        Flags = flags;
        Config = flags.String("config", "Folder of the client's configuration (default \"~/.docker\")");
        Context = flags.String("context", 'c', "Name of the context to connect with (overrides DOCKER_HOST and the\ncontext in use)");
        Debug = flags.Bool("debug", 'D', "Tell where a command failed, and why in full");
        Host = flags.List("host", 'H', "Address of the daemon");
        LogLevel = flags.String("log-level", 'l', "Level of messages; debug is the same as --debug (\"debug\", \"info\", \"warn\", \"error\", \"fatal\")",
            "info");
        Tls = flags.Bool("tls", "Use TLS; implied by --tlsverify");
        Authority = flags.String("tlscacert", "Trust only daemons whose certificate this authority signed");
        Certificate = flags.String("tlscert", "File with the client's certificate");
        Key = flags.String("tlskey", "File with the client's private key");
        TlsVerify = flags.Bool("tlsverify", "Use TLS and verify the daemon");
        Version = flags.Bool("version", 'v', "Print the version and quit");
    }

    public FlagSet Flags { get; }

    /// <summary>Whether a failure is told with all that is known of it.</summary>
    public bool TellsMore => Debug.Value || LogLevel.Value is "debug";

    /// <summary>Whether the level of messages is one of docker's.</summary>
    public bool HasKnownLogLevel => LogLevel.Value is "debug" or "info" or "warn" or "error" or "fatal";

    public ValueFlag<string> Config { get; }

    public ValueFlag<string> Context { get; }

    public BoolFlag Debug { get; }

    public ListFlag<string> Host { get; }

    public ValueFlag<string> LogLevel { get; }

    public BoolFlag Tls { get; }

    public ValueFlag<string> Authority { get; }

    public ValueFlag<string> Certificate { get; }

    public ValueFlag<string> Key { get; }

    public BoolFlag TlsVerify { get; }

    public BoolFlag Version { get; }
}
