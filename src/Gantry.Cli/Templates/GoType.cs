using System.Globalization;
using System.Text.Json;
using Gantry.Compose.Model;

namespace Gantry.Cli.Templates;

/// <summary>The Go type of a value in one of docker's documents: what it is when the document does not have it, and how it prints.</summary>
internal abstract record GoType
{
    private static readonly GoType s_any = new AnyType();

    /// <summary>Go's name of it.</summary>
    public abstract string Name { get; }

    /// <summary>Reads a type as Go writes it: <c>string</c>, <c>int</c>, <c>bool</c>, <c>any</c>, <c>[]T</c>, <c>map[K]T</c>, <c>*T</c>, <c>time.Duration</c>,
    /// <c>time.Time</c>, <c>Ulimit</c>, <c>struct{}</c>, the name of a structure, or <c>name=T</c> for a type that is a T by another name.</summary>
    public static GoType Parse(string text) => text switch
    {
        "string" => new TextType(""),
        "int" => new NumberType(),
        "int64" or "uint64" or "uint16" => new NamedType(new NumberType(), text),
        "bool" => new TruthType(),
        "any" => s_any,
        "time.Duration" => new PrintedType(text, static element => DurationText.Format(element.TryGetInt64(out var nanoseconds) ? nanoseconds : 0), "0s"),
        "time.Time" => new PrintedType(text, static element => PrintTime(element.GetString()), PrintTime(null)),
        "Ulimit" => new PrintedType("*units.Ulimit", static element =>
            $"{element.GetProperty("Name")}={element.GetProperty("Soft")}:{element.GetProperty("Hard")}", ""),
        "struct{}" => new StructureType(new Lazy<GoStructure>(new GoStructure("struct {}", []))),
        "uint" => new NamedType(new NumberType(), text),
        ['m', 'a', 'p', '[', ..] =>
            new MapType(text[4..text.IndexOf(']', StringComparison.Ordinal)], Parse(text[(text.IndexOf(']', StringComparison.Ordinal) + 1)..])),
        ['[', ']', .. var element] => new ListType(Parse(element)),
        ['*', .. var target] => new PointerType(Parse(target)),
        _ when text.Split('=') is [var name, var basic] => new NamedType(Parse(basic), name),
        _ => new StructureType(new Lazy<GoStructure>(() => GoStructure.Get(text))),
    };

    /// <summary>The value as templates see it.</summary>
    /// <param name="element">What the document has; null or undefined when it has nothing.</param>
    public object? Wrap(JsonElement element) =>
        element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? Zero(element) : Read(element) ?? JsonTemplateMap.Wrap(element);

    /// <summary>What stands for a value that is not there.</summary>
    protected abstract object? Zero(JsonElement element);

    /// <summary>The value, or null when the document has one of another type there.</summary>
    protected abstract object? Read(JsonElement element);

    // Without a fraction that is zero.
    private static string PrintTime(string? text) =>
        (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : default).UtcDateTime
            .ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture) + " +0000 UTC";

    private sealed record TextType(string Empty) : GoType
    {
        public override string Name => "string";

        protected override object Zero(JsonElement element) => Empty;

        protected override object? Read(JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString() : null;
    }

    private sealed record NumberType : GoType
    {
        public override string Name => "int";

        protected override object Zero(JsonElement element) => 0L;

        protected override object? Read(JsonElement element) => null;
    }

    private sealed record TruthType : GoType
    {
        public override string Name => "bool";

        protected override object Zero(JsonElement element) => false;

        protected override object? Read(JsonElement element) => null;
    }

    private sealed record AnyType : GoType
    {
        public override string Name => "interface {}";

        protected override object? Zero(JsonElement element) => null;

        protected override object? Read(JsonElement element) => null;
    }

    /// <summary>A type that prints as a text of its own.</summary>
    private sealed record PrintedType(string Type, Func<JsonElement, string> Print, string Nothing) : GoType
    {
        public override string Name => Type;

        protected override object Zero(JsonElement element) => new PrintedTemplateValue(element, Nothing, Type);

        protected override object Read(JsonElement element) => new PrintedTemplateValue(element, Print(element), Type);
    }

    private sealed record ListType(GoType Element) : GoType
    {
        public override string Name => "[]" + Element.Name;

        protected override object Zero(JsonElement element) => new JsonTemplateList(element, Element);

        protected override object? Read(JsonElement element) => element.ValueKind == JsonValueKind.Array ? new JsonTemplateList(element, Element) : null;
    }

    private sealed record MapType(string Key, GoType Element) : GoType
    {
        public override string Name => $"map[{Key}]{Element.Name}";

        protected override object Zero(JsonElement element) => new JsonTemplateMap(JsonTemplateMap.EmptyObject, Element) { IsNull = true, KeyType = Key };

        protected override object? Read(JsonElement element) =>
            element.ValueKind == JsonValueKind.Object ? new JsonTemplateMap(element, Element) { KeyType = Key } : null;
    }

    /// <summary>A type that is another one by a name of its own.</summary>
    private sealed record NamedType(GoType Basic, string Type) : GoType
    {
        public override string Name => Type;

        protected override object Zero(JsonElement element) => new TypedValue(Basic.Zero(element)!, Type);

        protected override object? Read(JsonElement element) =>
            (Basic.Read(element) ?? JsonTemplateMap.Wrap(element)) is { } value ? new TypedValue(value, Type) : null;
    }

    private sealed record PointerType(GoType Target) : GoType
    {
        public override string Name => "*" + Target.Name;

        protected override object Zero(JsonElement element) => new PrintedTemplateValue(element, "<nil>", Name) { IsNil = true };

        protected override object? Read(JsonElement element) => TypedValue.Unwrap(Target.Wrap(element)) switch
        {
            StructureTemplateMap structure => structure.ToPointer(),
            null => null,
            var value => new TypedValue(value, Name) { IsPointer = true },
        };
    }

    private sealed record StructureType(Lazy<GoStructure> Structure) : GoType
    {
        public override string Name => Structure.Value.Name;

        protected override object Zero(JsonElement element) => new StructureTemplateMap(JsonTemplateMap.EmptyObject, Structure.Value);

        protected override object? Read(JsonElement element) =>
            element.ValueKind == JsonValueKind.Object ? new StructureTemplateMap(element, Structure.Value) : null;
    }
}

/// <summary>A value that prints as a text, and is written as the JSON it was read from.</summary>
/// <param name="Element">The JSON; it may be undefined.</param>
/// <param name="Text">The text.</param>
/// <param name="Type">Go's name of its type.</param>
internal sealed record PrintedTemplateValue(JsonElement Element, string Text, string Type)
{
    /// <summary>Whether it is a pointer to nothing.</summary>
    public bool IsNil { get; init; }

    /// <summary>Whether <c>if</c> takes it for true.</summary>
    public bool IsTrue => Element.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => false,
        JsonValueKind.Number => Element.GetDouble() != 0,
        _ => true,
    };

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>
/// A JSON object that is read into a Go structure: it has that one's fields, by Go's names and in Go's order, also those that the document leaves out.
/// </summary>
internal sealed class StructureTemplateMap(JsonElement element, GoStructure structure) : JsonTemplateMap(element)
{
    /// <summary>Whether it is there by a pointer, which functions such as <c>println</c> show.</summary>
    public bool IsPointer { get; init; }

    /// <summary>Go's name of its type.</summary>
    public override string Type => (IsPointer ? "*" : "") + structure.Name;

    /// <summary>Go's name of the structure.</summary>
    public string StructureType => structure.Name;

    /// <summary>Names and values of all fields in Go's order, an embedded structure as one.</summary>
    public IEnumerable<(string Name, object? Value)> Values => structure.Fields.Select(member => (member.Name, Value(member)));

    /// <summary>The values of all fields.</summary>
    public string Print() => TemplateValue.PrintNested(new StructureTemplateMap(Element, structure));

    /// <summary>A pointer to it.</summary>
    public StructureTemplateMap ToPointer() => new(Element, structure) { IsPointer = true };

    /// <inheritdoc/>
    public override bool TryGet(string name, out object? value)
    {
        foreach (var field in structure.Fields)
        {
            if (field.Name == name)
            {
                value = Value(field);
                return true;
            }
            if (field.IsEmbedded && ((JsonTemplateMap)Value(field)!).TryGet(name, out value))
                return true;
        }
        value = null;
        return false;
    }

    /// <inheritdoc/>
    public override string DescribeMissing(string name) => $"can't evaluate field {name} in type {Type}";

    private object? Value(GoField field) => field.Type.Wrap(field.IsEmbedded ? Element : Element.TryGetProperty(field.Json, out var member) ? member : default);
}
