using Gantry.Cli.Credentials;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Registries;

/// <summary><c>logout</c>: forgets the credentials for a registry.</summary>
internal sealed class LogoutCommand : Command
{
    public static CommandEntry Entry => new(
        ["logout"], "[SERVER]",
        "Log out from a registry",
        ArgumentCount.AtMost(1), static _ => new LogoutCommand());

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var given = arguments.Count > 0 ? arguments[0] : "";
        var address = RegistryAddress.Of(given);
        session.Print($"Removing login credentials for {address}");
        // Other clients write whole URLs.
        string[] forms = address == RegistryAddress.DockerHub ? [address] : [address, given, "http://" + address, "https://" + address];
        try
        {
            await session.Credentials.EraseAsync([.. forms.Distinct()]).ConfigureAwait(false);
        }
        catch (CommandException error)
        {
            session.PrintError(error.Message);
        }
        return 0;
    }
}
