using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Build.Dockerfile.Compile;

/// <summary>
/// Changes of an image's configuration in Dockerfile syntax, by the builder's rules: <c>--change</c> of <c>docker import</c> and <c>docker commit</c>.
/// </summary>
public static class ConfigChanges
{
    private static readonly string[] s_allowed =
        ["CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "ONBUILD", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"];

    /// <summary>Applies changes one after another.</summary>
    /// <param name="config">What there is; it is not changed.</param>
    /// <param name="changes">Instructions such as <c>CMD ["sh"]</c>, one or several lines each; empty lines are passed over.</param>
    /// <exception cref="GantryException">An instruction is malformed or not allowed here (InvalidArgument).</exception>
    public static ImageRunConfig Apply(ImageRunConfig config, IEnumerable<string> changes)
    {
        var stage = NewStage(config);
        var compiler = new ConfigCompiler(stage);
        try
        {
            foreach (var change in changes)
            {
                foreach (var instruction in DockerfileDocument.ParseTrigger(change, new SourceRange(1, 1), CheckName))
                    Apply(compiler, stage, instruction);
            }
        }
        catch (DockerfileException error)
        {
            // There is no file whose lines could be told.
            throw new GantryException(error.Kind, error.Reason, error);
        }
        return stage.Config with { Env = config.Env is null && stage.Variables.Environment.Count == 0 ? null : stage.Variables.Environment,
            ArgsEscaped = config.ArgsEscaped };
    }

    private static void Apply(ConfigCompiler compiler, StageState stage, Instruction instruction)
    {
        if (instruction is not WorkdirInstruction workdir)
        {
            compiler.Compile(instruction);
            return;
        }
        var path = stage.Absolute(stage.Variables.Expand(workdir.Path, workdir.Range));
        stage.Config.WorkingDir = path.Length > 1 ? path.TrimEnd('/') : path;
    }

    private static void CheckName(string name)
    {
        if (!s_allowed.Contains(name))
            throw GantryException.Invalid($"{name} is not a valid change command");
    }

    /// <summary>A stage with a copy of the configuration that shares no list with it.</summary>
    private static StageState NewStage(ImageRunConfig config)
    {
        const string nothing = "FROM scratch";
        var from = (FromInstruction)DockerfileDocument.ParseTrigger(nothing, new SourceRange(1, 1)).Single();
        var stage = new StageState
        {
            Stage = new BuildStage(from, [], 0),
            Platform = Platform.Host,
            Variables = new VariableScope('\\'),
            History = [],
            Config = config with
            {
                Labels = config.Labels is null ? null : new Dictionary<string, string>(config.Labels),
                ExposedPorts = config.ExposedPorts is null ? null : new Dictionary<string, EmptyObject>(config.ExposedPorts),
                Volumes = config.Volumes is null ? null : new Dictionary<string, EmptyObject>(config.Volumes),
                OnBuild = config.OnBuild is null ? null : [.. config.OnBuild],
            },
        };
        stage.Variables.Take(config);
        return stage;
    }
}
