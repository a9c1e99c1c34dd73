using Gantry.Compose.Output;
using Gantry.Compose.Values;

namespace Gantry.Compose.Model.Shapes;

/// <summary>A member of a structure.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Shape">Its type.</param>
internal sealed record Field(string Name, Shape Shape)
{
    /// <summary>Its key in JSON when that differs, or null.</summary>
    public string? JsonName { get; init; }

    /// <summary>Whether being there is what counts, be its value zero or not: what docker holds by a pointer.</summary>
    public bool Optional { get; init; }

    /// <summary>Whether YAML has it also when it is zero.</summary>
    public bool AlwaysInYaml { get; init; }

    /// <summary>Whether JSON has it also when it is zero or absent.</summary>
    public bool AlwaysInJson { get; init; }

    /// <summary>Whether it is only read: docker's model has no member for it, so output and hashes have none.</summary>
    public bool Unwritten { get; init; }
}

/// <summary>A structure: members in a fixed order, and extensions whose names begin with <c>x-</c>.</summary>
/// <param name="fields">The members, in docker's order.</param>
internal sealed class StructShape(params Field[] fields) : Shape
{
    private readonly Dictionary<string, Field> _byName = fields.ToDictionary(static field => field.Name, StringComparer.Ordinal);

    public override Value Read(Value value)
    {
        if (value is not MapValue map)
            throw Unfit(value, "a mapping");
        var read = map.Emptied();
        foreach (var (key, element) in map.Entries)
        {
            if (_byName.TryGetValue(key, out var field))
            {
                if (!element.IsNull)
                    read[key] = field.Shape.Read(element);
            }
            else if (key.StartsWith("x-", StringComparison.Ordinal))
            {
                read[key] = element;
            }
        }
        return read;
    }

    public override bool IsZero(Value value) => value is MapValue map
        && map.Entries.All(entry => _byName.TryGetValue(entry.Key, out var field) && !field.Optional && field.Shape.IsZero(entry.Value));

    public override Value ToYaml(Value value)
    {
        if (value is not MapValue map)
            return value;
        var yaml = new MapValue();
        foreach (var field in fields.Where(static field => !field.Unwritten))
        {
            if (map[field.Name] is { } element && (field.Optional || field.AlwaysInYaml || !field.Shape.IsZero(element)))
                yaml[field.Name] = field.Shape.ToYaml(element);
        }
        foreach (var key in map.Keys.Where(static key => key.StartsWith("x-", StringComparison.Ordinal)).Order(NaturalOrder.Instance))
        {
            map.TryGet(key, out var extension);
            yaml[key] = SortedTree.ForYaml(extension);
        }
        return yaml;
    }

    public override Value ToJson(Value value)
    {
        if (value is not MapValue map)
            return value;
        var json = new MapValue();
        foreach (var field in fields.Where(static field => !field.Unwritten))
        {
            if (map[field.Name] is { } element && (field.Optional || field.AlwaysInJson || field.Shape is StructShape || !field.Shape.IsZero(element)))
                json[field.JsonName ?? field.Name] = field.Shape.ToJson(element);
            else if (field.AlwaysInJson || field.Shape is StructShape && !field.Optional)
                json[field.JsonName ?? field.Name] = field.Shape.JsonWhenAbsent;
        }
        return json;
    }

    public override Value JsonWhenAbsent => ToJson(new MapValue());
}

/// <summary>A list of values of one type.</summary>
/// <param name="element">The type.</param>
internal sealed class ListShape(Shape element) : Shape
{
    public override Value Read(Value value)
    {
        var list = new ListValue(value.At);
        list.Items.AddRange((value as ListValue ?? throw Unfit(value, "a list")).Items.Select(item => item.IsNull ? item : element.Read(item)));
        return list;
    }

    public override Value ToYaml(Value value) => Each(value, element.ToYaml);

    public override Value ToJson(Value value) => Each(value, element.ToJson);

    private static ListValue Each(Value value, Func<Value, Value> convert)
    {
        var list = new ListValue(value.At);
        list.Items.AddRange(((ListValue)value).Items.Select(item => item.IsNull ? item : convert(item)));
        return list;
    }
}

/// <summary>A mapping of names to values of one type; a name may have no value.</summary>
/// <param name="element">The type.</param>
internal sealed class NamedShape(Shape element) : Shape
{
    public override Value Read(Value value)
    {
        var named = new MapValue(value.At);
        foreach (var (name, item) in (value as MapValue ?? throw Unfit(value, "a mapping")).Entries)
            named[name] = item.IsNull ? item : element.Read(item);
        return named;
    }

    public override Value ToYaml(Value value) => Each((MapValue)value, element.ToYaml, NaturalOrder.Instance);

    public override Value ToJson(Value value) => Each((MapValue)value, element.ToJson, StringComparer.Ordinal);

    private static MapValue Each(MapValue named, Func<Value, Value> convert, IComparer<string> order)
    {
        var result = new MapValue(named.At);
        foreach (var name in named.Keys.Order(order))
        {
            named.TryGet(name, out var item);
            result[name] = item.IsNull ? item : convert(item);
        }
        return result;
    }
}

/// <summary>A limit of a process: one number, or a soft and a hard one.</summary>
internal sealed class UlimitShape : Shape
{
    private static readonly WholeShape s_whole = new();

    public override Value Read(Value value)
    {
        if (value is not MapValue map)
            return s_whole.Read(value);
        var limit = new MapValue(map.At);
        foreach (var key in (string[])["soft", "hard"])
            limit[key] = map[key] is { } number ? s_whole.Read(number) : ScalarValue.Of(0L);
        return limit;
    }

    public override Value ToJson(Value value)
    {
        if (value is not MapValue map)
            return value;
        var json = new MapValue();
        foreach (var (key, number) in map.Entries)
            if (!IsZero(number))
                json[key] = number;
        return json;
    }

    public override Value ToYaml(Value value) => value is ScalarValue { Integer: 0 } ? Read(new MapValue()) : value;
}

/// <summary>A file of variables; written as its path alone when it must be there.</summary>
internal sealed class EnvironmentFileShape : Shape
{
    private static readonly StructShape s_fields = new(
        new Field("path", new TextShape()), new Field("required", new FlagShape()) { AlwaysInJson = true }, new Field("format", new TextShape()));

    public override Value Read(Value value) => s_fields.Read(value);

    public override Value ToYaml(Value value)
    {
        var file = (MapValue)value;
        if (file.Flag("required"))
            return ScalarValue.Of(file.Text("path"));
        var yaml = new MapValue();
        yaml["path"] = ScalarValue.Of(file.Text("path"));
        yaml["required"] = ScalarValue.Of(false);
        return yaml;
    }

    public override Value ToJson(Value value) => ((MapValue)value).Flag("required") ? ToYaml(value) : s_fields.ToJson(value);
}
