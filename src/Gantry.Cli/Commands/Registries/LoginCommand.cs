using System.Text;
using Gantry.Api.Model;
using Gantry.Cli.Credentials;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;
using Gantry.Client;

namespace Gantry.Cli.Commands.Registries;

/// <summary><c>login</c>: checks credentials with a registry and keeps them.</summary>
internal sealed class LoginCommand(FlagSet flags) : Command
{
    private readonly ValueFlag<string> _password = flags.String("password", 'p', "Password or access token");
    private readonly BoolFlag _passwordStdin = flags.Bool("password-stdin", "Read the password or access token from stdin");
    private readonly ValueFlag<string> _user = flags.String("username", 'u', "Name of the user");

    public static CommandEntry Entry => new(
        ["login"], "[OPTIONS] [SERVER]",
        "Authenticate to a registry",
        ArgumentCount.AtMost(1), static flags => new LoginCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        // 1. What the flags say.
        var address = RegistryAddress.Of(arguments.Count > 0 ? arguments[0] : "");
        var (user, password) = (_user.Value, ReadPassword(session));

        // 2. What was kept before, unless the flags say something else.
        var useStored = user.Length == 0 && password.Length == 0;
        var stored = useStored ? await session.Credentials.FindAsync(address).ConfigureAwait(false) : null;
        var accepted = stored is null ? null : await TryStoredAsync(session, stored).ConfigureAwait(false);

        // 3. What the user says.
        if (accepted is null)
        {
            var given = Ask(session, address, user, password, stored?.Username ?? "");
            accepted = await CheckAsync(session, given).ConfigureAwait(false);
        }

        // 4. Keep it.
        await KeepAsync(session, accepted).ConfigureAwait(false);
        session.Print("Login Succeeded");
        return 0;
    }

    private string ReadPassword(CommandSession session)
    {
        if (_password.Changed && _passwordStdin.Value)
            throw new CommandException("conflicting options: cannot specify both --password and --password-stdin");
        if (_password.Changed)
            session.PrintError("WARNING! Using --password via the CLI is insecure. Use --password-stdin.");
        if (!_passwordStdin.Value)
            return _password.Value;
        if (_user.Value.Length == 0)
            throw new CommandException("the --password-stdin option requires --username to be set");
        using var reader = new StreamReader(session.Context.Input, new UTF8Encoding(false), leaveOpen: true);
        var text = reader.ReadToEnd();
        // One end of line belongs to the command that wrote the password.
        return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') || text.EndsWith('\r') ? text[..^1] : text;
    }

    private static async Task<AuthConfig?> TryStoredAsync(CommandSession session, AuthConfig stored)
    {
        session.PrintError($"Authenticating with existing credentials...{(stored.Username is { } user ? $" [Username: {user}]" : "")}");
        session.PrintError($"To log in as somebody else, run '{session.Program} logout' first.");
        try
        {
            return await CheckAsync(session, stored).ConfigureAwait(false);
        }
        catch (ClientException error) when (error.Status is 401 or 403 or 500)
        {
            session.PrintError($"Login did not succeed, error: {CommandLine.Describe(error, session)}");
            return null;
        }
    }

    private static AuthConfig Ask(CommandSession session, string address, string user, string password, string suggested)
    {
        if ((user.Length == 0 || password.Length == 0) && !session.Context.Terminal.InputIsTerminal)
            throw new CommandException("Error: Cannot perform an interactive login from a non TTY device");
        if (user.Length == 0)
        {
            user = LoginPrompt.AskLine(session, suggested.Length > 0 ? $"Username ({suggested}): " : "Username: ");
            user = user.Length > 0 ? user : suggested;
        }
        if (user.Length == 0)
            throw new CommandException("Error: Non-null Username Required");
        if (password.Length == 0)
            password = LoginPrompt.AskSecret(session, "Password: ");
        return password.Length > 0
            ? new AuthConfig { ServerAddress = address, Username = user, Password = password }
            : throw new CommandException("Error: Password Required");
    }

    /// <summary>Asks the registry; the result is what is to be kept: a registry may hand out a token in the place of the password.</summary>
    private static async Task<AuthConfig> CheckAsync(CommandSession session, AuthConfig credentials)
    {
        var answer = await session.Client.LoginAsync(credentials).ConfigureAwait(false);
        return answer.IdentityToken.Length > 0 ? credentials with { Password = null, IdentityToken = answer.IdentityToken } : credentials;
    }

    private static async Task KeepAsync(CommandSession session, AuthConfig credentials)
    {
        var store = session.Credentials;
        var address = credentials.ServerAddress!;
        // Only what is kept anew is a reason to warn.
        if (store.PlainFileOf(address) is { } file && await store.FindAsync(address).ConfigureAwait(false) != credentials)
        {
            session.PrintError(
                $"\nWARNING! Your credentials are stored unencrypted in '{file}'.\n"
                + "Configure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n");
        }
        try
        {
            await store.StoreAsync(credentials).ConfigureAwait(false);
        }
        catch (CommandException error)
        {
            throw new CommandException($"Error saving credentials: {error.Message}");
        }
    }
}
