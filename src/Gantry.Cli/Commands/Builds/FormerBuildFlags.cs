using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands.Builds;

/// <summary>Flags of docker's classic builder that its present one takes and has no use for.</summary>
internal sealed class FormerBuildFlags(FlagSet flags)
{
    private readonly ValueFlag<string> _isolation = flags.Add(
        new ValueFlag<string>("isolation", '\0', "string", "Container isolation technology", static text => text, "") { Hidden = true });
    private readonly ListFlag<string> _securityOpt = flags.Add(
        new ListFlag<string>("security-opt", '\0', "list", "Security options", static text => text) { Hidden = true });
    private readonly BoolFlag _squash = flags.Add(new BoolFlag("squash", '\0', "Squash newly built layers into a single new layer") { Hidden = true });

    /// <summary>What docker's client says of those that are given.</summary>
    public IEnumerable<string> Warnings
    {
        get
        {
            if (_isolation.Value.Length > 0)
                yield return "isolation flag is deprecated with BuildKit.";
            if (_securityOpt.Values.Count > 0)
                yield return "security-opt flag is deprecated. \"RUN --security=insecure\" should be used with BuildKit.";
            if (_squash.Value)
                yield return "experimental flag squash is removed with BuildKit. You should squash inside build using a multi-stage Dockerfile for efficiency.";
        }
    }
}
