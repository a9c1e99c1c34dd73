using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands.Compose;

/// <summary>The flags between <c>compose</c> and its command.</summary>
internal sealed class ComposeFlags(FlagSet flags)
{
    public BoolFlag AllResources { get; } = flags.Bool("all-resources", "Include all resources, even those not used by services");

    public ValueFlag<string> Ansi { get; } = flags.String("ansi", "Control when to print ANSI control characters (\"never\"|\"always\"|\"auto\")", "auto");

    public BoolFlag Compatibility { get; } = flags.Bool("compatibility", "Run compose in backward compatibility mode");

    public BoolFlag DryRun { get; } = flags.Bool("dry-run", "Execute command in dry run mode");

    public ListFlag<string> EnvFiles { get; } = flags.List("env-file", "Specify an alternate environment file");

    public ListFlag<string> Files { get; } = flags.List("file", 'f', "Compose configuration files");

    public ValueFlag<long> Parallel { get; } = flags.Int("parallel", "Control max parallelism, -1 for unlimited", -1);

    public ListFlag<string> Profiles { get; } = flags.List("profile", "Specify a profile to enable");

    public ValueFlag<string> Progress { get; } = flags.String("progress", "Set type of progress output (auto, tty, plain, json, quiet)");

    public ValueFlag<string> ProjectFolder { get; } =
        flags.String("project-directory", "Specify an alternate working directory\n(default: the path of the, first specified, Compose file)");

    public ValueFlag<string> ProjectName { get; } = flags.String("project-name", 'p', "Project name");

    public BoolFlag Version { get; } = flags.Add(new BoolFlag("version", 'v', "Show the version information") { Hidden = true });
}
