using Gantry.Compose.Output;
using Gantry.Compose.Values;

namespace Gantry.Compose.Model.Shapes;

/// <summary>A list of texts; a text alone is a list of one.</summary>
internal sealed class TextListShape : Shape
{
    public override Value Read(Value value)
    {
        if (value is ScalarValue scalar)
            return ListValue.Of([scalar.Text]);
        if (value is not ListValue list)
            throw Unfit(value, "a list");
        return ListValue.Of(
            list.Items.Select(static item => item is ScalarValue { IsNull: false } text ? text.Text : item.IsNull ? "" : throw Unfit(item, "a text")));
    }
}

/// <summary>A command: a list of words, or one text that is split as a shell does. An empty one differs from none.</summary>
internal sealed class CommandShape : Shape
{
    public override Value Read(Value value) => value switch
    {
        ListValue list => ListValue.Of(list.Items.Select(static item => item.ToString()!)),
        ScalarValue scalar => ListValue.Of(CommandWords.Split(scalar.Text)),
        _ => throw Unfit(value, "a command"),
    };

    public override bool IsZero(Value value) => value.IsNull;
}

/// <summary>The test of a health check: a list, or a text for a shell.</summary>
internal sealed class HealthTestShape : Shape
{
    public override Value Read(Value value) => value is ListValue list
        ? ListValue.Of(list.Items.Select(static item => item.ToString()!))
        : ListValue.Of(["CMD-SHELL", value.ToString()!]);
}

/// <summary>What a key without a value means.</summary>
internal enum Unset
{
    /// <summary>The empty text.</summary>
    Empty,

    /// <summary>Null, which is kept.</summary>
    Null,
}

/// <summary>A mapping of texts to texts; a list of <c>key=value</c> is one too.</summary>
/// <param name="unset">What a key without a value means.</param>
internal sealed class TextMapShape(Unset unset) : Shape
{
    public override Value Read(Value value)
    {
        var map = new MapValue(value.At);
        if (value is MapValue given)
        {
            foreach (var (key, element) in given.Entries)
                map[key] = element.IsNull ? Nothing(element) : ScalarValue.Of(element.ToString()!, element.At);
            return map;
        }
        if (value is not ListValue list)
            throw Unfit(value, "a mapping or a list of key=value");
        foreach (var item in list.Items)
        {
            var text = item.ToString()!;
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            var key = equals < 0 ? text : text[..equals];
            if (unset == Unset.Null && key.Length > 0 && char.IsWhiteSpace(key[^1]))
                throw new ComposeException($"environment variable {key} is declared with a trailing space");
            map[key] = equals < 0 ? Nothing(item) : ScalarValue.Of(text[(equals + 1)..], item.At);
        }
        return map;
    }

    public override Value ToYaml(Value value) => SortedTree.ForYaml(value);

    public override Value ToJson(Value value) => SortedTree.ForJson(value);

    private ScalarValue Nothing(Value value) => unset == Unset.Null ? ScalarValue.Null(value.At) : ScalarValue.Of("", value.At);
}

/// <summary>A mapping of texts to lists of texts: the options of a provider.</summary>
internal sealed class OptionListShape : Shape
{
    public override Value Read(Value value)
    {
        var map = new MapValue(value.At);
        foreach (var (key, element) in (value as MapValue ?? throw Unfit(value, "a mapping")).Entries)
            map[key] = ListValue.Of(element is ListValue list ? list.Items.Select(static item => item.ToString()!) : [element.ToString()!]);
        return map;
    }

    public override Value ToYaml(Value value) => SortedTree.ForYaml(value);

    public override Value ToJson(Value value) => SortedTree.ForJson(value);
}

/// <summary>Names of hosts with their addresses; written as a sorted list of <c>name=address</c>.</summary>
internal sealed class HostsShape : Shape
{
    public override Value Read(Value value)
    {
        var hosts = new MapValue(value.At);
        if (value is MapValue map)
        {
            foreach (var (name, addresses) in map.Entries)
                Add(hosts, name, addresses is ListValue several ? several.Items.Select(static item => item.ToString()!)
                    : [addresses.IsNull ? "" : addresses.ToString()!]);
            return hosts;
        }
        foreach (var item in (value as ListValue ?? throw Unfit(value, "a mapping or a list")).Items)
        {
            var text = item.ToString()!;
            var separator = text.IndexOf('=', StringComparison.Ordinal) is >= 0 and var equals ? equals : text.IndexOf(':', StringComparison.Ordinal);
            if (separator < 0)
                throw new ComposeException($"invalid additional host, missing IP: {text}");
            Add(hosts, text[..separator], text[(separator + 1)..].Split(','));
        }
        return hosts;
    }

    public override Value ToYaml(Value value) => ListValue.Of(((MapValue)value).Entries
        .SelectMany(static host => ((ListValue)host.Value).Items.Select(address => $"{host.Key}={address}")).Order(StringComparer.Ordinal));

    private static void Add(MapValue hosts, string name, IEnumerable<string> addresses)
    {
        if (name.Length == 0 || name.AsSpan().ContainsAny(':', '='))
            throw new ComposeException($"bad host name '{name}'");
        var list = hosts.List(name) ?? new ListValue();
        foreach (var address in addresses)
            list.Items.Add(ScalarValue.Of(address.Length > 2 && address[0] == '[' && address[^1] == ']' ? address[1..^1] : address));
        hosts[name] = list;
    }
}

/// <summary>Keys of an SSH agent by their identifiers; written as a list of texts.</summary>
internal sealed class SshShape : Shape
{
    public override Value Read(Value value) => value is MapValue ? value : throw Unfit(value, "a mapping");

    public override Value ToYaml(Value value) => ListValue.Of(((MapValue)value).Entries.OrderBy(static key => key.Key, NaturalOrder.Instance)
        .Select(static key => key.Value.IsNull || key.Value.ToString()!.Length == 0 ? key.Key : $"{key.Key}: {key.Value}"));
}
