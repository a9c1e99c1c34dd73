using System.Text.Json;

namespace Gantry.Compose.Validation;

/// <summary>
/// A rule of the compose specification's schema (compose-spec.json, JSON Schema draft 7), as far as that schema uses the language. What is
/// stored is names, types and required members only. It is read when it is first asked for: a project meets a small part of all rules.
/// </summary>
internal sealed class Schema
{
    private readonly Dictionary<string, Schema> _named;
    private readonly int _start;
    private SchemaContent? _content;

    private Schema(Dictionary<string, Schema> named, int start) => (_named, _start) = (named, start);

    /// <summary>The types a value may have; empty for any.</summary>
    public IReadOnlyList<string> Types => Content.Types;

    /// <summary>Rules of members with known names.</summary>
    public IReadOnlyDictionary<string, Schema> Properties => Content.Properties;

    /// <summary>Rules of members by the form of their names.</summary>
    public IReadOnlyList<(NamePattern Pattern, Schema Schema)> Patterns => Content.Patterns;

    /// <summary>Whether further members are allowed.</summary>
    public bool AllowsOthers => Content.AllowsOthers;

    /// <summary>The rule of further members, or null for none.</summary>
    public Schema? Others => Content.Others;

    /// <summary>Members that must be there.</summary>
    public IReadOnlyList<string> Required => Content.Required;

    /// <summary>The rule of a list's elements, or null.</summary>
    public Schema? Items => Content.Items;

    /// <summary>Rules of which exactly one must hold; empty for none.</summary>
    public IReadOnlyList<Schema> OneOf => Content.OneOf;

    /// <summary>The texts that are allowed; empty for any.</summary>
    public IReadOnlyList<string> Enumeration => Content.Enumeration;

    /// <summary>The form of a text, or null for any.</summary>
    public NamePattern? TextPattern => Content.TextPattern;

    /// <summary>The least number.</summary>
    public double? Minimum => Content.Minimum;

    /// <summary>The greatest number.</summary>
    public double? Maximum => Content.Maximum;

    /// <summary>Whether the elements of a list must differ.</summary>
    public bool UniqueItems => Content.UniqueItems;

    private SchemaContent Content => _content ??= ReadContent();

    /// <summary>The schema that is part of this library.</summary>
    public static Schema Load()
    {
        var named = new Dictionary<string, Schema>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(SchemaText.Json);
        reader.Read();
        while (NextMember(ref reader) is { } member)
        {
            if (member != "definitions")
            {
                reader.Skip();
                continue;
            }
            while (NextMember(ref reader) is { } name)
            {
                named[name] = new Schema(named, (int)reader.TokenStartIndex);
                reader.Skip();
            }
        }
        return new Schema(named, 0);
    }

    private SchemaContent ReadContent()
    {
        var content = new SchemaContent();
        var reader = new Utf8JsonReader(SchemaText.Json[_start..]);
        reader.Read();
        while (NextMember(ref reader) is { } member)
        {
            switch (member)
            {
                case "type":
                    content.Types = Texts(ref reader);
                    break;
                case "properties":
                    while (NextMember(ref reader) is { } name)
                        content.Properties[name] = Child(ref reader);
                    break;
                case "patternProperties":
                    while (NextMember(ref reader) is { } pattern)
                        content.Patterns.Add((new NamePattern(pattern), Child(ref reader)));
                    break;
                case "additionalProperties":
                    content.AllowsOthers = reader.TokenType != JsonTokenType.False;
                    content.Others = reader.TokenType == JsonTokenType.StartObject ? Child(ref reader) : null;
                    break;
                case "required":
                    content.Required = Texts(ref reader);
                    break;
                case "items":
                    content.Items = Child(ref reader);
                    break;
                case "oneOf":
                    while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                        content.OneOf.Add(Child(ref reader));
                    break;
                case "enum":
                    content.Enumeration = Texts(ref reader);
                    break;
                case "pattern":
                    content.TextPattern = new NamePattern(reader.GetString()!);
                    break;
                case "minimum":
                    content.Minimum = reader.GetDouble();
                    break;
                case "maximum":
                    content.Maximum = reader.GetDouble();
                    break;
                case "uniqueItems":
                    content.UniqueItems = reader.GetBoolean();
                    break;
                case "definitions":
                    reader.Skip();
                    break;
                default:
                    throw new InvalidOperationException($"the schema's keyword {member} is not supported here");
            }
        }
        return content;
    }

    // A rule within a rule: one that stands here, or that refers to a named one.
    private Schema Child(ref Utf8JsonReader reader)
    {
        var start = _start + (int)reader.TokenStartIndex;
        var inside = reader;
        reader.Skip();
        return NextMember(ref inside) == "$ref" ? _named[inside.GetString()!["#/definitions/".Length..]] : new Schema(_named, start);
    }

    // The name of an object's next member, with the reader at its value; null at the object's end.
    private static string? NextMember(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.PropertyName)
            return null;
        var name = reader.GetString();
        reader.Read();
        return name;
    }

    private static List<string> Texts(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
            return [reader.GetString()!];
        var texts = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            texts.Add(reader.GetString()!);
        return texts;
    }

    private sealed class SchemaContent
    {
        public List<string> Types { get; set; } = [];

        public Dictionary<string, Schema> Properties { get; } = new(StringComparer.Ordinal);

        public List<(NamePattern Pattern, Schema Schema)> Patterns { get; } = [];

        public bool AllowsOthers { get; set; } = true;

        public Schema? Others { get; set; }

        public List<string> Required { get; set; } = [];

        public Schema? Items { get; set; }

        public List<Schema> OneOf { get; } = [];

        public List<string> Enumeration { get; set; } = [];

        public NamePattern? TextPattern { get; set; }

        public double? Minimum { get; set; }

        public double? Maximum { get; set; }

        public bool UniqueItems { get; set; }
    }
}
