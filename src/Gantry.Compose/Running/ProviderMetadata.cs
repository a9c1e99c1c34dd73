using System.Text.Json;

namespace Gantry.Compose.Running;

/// <summary>A parameter of a provider's command.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Required">Whether a service must set it.</param>
internal sealed record ProviderParameter(string Name, bool Required);

/// <summary>What a provider tells of itself by <c>PROGRAM compose metadata</c>; many tell nothing.</summary>
internal sealed class ProviderMetadata
{
    private readonly Dictionary<string, IReadOnlyList<ProviderParameter>> _commands = new(StringComparer.Ordinal);
    private bool _isEmpty = true;

    /// <summary>Whether the provider has a command that stops a service.</summary>
    public bool CanStop { get; private init; }

    /// <summary>The parameters that a command takes, or null when the provider did not tell: then it gets them all.</summary>
    public IReadOnlyList<ProviderParameter>? ParametersOf(string command) => _isEmpty ? null : _commands.GetValueOrDefault(command) ?? [];

    /// <summary>Asks a provider.</summary>
    public static async Task<ProviderMetadata> AskAsync(OtherPrograms programs, string program, IReadOnlyDictionary<string, string> variables)
    {
        var lines = new List<string>();
        var (code, _) = await programs.RunAsync(program, ["compose", "metadata"], variables, (line, _) => lines.Add(line)).ConfigureAwait(false);
        try
        {
            return code == 0 ? Read(string.Join('\n', lines)) : new ProviderMetadata();
        }
        catch (JsonException)
        {
            // A provider that does not know the question may answer anything.
            return new ProviderMetadata();
        }
    }

    private static ProviderMetadata Read(string text)
    {
        using var document = JsonDocument.Parse(text);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
            return new ProviderMetadata();
        var metadata = new ProviderMetadata
        {
            CanStop = root.TryGetProperty("stop", out var stop) && stop.ValueKind == JsonValueKind.Object,
            _isEmpty = !(root.TryGetProperty("description", out var description) && description.GetString() is { Length: > 0 }),
        };
        foreach (var command in (string[])["up", "down", "stop"])
        {
            if (!root.TryGetProperty(command, out var described) || described.ValueKind != JsonValueKind.Object
                || !described.TryGetProperty("parameters", out var parameters) || parameters.ValueKind != JsonValueKind.Array)
                continue;
            metadata._commands[command] = [.. parameters.EnumerateArray().Select(static parameter => new ProviderParameter(
                parameter.TryGetProperty("name", out var name) ? name.GetString() ?? "" : "",
                parameter.TryGetProperty("required", out var required) && required.ValueKind == JsonValueKind.True))];
            metadata._isEmpty = false;
        }
        return metadata;
    }
}
