using System.Text.Json;

namespace Gantry.Compose.Validation;

/// <summary>
/// A rule of the compose specification's schema (compose-spec.json, JSON Schema draft 7), as far as that schema uses the language. What is
/// stored is names, types and required members only.
/// </summary>
internal sealed class Schema
{
    /// <summary>The types a value may have; empty for any.</summary>
    public IReadOnlyList<string> Types { get; private set; } = [];

    /// <summary>Rules of members with known names.</summary>
    public Dictionary<string, Schema> Properties { get; } = new(StringComparer.Ordinal);

    /// <summary>Rules of members by the form of their names.</summary>
    public List<(NamePattern Pattern, Schema Schema)> Patterns { get; } = [];

    /// <summary>Whether further members are allowed.</summary>
    public bool AllowsOthers { get; private set; } = true;

    /// <summary>The rule of further members, or null for none.</summary>
    public Schema? Others { get; private set; }

    /// <summary>Members that must be there.</summary>
    public IReadOnlyList<string> Required { get; private set; } = [];

    /// <summary>The rule of a list's elements, or null.</summary>
    public Schema? Items { get; private set; }

    /// <summary>Rules of which exactly one must hold; empty for none.</summary>
    public List<Schema> OneOf { get; } = [];

    /// <summary>The texts that are allowed; empty for any.</summary>
    public IReadOnlyList<string> Enumeration { get; private set; } = [];

    /// <summary>The form of a text, or null for any.</summary>
    public NamePattern? TextPattern { get; private set; }

    /// <summary>The least number.</summary>
    public double? Minimum { get; private set; }

    /// <summary>The greatest number.</summary>
    public double? Maximum { get; private set; }

    /// <summary>Whether the elements of a list must differ.</summary>
    public bool UniqueItems { get; private set; }

    /// <summary>Reads the schema that is part of this library.</summary>
    public static Schema Load()
    {
        using var stream = typeof(Schema).Assembly.GetManifestResourceStream("compose-schema.json")!;
        using var document = JsonDocument.Parse(stream);
        return new Reader(document.RootElement.GetProperty("definitions")).Read(document.RootElement);
    }

    private sealed class Reader(JsonElement definitions)
    {
        private readonly Dictionary<string, Schema> _named = new(StringComparer.Ordinal);

        public Schema Read(JsonElement element)
        {
            if (element.TryGetProperty("$ref", out var reference))
                return Named(reference.GetString()!["#/definitions/".Length..]);
            var schema = new Schema();
            Fill(schema, element);
            return schema;
        }

        private Schema Named(string name)
        {
            if (_named.TryGetValue(name, out var schema))
                return schema;
            // Entered before it is read: rules may refer to themselves.
            _named[name] = schema = new Schema();
            Fill(schema, definitions.GetProperty(name));
            return schema;
        }

        private void Fill(Schema schema, JsonElement element)
        {
            foreach (var member in element.EnumerateObject())
            {
                switch (member.Name)
                {
                    case "$ref":
                        throw new InvalidOperationException("a named rule that only refers to another one is not supported");
                    case "type":
                        schema.Types = Texts(member.Value);
                        break;
                    case "properties":
                        foreach (var property in member.Value.EnumerateObject())
                            schema.Properties[property.Name] = Read(property.Value);
                        break;
                    case "patternProperties":
                        foreach (var property in member.Value.EnumerateObject())
                            schema.Patterns.Add((new NamePattern(property.Name), Read(property.Value)));
                        break;
                    case "additionalProperties":
                        schema.AllowsOthers = member.Value.ValueKind != JsonValueKind.False;
                        schema.Others = member.Value.ValueKind == JsonValueKind.Object ? Read(member.Value) : null;
                        break;
                    case "required":
                        schema.Required = Texts(member.Value);
                        break;
                    case "items":
                        schema.Items = Read(member.Value);
                        break;
                    case "oneOf":
                        schema.OneOf.AddRange(member.Value.EnumerateArray().Select(Read));
                        break;
                    case "enum":
                        schema.Enumeration = Texts(member.Value);
                        break;
                    case "pattern":
                        schema.TextPattern = new NamePattern(member.Value.GetString()!);
                        break;
                    case "minimum":
                        schema.Minimum = member.Value.GetDouble();
                        break;
                    case "maximum":
                        schema.Maximum = member.Value.GetDouble();
                        break;
                    case "uniqueItems":
                        schema.UniqueItems = member.Value.GetBoolean();
                        break;
                }
            }
        }

        private static string[] Texts(JsonElement element) => element.ValueKind == JsonValueKind.Array
            ? [.. element.EnumerateArray().Select(static text => text.GetString() ?? text.ToString())]
            : [element.GetString()!];
    }
}
