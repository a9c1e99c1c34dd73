using Gantry.Api.Model;
using Gantry.Cli.Commands.Containers.Creating;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>create</c>: creates a container without starting it.</summary>
internal sealed class CreateCommand(FlagSet flags) : Command
{
    private readonly ContainerFlags _flags = new(flags);

    public static CommandEntry Entry => new(
        ["container create", "create"], "[OPTIONS] IMAGE [COMMAND] [ARG...]",
        "Create a new container",
        ArgumentCount.AtLeast(1), static flags => new CreateCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        // Only wrong flags are told in the frame of run's failures: what the daemon refuses is an error like that of any command.
        ContainerCreateRequest request;
        try
        {
            request = new ContainerRequestBuilder(_flags, session).Build(arguments[0], [.. arguments.Skip(1)]);
        }
        catch (Exception error) when (RunFailure.IsExpected(error, session))
        {
            throw RunFailure.Explain(error, session, "create");
        }
        session.Print(await ContainerCreation.CreateAsync(session, _flags, request).ConfigureAwait(false));
        return 0;
    }
}
