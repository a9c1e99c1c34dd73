using Gantry.Api.Model;
using Gantry.Cli.Session;
using Gantry.Oci.Images;

namespace Gantry.Cli.Credentials;

/// <summary>
/// The user's credentials for registries: with the program that <c>credHelpers</c> names for a registry, else the one of <c>credsStore</c>,
/// else in <c>config.json</c> itself. Those of the environment count before all others, and are only read.
/// </summary>
/// <param name="settings">Says which program.</param>
/// <param name="file">The entries of <c>config.json</c>.</param>
/// <param name="programs">Makes a program's caller by its name.</param>
/// <param name="environment">The credentials of the environment, or null.</param>
internal sealed class CredentialStore(
    ClientSettings settings, CredentialFile file, Func<string, CredentialProgram> programs, CredentialEntries? environment = null)
{
    /// <summary>The file that keeps a registry's credentials in the clear, or null: a program keeps them.</summary>
    public string? PlainFileOf(string address) => ProgramOf(address) is null ? file.FullPath : null;

    /// <summary>What the user has for the registry of an image, or null.</summary>
    /// <exception cref="CommandException">They cannot be read.</exception>
    public Task<AuthConfig?> FindAsync(ImageReference image) => FindAsync(RegistryAddress.Of(image));

    /// <summary>What the user has for a registry, or null.</summary>
    /// <exception cref="CommandException">They cannot be read.</exception>
    public async Task<AuthConfig?> FindAsync(string address)
    {
        if (environment?.Find(address) is { } given)
            return given with { ServerAddress = address };
        var program = ProgramOf(address);
        var found = program is null ? file.Find(address) : await program.FindAsync(address).ConfigureAwait(false);
        return found is null or { Username: null, IdentityToken: null, RegistryToken: null } ? null : found with { ServerAddress = address };
    }

    /// <summary>Everything the user has, by registry: what a build is given, whose images are known only as it goes.</summary>
    /// <exception cref="CommandException">They cannot be read.</exception>
    public async Task<IReadOnlyDictionary<string, AuthConfig>> AllAsync()
    {
        var addresses = new SortedSet<string>(StringComparer.Ordinal);
        addresses.UnionWith(file.All().Keys);
        addresses.UnionWith(environment?.All().Keys ?? []);
        addresses.UnionWith(settings.Map("credHelpers").Select(static entry => entry.Key));
        if (settings.Text("credsStore") is { Length: > 0 } store)
            addresses.UnionWith(await programs(store).ListAsync().ConfigureAwait(false));
        var all = new SortedDictionary<string, AuthConfig>(StringComparer.Ordinal);
        foreach (var address in addresses)
            if (await FindAsync(address).ConfigureAwait(false) is { } found)
                all.Add(address, found);
        return all;
    }

    /// <summary>Keeps credentials for the registry they name.</summary>
    /// <exception cref="CommandException">They cannot be written.</exception>
    public async Task StoreAsync(AuthConfig credentials)
    {
        if (ProgramOf(credentials.ServerAddress!) is not { } program)
        {
            file.Store(credentials);
            return;
        }
        await program.StoreAsync(credentials).ConfigureAwait(false);
        file.Store(new AuthConfig { ServerAddress = credentials.ServerAddress });
    }

    /// <summary>Forgets the credentials for a registry under all of its addresses.</summary>
    /// <exception cref="CommandException">A program failed; the file was cleared.</exception>
    public async Task EraseAsync(IReadOnlyList<string> addresses)
    {
        file.Erase(addresses);
        var failures = new List<string>();
        foreach (var address in addresses)
        {
            try
            {
                if (ProgramOf(address) is { } program)
                    await program.EraseAsync(address).ConfigureAwait(false);
            }
            catch (CommandException error)
            {
                failures.Add($"{address}: {error.Message}");
            }
        }
        if (failures.Count > 0)
            throw new CommandException("WARNING: could not erase credentials:\n" + string.Join('\n', failures));
    }

    private CredentialProgram? ProgramOf(string address)
    {
        var own = settings.Map("credHelpers").FirstOrDefault(entry => entry.Key == address).Value;
        var name = own is { Length: > 0 } ? own : settings.Text("credsStore");
        return name.Length > 0 ? programs(name) : null;
    }
}
