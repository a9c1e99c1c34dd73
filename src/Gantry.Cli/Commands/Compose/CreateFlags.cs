using System.Globalization;
using Gantry.Cli.Flags;
using Gantry.Compose;
using Gantry.Compose.Model;
using Gantry.Compose.Running;
using Gantry.Compose.Values;

namespace Gantry.Cli.Commands.Compose;

/// <summary>The flags that <c>up</c> and <c>create</c> share.</summary>
internal sealed class CreateFlags(FlagSet flags)
{
    private readonly BoolFlag _build = flags.Bool("build", "Build images before starting containers");
    private readonly BoolFlag _force = flags.Bool("force-recreate", "Recreate containers even if their configuration and image haven't changed");
    private readonly BoolFlag _noBuild = flags.Bool("no-build", "Don't build an image, even if it's policy");
    private readonly BoolFlag _noRecreate = flags.Bool("no-recreate", "If containers already exist, don't recreate them. Incompatible with --force-recreate.");
    private readonly ValueFlag<string> _pull = flags.String("pull", "Pull image before running (\"always\"|\"missing\"|\"never\"|\"build\")", "policy");
    private readonly BoolFlag _quietBuild = flags.Bool("quiet-build", "Suppress the build output");
    private readonly BoolFlag _quietPull = flags.Bool("quiet-pull", "Pull without printing progress information");
    private readonly BoolFlag _removeOrphans = flags.Bool("remove-orphans", "Remove containers for services not defined in the Compose file");
    private readonly ListFlag<string> _scale = flags.List(
        "scale", "Scale SERVICE to NUM instances. Overrides the scale setting in the Compose file if present.");
    private readonly BoolFlag _yes = flags.Bool("yes", 'y', "Assume \"yes\" as answer to all prompts and run non-interactively");

    /// <summary>When containers are replaced.</summary>
    public RecreatePolicy Policy => _force.Value ? RecreatePolicy.Force : _noRecreate.Value ? RecreatePolicy.Never : RecreatePolicy.Diverged;

    /// <summary>Refuses flags that exclude each other.</summary>
    public void Check()
    {
        if (_build.Value && _noBuild.Value)
            throw new ComposeException("--build and --no-build are incompatible");
        if (_force.Value && _noRecreate.Value)
            throw new ComposeException("--force-recreate and --no-recreate are incompatible");
        CheckPull(_pull.Value);
    }

    /// <summary>Refuses a value of <c>--pull</c> that is none.</summary>
    public static void CheckPull(string policy)
    {
        if (policy is not ("policy" or "always" or "missing" or "never" or "build"))
            throw new ComposeException($"invalid --pull option \"{policy}\"");
    }

    /// <summary>Loads the project as the flags change it.</summary>
    public Project Load(ComposeSession session, IReadOnlyList<string> services, bool noDependencies)
    {
        var project = noDependencies ? session.LoadAlone(services) : session.Load(services);
        foreach (var entry in _scale.Values)
        {
            var equals = entry.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || !int.TryParse(entry.AsSpan(equals + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                throw new ComposeException($"invalid --scale option \"{entry}\". Should be SERVICE=NUM");
            project.Service(entry[..equals]).SetScale(count);
        }
        if (_pull.Value is not "policy")
            foreach (var service in project.Services.Values)
                if (_pull.Value != "build" || service.Map("build") is not null)
                    service.Definition["pull_policy"] = ScalarValue.Of(_pull.Value);
        foreach (var service in project.Services.Values)
            Gantry.Compose.Planning.BuildPlatform.Apply(service, project.Variables);
        return project;
    }

    /// <summary>What the flags say of how to bring a project up.</summary>
    public UpOptions Options(ComposeSession session, Project project, IReadOnlyList<string> services) => new()
    {
        Services = services,
        Recreate = Policy,
        RecreateDependencies = _noRecreate.Value ? RecreatePolicy.Never : RecreatePolicy.Diverged,
        RemoveOrphans = _removeOrphans.Value || session.IsSet("COMPOSE_REMOVE_ORPHANS"),
        IgnoreOrphans = session.IsSet("COMPOSE_IGNORE_ORPHANS"),
        Confirm = _yes.Value ? static _ => true : session.Confirm,
    };

    /// <summary>Sees to the images as the flags say.</summary>
    public ImageEnsurer Images(ComposeSession session, EngineAccess engine, Project project) =>
        new(engine, session.FindCredentials, _noBuild.Value ? null : session.Builder(engine, project, _quietBuild.Value))
        {
            AlwaysBuild = _build.Value,
            Quiet = _quietPull.Value,
        };
}
