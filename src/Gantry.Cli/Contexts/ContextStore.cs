using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gantry.Os.Files;

namespace Gantry.Cli.Contexts;

/// <summary>
/// The user's named endpoints, in the folders and documents that docker's client has: <c>contexts/meta/ID/meta.json</c> and
/// <c>contexts/tls/ID/docker/</c>, where ID is the SHA-256 of the name. Both clients see each other's.
/// </summary>
/// <param name="folder">The folder of the client's configuration.</param>
internal sealed partial class ContextStore(string folder)
{
    /// <summary>The context that is always there: the address of flags and environment.</summary>
    public const string Default = "default";

    private const string Rule = "^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$";

    /// <summary>The names of the files that TLS needs.</summary>
    public static readonly IReadOnlyList<string> TlsFiles = ["ca.pem", "cert.pem", "key.pem"];

    /// <summary>The folder of a context's document.</summary>
    public string MetadataFolder(string name) => Path.Combine(folder, "contexts", "meta", IdOf(name));

    /// <summary>The folder of a context's certificates.</summary>
    public string TlsFolder(string name) => Path.Combine(folder, "contexts", "tls", IdOf(name));

    /// <summary>All contexts but the default one, by name.</summary>
    /// <exception cref="CommandException">A document cannot be read.</exception>
    public IReadOnlyList<ClientContext> All()
    {
        var meta = Path.Combine(folder, "contexts", "meta");
        if (!Directory.Exists(meta))
            return [];
        return [.. Directory.GetFiles(meta, "meta.json", SearchOption.AllDirectories).Select(Read)
            .OrderBy(static context => context.Name, StringComparer.Ordinal)];
    }

    /// <summary>The context of a name, or null.</summary>
    /// <exception cref="CommandException">Its document cannot be read.</exception>
    public ClientContext? Find(string name) => DocumentOf(name) is var path && File.Exists(path) ? Read(path) : null;

    /// <summary>The context of a name.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public ClientContext Get(string name) =>
        Find(name) ?? throw new CommandException($"context {GoQuote(name)}: context not found: open {DocumentOf(name)}: no such file or directory");

    /// <summary>Checks the name of a new context.</summary>
    /// <exception cref="CommandException">It is reserved, or malformed.</exception>
    public static void CheckName(string name)
    {
        if (name.Length == 0)
            throw new CommandException("context name cannot be empty");
        if (name == Default)
            throw new CommandException("\"default\" is a reserved context name");
        if (!Name().IsMatch(name))
            throw new CommandException($"context name {GoQuote(name)} is invalid, names are validated against regexp {GoQuote(Rule)}");
    }

    /// <summary>Writes a context; its certificates are the caller's to write.</summary>
    public void Write(ClientContext context)
    {
        Directory.CreateDirectory(MetadataFolder(context.Name));
        AtomicFile.Write(DocumentOf(context.Name), context.ToJson(), sync: true);
    }

    /// <summary>Removes a context and its certificates.</summary>
    public void Remove(string name)
    {
        foreach (var path in (string[])[MetadataFolder(name), TlsFolder(name)])
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>The names of the certificate files that a context has.</summary>
    public IReadOnlyList<string> TlsFilesOf(string name) =>
        [.. TlsFiles.Where(file => File.Exists(Path.Combine(TlsFolder(name), ClientContext.Endpoint, file)))];

    /// <summary>Keeps a certificate file of a context.</summary>
    public void WriteTlsFile(string name, string file, byte[] content)
    {
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        var place = Path.Combine(TlsFolder(name), ClientContext.Endpoint);
        Directory.CreateDirectory(place, Owner);
        AtomicFile.Write(Path.Combine(place, file), content, sync: true);
        File.SetUnixFileMode(Path.Combine(place, file), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private string DocumentOf(string name) => Path.Combine(MetadataFolder(name), "meta.json");

    private static ClientContext Read(string path)
    {
        try
        {
            return ClientContext.Parse(File.ReadAllBytes(path));
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{path}: {error.Message}");
        }
    }

    private static string IdOf(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    private static string GoQuote(string text) => $"\"{text}\"";

    [GeneratedRegex(Rule)]
    private static partial Regex Name();
}
