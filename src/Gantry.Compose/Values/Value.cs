namespace Gantry.Compose.Values;

/// <summary>A part of a compose model before it has types: what YAML calls a node, without its anchors and styles.</summary>
/// <param name="at">Where it was written.</param>
public abstract class Value(Position at)
{
    /// <summary>Where it was written.</summary>
    public Position At { get; } = at;

    /// <summary>Whether it is the null value.</summary>
    public bool IsNull => this is ScalarValue { Kind: ScalarKind.Null };

    /// <summary>A copy that shares nothing with this one.</summary>
    public abstract Value Clone();

    /// <summary>The text of a scalar of kind text, or null.</summary>
    public string? AsText => this is ScalarValue { Kind: ScalarKind.Text } scalar ? scalar.Text : null;

    /// <summary>Whether two values are equal, wherever they were written.</summary>
    public static bool Same(Value left, Value right) => (left, right) switch
    {
        (ScalarValue one, ScalarValue other) => one.Kind == other.Kind && one.Text == other.Text,
        (ListValue one, ListValue other) =>
            one.Items.Count == other.Items.Count && one.Items.Zip(other.Items).All(static pair => Same(pair.First, pair.Second)),
        (MapValue one, MapValue other) => one.Count == other.Count
            && one.Entries.All(entry => other.TryGet(entry.Key, out var value) && Same(entry.Value, value)),
        _ => false,
    };
}

/// <summary>The kinds of scalars that YAML's core schema tells apart.</summary>
public enum ScalarKind
{
    /// <summary>No value.</summary>
    Null,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number with a fraction, of double precision.</summary>
    Float,

    /// <summary>A number with a fraction, of single precision.</summary>
    Single,

    /// <summary>Anything else.</summary>
    Text,
}

/// <summary>A scalar. Its <see cref="Text"/> is what Go's <c>fmt.Sprint</c> makes of it: that is how docker turns numbers into text.</summary>
public sealed class ScalarValue : Value
{
    private ScalarValue(ScalarKind kind, string text, Position at)
        : base(at)
    {
        Kind = kind;
        Text = text;
    }

    /// <summary>Which kind it is.</summary>
    public ScalarKind Kind { get; }

    /// <summary>Its text; for a number the shortest form that reads back as it.</summary>
    public string Text { get; }

    /// <summary>The whole number, for <see cref="ScalarKind.Integer"/>.</summary>
    public long Integer { get; private init; }

    /// <summary>The number, for <see cref="ScalarKind.Float"/> and <see cref="ScalarKind.Single"/>.</summary>
    public double Float { get; private init; }

    /// <summary>Whether it is the boolean true.</summary>
    public bool IsTrue => Kind == ScalarKind.Boolean && Text == "true";

    /// <summary>The null value.</summary>
    public static ScalarValue Null(Position at = default) => new(ScalarKind.Null, "<nil>", at);

    /// <summary>A boolean.</summary>
    public static ScalarValue Of(bool value, Position at = default) => new(ScalarKind.Boolean, value ? "true" : "false", at);

    /// <summary>A whole number.</summary>
    public static ScalarValue Of(long value, Position at = default) =>
        new(ScalarKind.Integer, value.ToString(System.Globalization.CultureInfo.InvariantCulture), at) { Integer = value };

    /// <summary>A number of double precision.</summary>
    public static ScalarValue Of(double value, Position at = default) => new(ScalarKind.Float, GoNumber.General(value), at) { Float = value };

    /// <summary>A number of single precision.</summary>
    public static ScalarValue Of(float value, Position at = default) => new(ScalarKind.Single, GoNumber.General(value), at) { Float = value };

    /// <summary>A text.</summary>
    public static ScalarValue Of(string text, Position at = default) => new(ScalarKind.Text, text, at);

    /// <inheritdoc/>
    public override Value Clone() => this;

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>A list.</summary>
/// <param name="at">Where it was written.</param>
public sealed class ListValue(Position at = default) : Value(at)
{
    /// <summary>Makes a list of texts.</summary>
    public static ListValue Of(IEnumerable<string> texts)
    {
        var list = new ListValue();
        foreach (var text in texts)
            list.Items.Add(ScalarValue.Of(text));
        return list;
    }

    /// <summary>Its elements.</summary>
    public List<Value> Items { get; } = [];

    /// <inheritdoc/>
    public override Value Clone()
    {
        var copy = new ListValue(At);
        foreach (var item in Items)
            copy.Items.Add(item.Clone());
        return copy;
    }

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(' ', Items)}]";
}

/// <summary>A mapping with texts as keys, in the order they were written.</summary>
/// <param name="at">Where it was written.</param>
public sealed class MapValue(Position at = default) : Value(at)
{
    private readonly OrderedDictionary<string, Value> _entries = new(StringComparer.Ordinal);

    /// <summary>Keys and values.</summary>
    public IReadOnlyCollection<KeyValuePair<string, Value>> Entries => _entries;

    /// <summary>The keys.</summary>
    public IReadOnlyCollection<string> Keys => _entries.Keys;

    /// <summary>How many keys it has.</summary>
    public int Count => _entries.Count;

    /// <summary>Where each key was written, as far as that is known.</summary>
    public Dictionary<string, Position>? KeyPositions { get; private set; }

    /// <summary>The value of a key, or null when it has none; the null value counts as none.</summary>
    public Value? this[string key]
    {
        get => _entries.TryGetValue(key, out var value) && !value.IsNull ? value : null;
        set => _entries[key] = value ?? ScalarValue.Null();
    }

    /// <summary>Where a key was written, or at least the mapping.</summary>
    public Position PositionOf(string key) => KeyPositions?.TryGetValue(key, out var at) == true ? at : At;

    /// <summary>A mapping without entries that was written in the same place.</summary>
    public MapValue Emptied() => new(At) { KeyPositions = KeyPositions };

    /// <summary>Looks a key up; its value may be the null value.</summary>
    public bool TryGet(string key, out Value value) => _entries.TryGetValue(key, out value!);

    /// <summary>Whether the key is there, be it with the null value.</summary>
    public bool Contains(string key) => _entries.ContainsKey(key);

    /// <summary>Sets a key and notes where it was written.</summary>
    public void Set(string key, Value value, Position at)
    {
        _entries[key] = value;
        (KeyPositions ??= new(StringComparer.Ordinal))[key] = at;
    }

    /// <summary>Takes a key away.</summary>
    public bool Remove(string key) => _entries.Remove(key);

    /// <summary>The value of a key as a mapping, or null.</summary>
    public MapValue? Map(string key) => this[key] as MapValue;

    /// <summary>The value of a key as a list, or null.</summary>
    public ListValue? List(string key) => this[key] as ListValue;

    /// <summary>The text of a key's value, whatever scalar it is; empty when there is none.</summary>
    public string Text(string key) => this[key] is ScalarValue scalar ? scalar.Text : "";

    /// <summary>The whole number of a key's value; 0 when there is none.</summary>
    public long Number(string key) => this[key] is ScalarValue scalar ? scalar.Kind == ScalarKind.Integer ? scalar.Integer : (long)scalar.Float : 0;

    /// <summary>The number of a key's value; 0 when there is none.</summary>
    public double Fraction(string key) => this[key] is ScalarValue scalar ? scalar.Kind == ScalarKind.Integer ? scalar.Integer : scalar.Float : 0;

    /// <summary>Whether a key's value is true.</summary>
    public bool Flag(string key) => this[key] is ScalarValue { IsTrue: true };

    /// <summary>The texts of a key's list; empty when there is none.</summary>
    public IReadOnlyList<string> Texts(string key) => this[key] is ListValue list ? [.. list.Items.Select(static item => item.ToString() ?? "")] : [];

    /// <summary>The texts of a key's mapping, sorted; the null value counts as empty.</summary>
    public SortedDictionary<string, string> TextMap(string key)
    {
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (this[key] is MapValue map)
            foreach (var (name, value) in map.Entries)
                texts[name] = value.IsNull ? "" : value.ToString() ?? "";
        return texts;
    }

    /// <summary>The mappings in a key's list, or in its mapping by name.</summary>
    public IEnumerable<MapValue> Maps(string key) => this[key] switch
    {
        ListValue list => list.Items.OfType<MapValue>(),
        MapValue map => map.Entries.Select(static entry => entry.Value).OfType<MapValue>(),
        _ => [],
    };

    /// <inheritdoc/>
    public override Value Clone()
    {
        var copy = Emptied();
        foreach (var (key, value) in _entries)
            copy._entries[key] = value.Clone();
        return copy;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"map[{string.Join(' ', _entries.OrderBy(static entry => entry.Key, StringComparer.Ordinal).Select(static entry => $"{entry.Key}:{entry.Value}"))}]";
}
