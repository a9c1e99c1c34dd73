using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands.Buildx;

/// <summary>Gantry has one builder, that of its daemon, which docker calls <c>default</c>.</summary>
internal static class BuilderFlag
{
    /// <summary>Its name.</summary>
    public const string Default = "default";

    /// <summary>Adds <c>--builder</c> to a command.</summary>
    public static ValueFlag<string> Define(FlagSet flags) => flags.String("builder", "Override the configured builder instance: Gantry has one, \"default\"");

    /// <summary>Checks a name.</summary>
    /// <exception cref="CommandException">There is no such builder.</exception>
    public static void Check(string name)
    {
        if (name is not ("" or Default))
            throw new CommandException(
                $"no builder \"{name}\" found: Gantry has one, \"{Default}\"; another daemon is reached by a context (gantry context create)");
    }
}
