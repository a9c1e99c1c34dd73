using System.Text.Json;

namespace Gantry.Oci.Runtime.Reading;

/// <summary>
/// The members of a JSON object, asked for by name. What is absent or null is null; what has another type than is asked for is an
/// error that names the member.
/// </summary>
internal readonly struct JsonMembers
{
    private delegate bool TryGetNumber<T>(JsonElement value, out T number);

    private readonly JsonElement _object;

    /// <summary>The members of an object.</summary>
    /// <param name="element">The object.</param>
    /// <param name="name">What it is called in an error.</param>
    /// <exception cref="JsonException">It is no object.</exception>
    internal JsonMembers(JsonElement element, string name) =>
        _object = element.ValueKind == JsonValueKind.Object ? element : throw Expected(name, "an object");

    internal string? Text(string name) => Find(name) is { } value ? TextOf(value, name) : null;

    internal bool? Flag(string name) => Find(name) is { } value
        ? value.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => throw Expected(name, "true or false") }
        : null;

    internal int? Int32(string name) => Number(name, static (JsonElement value, out int number) => value.TryGetInt32(out number));

    internal long? Int64(string name) => Number(name, static (JsonElement value, out long number) => value.TryGetInt64(out number));

    internal ushort? UInt16(string name) => Number(name, static (JsonElement value, out ushort number) => value.TryGetUInt16(out number));

    internal uint? UInt32(string name) => Number(name, static (JsonElement value, out uint number) => value.TryGetUInt32(out number));

    internal ulong? UInt64(string name) => Number(name, static (JsonElement value, out ulong number) => value.TryGetUInt64(out number));

    internal IReadOnlyList<string>? Texts(string name) => List(name, static (value, name) => TextOf(value, name));

    internal IReadOnlyList<uint>? UInt32s(string name) =>
        List(name, static (value, name) => NumberOf(value, name, static (JsonElement value, out uint number) => value.TryGetUInt32(out number)));

    internal IReadOnlyDictionary<string, string>? TextMap(string name) => Map(name, static (value, name) => TextOf(value, name));

    /// <summary>An object.</summary>
    internal T? Object<T>(string name, Func<JsonMembers, T> read)
        where T : class => Find(name) is { } value ? read(new JsonMembers(value, name)) : null;

    /// <summary>A list of objects.</summary>
    internal IReadOnlyList<T>? Objects<T>(string name, Func<JsonMembers, T> read) =>
        List(name, (value, name) => read(new JsonMembers(value, name)));

    /// <summary>Objects by their keys.</summary>
    internal IReadOnlyDictionary<string, T>? ObjectMap<T>(string name, Func<JsonMembers, T> read) =>
        Map(name, (value, name) => read(new JsonMembers(value, name)));

    private List<T>? List<T>(string name, Func<JsonElement, string, T> read)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Array)
            throw Expected(name, "a list");
        var list = new List<T>(value.GetArrayLength());
        foreach (var item in value.EnumerateArray())
            list.Add(read(item, name));
        return list;
    }

    private Dictionary<string, T>? Map<T>(string name, Func<JsonElement, string, T> read)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Object)
            throw Expected(name, "an object");
        var map = new Dictionary<string, T>();
        foreach (var member in value.EnumerateObject())
            map[member.Name] = read(member.Value, member.Name);
        return map;
    }

    private T? Number<T>(string name, TryGetNumber<T> tryGet)
        where T : struct => Find(name) is { } value ? NumberOf(value, name, tryGet) : null;

    private JsonElement? Find(string name) =>
        _object.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string TextOf(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Expected(name, "a string");

    private static T NumberOf<T>(JsonElement value, string name, TryGetNumber<T> tryGet) =>
        value.ValueKind == JsonValueKind.Number && tryGet(value, out var number) ? number : throw Expected(name, "an integer in its range");

    private static JsonException Expected(string name, string what) => new($"{name} is not {what}");
}
