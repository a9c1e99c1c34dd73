using System.Text.Json;

namespace Gantry.Cli.Session;

/// <summary>The user's <c>config.json</c>: defaults for formats and keys. A file that does not exist says nothing.</summary>
internal sealed class ClientSettings
{
    private readonly JsonElement _root;

    private ClientSettings(JsonElement root) => _root = root;

    /// <summary>Reads <c>config.json</c> in a folder.</summary>
    /// <exception cref="CommandException">It is no JSON object, or cannot be read.</exception>
    public static ClientSettings Load(string folder)
    {
        var file = Path.Combine(folder, "config.json");
        if (!File.Exists(file))
            return new ClientSettings(default);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new ClientSettings(document.RootElement.Clone())
                : throw new CommandException($"{file}: not a JSON object");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"error loading config file: {file}: {error.Message}");
        }
    }

    /// <summary>A setting that is text, e.g. <c>detachKeys</c>; empty when it is not set.</summary>
    public string Text(string name) =>
        _root.ValueKind == JsonValueKind.Object && _root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";

    /// <summary>A setting that maps names to texts, e.g. <c>HttpHeaders</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Map(string name)
    {
        if (_root.ValueKind != JsonValueKind.Object || !_root.TryGetProperty(name, out var map) || map.ValueKind != JsonValueKind.Object)
            return [];
        var entries = new List<KeyValuePair<string, string>>();
        foreach (var entry in map.EnumerateObject())
            if (entry.Value.ValueKind == JsonValueKind.String)
                entries.Add(new(entry.Name, entry.Value.GetString()!));
        return entries;
    }

    /// <summary>
    /// The proxy settings for containers (<c>proxies</c>): those of the daemon's address, else of <c>default</c>, as environment variables.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> ProxyVariables(string host)
    {
        if (_root.ValueKind != JsonValueKind.Object || !_root.TryGetProperty("proxies", out var proxies) || proxies.ValueKind != JsonValueKind.Object)
            return [];
        if (!proxies.TryGetProperty(host, out var proxy) && !proxies.TryGetProperty("default", out proxy))
            return [];
        var variables = new List<KeyValuePair<string, string>>();
        ReadOnlySpan<(string Setting, string Variable)> names =
            [("httpProxy", "HTTP_PROXY"), ("httpsProxy", "HTTPS_PROXY"), ("noProxy", "NO_PROXY"), ("ftpProxy", "FTP_PROXY"), ("allProxy", "ALL_PROXY")];
        foreach (var (setting, variable) in names)
        {
            if (!proxy.TryGetProperty(setting, out var value) || value.GetString() is not { Length: > 0 } text)
                continue;
            variables.Add(new(variable, text));
            variables.Add(new(variable.ToLowerInvariant(), text));
        }
        return variables;
    }
}
