using Gantry.Cli.Flags;
using Gantry.Cli.Session;
using Gantry.Client;

namespace Gantry.Cli.Commands.Images;

/// <summary><c>rmi</c>: removes images.</summary>
internal sealed class RemoveImageCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _force = flags.Bool("force", 'f', "Force removal of the image");
    private readonly BoolFlag _noPrune = flags.Bool("no-prune", "Do not delete untagged parents");
    private readonly ListFlag<string> _platform = flags.List("platform", "Remove only this platform of the image (os/arch[/variant])");

    public static CommandEntry Entry => new(
        ["image rm", "image remove", "rmi"], "[OPTIONS] IMAGE [IMAGE...]",
        "Remove one or more images",
        ArgumentCount.AtLeast(1), static flags => new RemoveImageCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var platforms = PlatformText.ToJson(_platform.Values);
        var failures = new List<string>();
        var missingOnly = true;
        foreach (var name in arguments)
        {
            try
            {
                foreach (var step in await session.Client.RemoveImageAsync(name, _force.Value, _noPrune.Value, platforms).ConfigureAwait(false))
                    session.Print(step.Deleted is { Length: > 0 } id ? "Deleted: " + id : "Untagged: " + step.Untagged);
            }
            catch (ClientException error)
            {
                missingOnly &= error.IsNotFound;
                failures.Add(CommandLine.Describe(error, session)!);
            }
        }
        if (failures.Count == 0)
            return 0;
        session.PrintError(string.Join('\n', failures));
        return _force.Value && missingOnly ? 0 : 1;
    }
}
