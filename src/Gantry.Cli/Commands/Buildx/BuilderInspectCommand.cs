using Gantry.Cli.Flags;
using Gantry.Cli.Session;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Buildx;

/// <summary><c>buildx inspect</c>: what the builder is.</summary>
internal sealed class BuilderInspectCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _bootstrap = flags.Bool("bootstrap", "Ensure builder has booted before inspecting: it always has");
    private readonly ValueFlag<string> _builder = BuilderFlag.Define(flags);
    private readonly BuilderTimeout _timeout = new(flags);

    public static CommandEntry Entry =>
        new(["buildx inspect"], "[NAME]", "Inspect current builder instance", ArgumentCount.AtMost(1), static flags => new BuilderInspectCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        _ = _bootstrap.Value;
        BuilderFlag.Check(arguments.Count > 0 ? arguments[0] : _builder.Value);
        var version = await _timeout.WithinAsync(() => session.Client.VersionAsync()).ConfigureAwait(false);
        session.Print($"""
            Name:   {BuilderFlag.Default}
            Driver: docker

            Nodes:
            Name:             {BuilderFlag.Default}
            Endpoint:         {session.Client.Address}
            Status:           running
            BuildKit version: gantry {version.Version}
            Platforms:        {Platform.Host}
            """);
        return 0;
    }
}
