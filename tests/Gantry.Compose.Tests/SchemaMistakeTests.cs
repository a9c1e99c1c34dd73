using System.Text;
using System.Text.Json;
using Gantry.Compose.Validation;

namespace Gantry.Compose.Tests;

/// <summary>
/// Each key that the schema knows, at each place, misspelled or with a value of a wrong kind: the line, the path and the right name are told.
/// </summary>
public class SchemaMistakeTests
{
    private const int Deepest = 8;

    private static readonly JsonElement s_schema = Read();

    public static TheoryData<string> Keys => [.. Walk(s_schema, [], 0).Select(static path => string.Join('/', path)).Distinct()];

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_misspelled_key_is_told_with_the_right_one(string path)
    {
        var steps = path.Split('/');
        var (text, line) = Write(steps, steps[^1] + "x", "1");
        var message = Assert.Throws<ComposeException>(() => LoadedProject.Of(text)).Message;
        Assert.Contains($"additional properties '{steps[^1]}x' not allowed (line {line}; did you mean '{steps[^1]}'?)", message, StringComparison.Ordinal);
        Assert.Contains(PathOf(steps[..^1]) + " additional", message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_value_of_a_wrong_kind_is_told(string path)
    {
        var steps = path.Split('/');
        // Nothing takes a list of lists of lists.
        var (text, line) = Write(steps, steps[^1], "[[[x]]]");
        var message = Assert.ThrowsAny<Exception>(() => LoadedProject.Of(text)).Message;
        Assert.True(message.Contains($"(line {line}", StringComparison.Ordinal) || message.Contains($":{line}: ", StringComparison.Ordinal),
            $"{text}\n{message}");
    }

    // Where the keys of objects stand: names of keys, * for any name, - for an element of a list.
    private static IEnumerable<string[]> Walk(JsonElement schema, string[] path, int depth)
    {
        schema = Resolve(schema);
        if (depth > Deepest || schema.ValueKind != JsonValueKind.Object)
            yield break;
        foreach (var choice in schema.TryGetProperty("oneOf", out var choices) ? choices.EnumerateArray() : [])
            foreach (var found in Walk(choice, path, depth))
                yield return found;
        var properties = schema.TryGetProperty("properties", out var named) ? named.EnumerateObject().ToArray() : [];
        var closed = schema.TryGetProperty("additionalProperties", out var others) && others.ValueKind == JsonValueKind.False;
        foreach (var property in properties)
        {
            string[] here = [.. path, property.Name];
            // `version` and `name` of the file itself are read before the schema is.
            if (closed && !(path.Length == 0 && property.Name is "version" or "name" or "include"))
                yield return here;
            foreach (var found in Walk(property.Value, here, depth + 1))
                yield return found;
        }
        if (schema.TryGetProperty("patternProperties", out var patterns))
            foreach (var pattern in patterns.EnumerateObject().Where(static pattern => pattern.Name != "^x-"))
                foreach (var found in Walk(pattern.Value, [.. path, "*"], depth + 1))
                    yield return found;
        if (schema.TryGetProperty("items", out var items))
            foreach (var found in Walk(items, [.. path, "-"], depth + 1))
                yield return found;
    }

    private static JsonElement Resolve(JsonElement schema)
    {
        while (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$ref", out var reference))
            schema = reference.GetString()!.TrimStart('#', '/').Split('/').Aggregate(s_schema, static (element, step) => element.GetProperty(step));
        return schema;
    }

    // The file in which the last step has another name and some value; on which line that is.
    private static (string Text, int Line) Write(string[] steps, string last, string value)
    {
        var text = new StringBuilder();
        var (indent, line) = (0, 1);
        for (var index = 0; index < steps.Length; index++)
        {
            var step = steps[index];
            if (step == "-")
            {
                text.Append(' ', indent).Append("-\n");
                line++;
                indent += 2;
                continue;
            }
            var isLast = index == steps.Length - 1;
            foreach (var required in RequiredAt(steps[..index]).Where(required => required.Split(':')[0] != step))
            {
                text.Append(' ', indent).Append(required).Append('\n');
                line++;
            }
            text.Append(' ', indent).Append(isLast ? $"{last}: {value}" : $"{(step == "*" ? "any" : step)}:").Append('\n');
            if (isLast)
                return (text.ToString(), line);
            line++;
            indent += 2;
        }
        throw new ArgumentException("a path ends with a key", nameof(steps));
    }

    // What an object at a place must have, so that it is not the lack of that which is told.
    private static string[] RequiredAt(string[] steps) => steps is ["services", "*"] ? ["image: x"]
        : string.Join('/', steps[Math.Min(2, steps.Length)..]) switch
        {
            "volumes/-" => ["type: bind"],
            "post_start/-" or "pre_stop/-" or "pre_start/-" or "develop/watch/-/exec" => ["command: x"],
            "develop/watch/-" => ["path: x", "action: sync"],
            "provider" => ["type: x"],
            "extends" => ["service: x"],
            "gpus/-" or "deploy/resources/reservations/devices/-" => ["capabilities: [x]"],
            "blkio_config/weight_device/-" => ["path: x", "weight: 1"],
            "blkio_config/device_read_bps/-" or "blkio_config/device_read_iops/-" or "blkio_config/device_write_bps/-" or "blkio_config/device_write_iops/-" =>
                ["path: x", "rate: 1"],
            "ulimits/*" or "build/ulimits/*" => ["hard: 1", "soft: 1"],
            "env_file/-" => ["path: x"],
            "depends_on/*" => ["condition: service_started"],
            "devices/-" => ["source: x"],
            _ when steps is ["models", "*"] => ["model: x"],
            _ => [],
        };

    private static string PathOf(string[] steps)
    {
        var path = new StringBuilder();
        foreach (var step in steps)
            path.Append(path.Length > 0 ? "." : "").Append(step switch { "*" => "any", "-" => "0", _ => step });
        return path.ToString();
    }

    private static JsonElement Read()
    {
        var reader = new Utf8JsonReader(SchemaText.Json);
        return JsonElement.ParseValue(ref reader);
    }
}
