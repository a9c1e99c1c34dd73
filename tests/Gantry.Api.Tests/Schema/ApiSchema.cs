using System.Text.Json;

namespace Gantry.Api.Tests.Schema;

/// <summary>
/// The Engine API's schema, stripped to operations, names, types and what is required (engine-api-1.56.json beside this file, made by eng/api-schema).
/// </summary>
internal sealed class ApiSchema
{
    private readonly JsonElement _root;

    private ApiSchema(JsonElement root) => _root = root;

    public static ApiSchema Load() =>
        new(JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Schema", "engine-api-1.56.json"))).RootElement);

    public JsonElement Definition(string name) => _root.GetProperty("definitions").GetProperty(name);

    public JsonElement Answer(string operation) => Resolve(_root.GetProperty("answers").GetProperty(operation));

    /// <summary>All operations, `METHOD /path`, with the statuses that they may have.</summary>
    public IReadOnlyDictionary<string, int[]> Operations => _root.GetProperty("operations").EnumerateObject()
        .ToDictionary(entry => entry.Name, entry => entry.Value.EnumerateArray().Select(each => each.GetInt32()).ToArray());

    /// <summary>The schema of an operation's answer, when it has one.</summary>
    public bool TryAnswer(string operation, out JsonElement schema)
    {
        var found = _root.GetProperty("answers").TryGetProperty(operation, out schema);
        if (found) schema = Resolve(schema);
        return found;
    }

    public JsonElement Body(string operation) => Resolve(_root.GetProperty("bodies").GetProperty(operation));

    /// <summary>The schema that a reference stands for; any other schema is itself.</summary>
    public JsonElement Resolve(JsonElement schema)
    {
        while (schema.TryGetProperty("$ref", out var reference)) schema = Definition(reference.GetString()!);
        return schema;
    }

    /// <summary>What is wrong with an answer: unknown names, other types, what is required and missing.</summary>
    public IReadOnlyList<string> Check(JsonElement schema, JsonElement value)
    {
        var problems = new List<string>();
        Check(schema, value, "$", problems);
        return problems;
    }

    private void Check(JsonElement schema, JsonElement value, string path, List<string> problems)
    {
        schema = Resolve(schema);
        // Go writes null for a list or map that was never made, and swagger cannot say so.
        if (value.ValueKind == JsonValueKind.Null || !schema.TryGetProperty("type", out var type)) return;
        switch (type.GetString())
        {
            case "object":
                CheckObject(schema, value, path, problems);
                break;
            case "array" when value.ValueKind == JsonValueKind.Array:
                foreach (var (index, element) in value.EnumerateArray().Index()) Check(schema.GetProperty("items"), element, $"{path}[{index}]", problems);
                break;
            case "string" when value.ValueKind == JsonValueKind.String:
            case "boolean" when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
            case "integer" when value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _):
                break;
            default:
                problems.Add($"{path} is {value.ValueKind}, not {type}");
                break;
        }
    }

    private void CheckObject(JsonElement schema, JsonElement value, string path, List<string> problems)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            problems.Add($"{path} is {value.ValueKind}, not an object");
            return;
        }
        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var name in required.EnumerateArray().Select(each => each.GetString()!).Where(name => !value.TryGetProperty(name, out _)))
                problems.Add($"{path}.{name} is missing");
        }
        foreach (var property in value.EnumerateObject())
        {
            if (schema.TryGetProperty("properties", out var known) && known.TryGetProperty(property.Name, out var own)) Check(
                own, property.Value, $"{path}.{property.Name}", problems);
            else if (schema.TryGetProperty("additionalProperties", out var any)) Check(any, property.Value, $"{path}.{property.Name}", problems);
            else if (schema.TryGetProperty("properties", out _)) problems.Add($"{path}.{property.Name} is not in the schema");
        }
    }
}
