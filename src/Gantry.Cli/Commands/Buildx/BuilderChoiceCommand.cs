using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Buildx;

/// <summary><c>buildx create|use|rm|stop|version</c>: what there is to be said where there is one builder, that of the daemon.</summary>
internal sealed class BuilderChoiceCommand(BuilderChoiceCommand.Verb verb) : Command
{
    /// <summary>What is to be done.</summary>
    internal enum Verb
    {
        Create,
        Use,
        Remove,
        Stop,
        Version,
    }

    public static CommandEntry CreateEntry => new(
        ["buildx create"], "[OPTIONS] [CONTEXT|ENDPOINT]", "Create a new builder instance", ArgumentCount.AtMost(1), static flags =>
        {
            foreach (var name in (string[])["name", "driver", "buildkitd-config", "buildkitd-flags", "node", "platform", "driver-opt", "timeout"])
                flags.List(name, "Not offered: Gantry has one builder");
            foreach (var name in (string[])["append", "bootstrap", "leave", "use"])
                flags.Bool(name, "Not offered: Gantry has one builder");
            return new BuilderChoiceCommand(Verb.Create);
        });

    public static CommandEntry UseEntry => new(["buildx use"], "[OPTIONS] NAME", "Set the current builder instance", ArgumentCount.Exactly(1), static flags =>
    {
        flags.Bool("default", "Set builder as default for current context");
        flags.Bool("global", "Builder persists context changes");
        return new BuilderChoiceCommand(Verb.Use);
    });

    public static CommandEntry RemoveEntry =>
        new(["buildx rm"], "[OPTIONS] [NAME...]", "Remove one or more builder instances", ArgumentCount.Any, static flags =>
    {
        flags.Bool("all-inactive", "Remove all inactive builders: there are none");
        flags.Bool("force", 'f', "Do not prompt for confirmation");
        flags.Bool("keep-daemon", "Keep the BuildKit daemon running");
        flags.Bool("keep-state", "Keep BuildKit state");
        _ = new BuilderTimeout(flags); // Nobody is asked.
        return new BuilderChoiceCommand(Verb.Remove);
    });

    public static CommandEntry StopEntry =>
        new(["buildx stop"], "[NAME]", "Stop builder instance", ArgumentCount.AtMost(1), static _ => new BuilderChoiceCommand(Verb.Stop));

    public static CommandEntry VersionEntry =>
        new(["buildx version"], "", "Show buildx version information", ArgumentCount.None, static _ => new BuilderChoiceCommand(Verb.Version));

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        switch (verb)
        {
            case Verb.Version:
                session.Print($"gantry buildx {ProgramVersion.Text}");
                break;
            case Verb.Create:
                throw new CommandException(
                    "builders cannot be created: Gantry has one, \"default\", which builds for several platforms, exports caches and attestations; another daemon is reached by a context (gantry context create)");
            case Verb.Remove when arguments.Contains(BuilderFlag.Default):
                throw new CommandException("builder \"default\" cannot be removed: it is the daemon's");
            default:
                // To choose or to stop the builder of the daemon changes nothing.
                foreach (var name in arguments)
                    BuilderFlag.Check(name);
                break;
        }
        return Task.FromResult(0);
    }
}
