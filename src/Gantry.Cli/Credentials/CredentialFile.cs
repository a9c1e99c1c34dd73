using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gantry.Api.Model;
using Gantry.Os.Files;

namespace Gantry.Cli.Credentials;

/// <summary>
/// The <c>auths</c> of the user's <c>config.json</c>. A change reads the file anew, keeps everything else that is in it, and replaces it
/// whole; a lock in the same folder lets two logins at the same moment both be kept.
/// </summary>
/// <param name="folder">The folder of the client's configuration.</param>
internal sealed class CredentialFile(string folder)
{
    /// <summary>The file.</summary>
    public string FullPath { get; } = Path.Combine(folder, "config.json");

    /// <summary>The entry of a registry, or null. One that was written as a URL is found by its host, too.</summary>
    /// <exception cref="CommandException">The file is malformed.</exception>
    public AuthConfig? Find(string address) => Entries.Find(address);

    /// <summary>All entries by their address.</summary>
    /// <exception cref="CommandException">The file is malformed.</exception>
    public IReadOnlyDictionary<string, AuthConfig> All() => Entries.All();

    /// <summary>Sets the entry of a registry. Without name, password and token it only tells that there is one, kept elsewhere.</summary>
    /// <exception cref="CommandException">The file is malformed.</exception>
    public void Store(AuthConfig credentials) => Change(root =>
    {
        var entry = new JsonObject();
        if (credentials.Username is not null || credentials.Password is not null)
            entry["auth"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials.Username}:{credentials.Password}"));
        if (credentials.IdentityToken is { } identity)
            entry["identitytoken"] = identity;
        if (credentials.RegistryToken is { } token)
            entry["registrytoken"] = token;
        if (root[CredentialEntries.Key] is not JsonObject entries)
            root[CredentialEntries.Key] = entries = [];
        entries[credentials.ServerAddress ?? ""] = entry;
        return true;
    });

    /// <summary>Removes entries. A file that has none of them is not touched.</summary>
    /// <exception cref="CommandException">The file is malformed.</exception>
    public void Erase(IReadOnlyList<string> addresses)
    {
        if (File.Exists(FullPath))
            Change(root => root[CredentialEntries.Key] is JsonObject entries && addresses.Count(entries.Remove) > 0);
    }

    /// <summary>Sets a member of <c>config.json</c> that is text, such as <c>currentContext</c>; empty removes it.</summary>
    /// <exception cref="CommandException">The file is malformed.</exception>
    public void SetText(string name, string value) => Change(root =>
    {
        if (value.Length == 0)
            return root.Remove(name);
        root[name] = value;
        return true;
    });

    private void Change(Func<JsonObject, bool> change)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var changing = FileLock.Acquire(Path.Combine(folder, ".config.json.lock"));
        var root = Read();
        if (!change(root))
            return;
        var content = new MemoryStream();
        var layout = new JsonWriterOptions { Indented = true, IndentCharacter = '\t', IndentSize = 1, Encoder = ApiJson.Wire.Options.Encoder };
        using (var writer = new Utf8JsonWriter(content, layout))
            root.WriteTo(writer);
        AtomicFile.Write(Target(), content.ToArray(), sync: true);
    }

    // The file may be a link into a folder of the user's: the link stays.
    private string Target() =>
        (File.Exists(FullPath) ? File.ResolveLinkTarget(FullPath, returnFinalTarget: true)?.FullName : null) ?? FullPath;

    private CredentialEntries Entries => new(Read(), $"error loading config file: {FullPath}");

    private JsonObject Read()
    {
        if (!File.Exists(FullPath))
            return [];
        try
        {
            return JsonNode.Parse(File.ReadAllBytes(FullPath)) as JsonObject
                ?? throw new CommandException($"{FullPath}: not a JSON object");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"error loading config file: {FullPath}: {error.Message}");
        }
    }
}
