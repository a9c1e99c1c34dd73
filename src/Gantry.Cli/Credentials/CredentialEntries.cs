using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gantry.Api.Model;

namespace Gantry.Cli.Credentials;

/// <summary>The member <c>auths</c> of a document: credentials by the address of their registry.</summary>
/// <param name="document">The document.</param>
/// <param name="source">Where it is from, as the beginning of a message.</param>
internal sealed class CredentialEntries(JsonObject document, string source)
{
    /// <summary>Docker's name for the entries.</summary>
    public const string Key = "auths";

    /// <summary>Reads a document that is not in a file.</summary>
    /// <exception cref="CommandException">It is no JSON object.</exception>
    public static CredentialEntries Parse(string text, string source)
    {
        try
        {
            return new CredentialEntries(JsonNode.Parse(text) as JsonObject ?? throw new CommandException($"{source}: not a JSON object"), source);
        }
        catch (JsonException)
        {
            // The text is not shown: it is made of secrets.
            throw new CommandException($"{source}: not a JSON object");
        }
    }

    /// <summary>The entry of a registry, or null. One that was written as a URL is found by its host, too.</summary>
    /// <exception cref="CommandException">It is malformed.</exception>
    public AuthConfig? Find(string address)
    {
        if (document[Key] is not JsonObject entries)
            return null;
        var (key, entry) = entries.FirstOrDefault(entry => entry.Key == address);
        if (key is null)
            (key, entry) = entries.FirstOrDefault(entry => RegistryAddress.HostOf(entry.Key) == address);
        return key is null ? null : Decode(key, entry);
    }

    /// <summary>All entries by their address.</summary>
    /// <exception cref="CommandException">One is malformed.</exception>
    public IReadOnlyDictionary<string, AuthConfig> All() =>
        document[Key] is JsonObject entries ? entries.ToDictionary(static entry => entry.Key, entry => Decode(entry.Key, entry.Value)) : [];

    private AuthConfig Decode(string address, JsonNode? node)
    {
        var credentials = new AuthConfig
        {
            ServerAddress = address,
            Username = Text(node, "username"),
            Password = Text(node, "password"),
            IdentityToken = Text(node, "identitytoken"),
            RegistryToken = Text(node, "registrytoken"),
        };
        if (Text(node, "auth") is not { Length: > 0 } both)
            return credentials;
        try
        {
            var text = Encoding.UTF8.GetString(Convert.FromBase64String(both));
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
                return credentials with { Username = text[..colon], Password = text[(colon + 1)..].Trim('\0') };
        }
        catch (FormatException)
        {
            // Told below, as a text without a colon is.
        }
        throw new CommandException(
            $"{source}: invalid auth configuration file: the entry of {address} is not base64 of name:password");
    }

    private static string? Text(JsonNode? node, string name) =>
        node is JsonObject entry && entry[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
