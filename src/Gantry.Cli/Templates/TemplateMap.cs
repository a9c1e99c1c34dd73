using System.Text.Json;

namespace Gantry.Cli.Templates;

/// <summary>What a template can take fields from.</summary>
public abstract class TemplateMap
{
    /// <summary>The names of all fields, in the order in which Go prints and ranges over them: sorted for a map.</summary>
    public abstract IEnumerable<string> Names { get; }

    /// <summary>How many fields there are.</summary>
    public abstract int Count { get; }

    /// <summary>Looks a field up. The value is null, a bool, string, long, double, list, <see cref="TemplateMap"/> or <see cref="TemplateMethod"/>.</summary>
    public abstract bool TryGet(string name, out object? value);

    /// <summary>The value of the function <c>index</c>: for a key that is not there, what Go has for nothing.</summary>
    public virtual object? Index(string key) => TryGet(key, out var value) ? value : null;

    /// <summary>What the error says when a field does not exist.</summary>
    public virtual string DescribeMissing(string name) => $"map has no entry for key \"{name}\"";
}

/// <summary>A field that takes arguments, such as <c>.Label "name"</c>.</summary>
/// <param name="arguments">What follows the field in the template.</param>
public delegate object? TemplateMethod(IReadOnlyList<object?> arguments);

/// <summary>A JSON object as a template sees it.</summary>
public class JsonTemplateMap : TemplateMap
{
    private readonly GoType? _values;

    /// <summary>An object whose members are what JSON says.</summary>
    /// <param name="element">An object; its document must outlive the template's execution.</param>
    public JsonTemplateMap(JsonElement element) => Element = element;

    internal JsonTemplateMap(JsonElement element, GoType values)
        : this(element) => _values = values;

    /// <summary>The object.</summary>
    public JsonElement Element { get; }

    /// <summary>Whether the document says null where docker has an empty map: it is one, but for <c>json</c>.</summary>
    public bool IsNull { get; init; }

    /// <summary>Go's name of the type of its keys.</summary>
    public string KeyType { get; init; } = "string";

    /// <summary>Go's name of its type.</summary>
    public virtual string Type => $"map[{KeyType}]" + (_values?.Name ?? "interface {}");

    /// <summary>An object without members.</summary>
    internal static JsonElement EmptyObject { get; } = ReadEmptyObject();

    /// <inheritdoc/>
    public override IEnumerable<string> Names
    {
        get
        {
            var names = new List<string>();
            foreach (var property in Element.EnumerateObject())
                names.Add(property.Name);
            names.Sort(StringComparer.Ordinal);
            return names;
        }
    }

    /// <inheritdoc/>
    public override int Count => Element.GetPropertyCount();

    /// <summary>Turns any JSON value into what templates work on.</summary>
    public static object? Wrap(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new JsonTemplateMap(element),
        JsonValueKind.Array => new JsonTemplateList(element),
        JsonValueKind.String => element.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number when element.TryGetInt64(out var whole) => whole,
        JsonValueKind.Number => element.GetDouble(),
        _ => null,
    };

    /// <inheritdoc/>
    public override bool TryGet(string name, out object? value)
    {
        var found = Element.TryGetProperty(name, out var member);
        value = !found ? null : _values is null ? Wrap(member) : _values.Wrap(member);
        // Of a map whose values have a type Go's templates take any field.
        return found || _values is not null;
    }

    /// <inheritdoc/>
    public override object? Index(string key) => TryGet(key, out var value) && (value is not null || _values is null) ? value : _values?.Wrap(default);

    private static JsonElement ReadEmptyObject()
    {
        var reader = new Utf8JsonReader("{}"u8);
        return JsonElement.ParseValue(ref reader);
    }
}

/// <summary>A JSON array as a template sees it; null counts as empty.</summary>
public sealed class JsonTemplateList : IReadOnlyList<object?>
{
    private readonly GoType? _elements;

    /// <summary>An array whose elements are what JSON says.</summary>
    /// <param name="element">An array or null.</param>
    public JsonTemplateList(JsonElement element) => Element = element;

    internal JsonTemplateList(JsonElement element, GoType elements)
        : this(element) => _elements = elements;

    /// <summary>The array, or null.</summary>
    public JsonElement Element { get; }

    /// <summary>Whether the document says nothing, or null.</summary>
    public bool IsNull => Element.ValueKind != JsonValueKind.Array;

    /// <summary>Go's name of its type.</summary>
    public string Type => "[]" + (_elements?.Name ?? "interface {}");

    /// <inheritdoc/>
    public int Count => Element.ValueKind == JsonValueKind.Array ? Element.GetArrayLength() : 0;

    /// <inheritdoc/>
    public object? this[int index] => _elements is null ? JsonTemplateMap.Wrap(Element[index]) : _elements.Wrap(Element[index]);

    /// <inheritdoc/>
    public IEnumerator<object?> GetEnumerator()
    {
        for (var index = 0; index < Count; index++)
            yield return this[index];
    }

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
}
