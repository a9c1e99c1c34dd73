using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gantry.Api.Model;

namespace Gantry.Api.Requests;

/// <summary>What is wrong with a document whose values are not of the types that it has to have, in the words of Go's encoding/json.</summary>
internal static class JsonMismatch
{
    /// <summary>The text.</summary>
    /// <param name="document">The document, which is JSON.</param>
    /// <param name="type">What it was to be read as.</param>
    /// <param name="path">Where it failed, as <see cref="JsonException.Path"/> has it, e.g. <c>$.HostConfig.Binds[0]</c>.</param>
    public static string Tell(ReadOnlyMemory<byte> document, JsonTypeInfo type, string? path)
    {
        using var json = JsonDocument.Parse(document);
        var (found, expected, place) = (json.RootElement, (Type?)type.Type, "");
        var isElement = false;
        foreach (var part in (path ?? "$").Replace("[", ".", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal)
            .Split('.', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            isElement = found.ValueKind == JsonValueKind.Array;
            if (Step(found, part) is not { } next)
                break;
            expected = expected is null ? null : TypeOf(type.Options.GetTypeInfo(expected), part);
            (found, place) = (next, $"{place}.{part}");
        }
        if (found.ValueKind == JsonValueKind.String && expected == typeof(string))
            return $"{(place.Length == 0 ? "the document" : place[1..])} is no text in UTF-8";
        var into = place.Length == 0 ? "Go value of type" : isElement ? $"{place} of type" : $"Go struct field {place} of type";
        var isTooLarge = found.ValueKind == JsonValueKind.Number && NameOf(expected).Contains("int", StringComparison.Ordinal);
        return $"json: cannot unmarshal {Kind(found)}{(isTooLarge ? " " + found.GetRawText() : "")} into {into} {NameOf(expected)}";
    }

    private static JsonElement? Step(JsonElement element, string part) => element.ValueKind switch
    {
        JsonValueKind.Object when element.TryGetProperty(part, out var value) => value,
        JsonValueKind.Array when int.TryParse(part, out var index) && index < element.GetArrayLength() => element[index],
        _ => null,
    };

    private static Type? TypeOf(JsonTypeInfo type, string part) => type.Kind switch
    {
        JsonTypeInfoKind.Object => type.Properties.FirstOrDefault(property => property.Name == part)?.PropertyType,
        JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary => type.ElementType,
        _ => null,
    };

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.Null => "null",
        _ => "bool",
    };

    private static string NameOf(Type? type) => type is null ? "another kind"
        : Nullable.GetUnderlyingType(type) is { } own ? NameOf(own)
        : type == typeof(string) ? "string"
        : type == typeof(bool) ? "bool"
        : type == typeof(int) ? "int"
        : type == typeof(long) ? "int64"
        : type == typeof(ulong) ? "uint64"
        : type == typeof(double) ? "float64"
        : type == typeof(IReadOnlyList<string>) ? "[]string"
        : type == typeof(IReadOnlyDictionary<string, string>) ? "map[string]string"
        : type == typeof(ContainerCreateRequest) ? "container.CreateRequest"
        : type == typeof(ContainerUpdateRequest) ? "container.UpdateConfig"
        : type == typeof(ExecCreateRequest) ? "container.ExecOptions"
        : type == typeof(ExecStartRequest) ? "container.ExecStartOptions"
        : type == typeof(ContainerConfig) ? "container.CreateRequest"
        : type == typeof(NetworkConnectRequest) ? "network.ConnectOptions"
        : type == typeof(NetworkDisconnectRequest) ? "network.DisconnectOptions"
        : type == typeof(AuthConfig) ? "registry.AuthConfig"
        : type == typeof(NetworkCreateRequest) ? "network.CreateRequest"
        : type == typeof(VolumeCreateRequest) ? "volume.CreateOptions"
        : type == typeof(HostConfig) ? "container.HostConfig"
        : type.IsGenericType ? "another kind" : type.Name;
}
