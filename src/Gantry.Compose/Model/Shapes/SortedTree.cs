using Gantry.Compose.Output;
using Gantry.Compose.Values;

namespace Gantry.Compose.Model.Shapes;

/// <summary>Puts the keys of untyped parts of a model in the order in which docker writes them.</summary>
internal static class SortedTree
{
    /// <summary>In the order of YAML's encoder.</summary>
    public static Value ForYaml(Value value) => Sort(value, NaturalOrder.Instance);

    /// <summary>In the order of JSON's encoder.</summary>
    public static Value ForJson(Value value) => Sort(value, StringComparer.Ordinal);

    private static Value Sort(Value value, IComparer<string> order)
    {
        switch (value)
        {
            case MapValue map:
                var sorted = new MapValue(map.At);
                foreach (var key in map.Keys.Order(order))
                {
                    map.TryGet(key, out var element);
                    sorted[key] = Sort(element, order);
                }
                return sorted;
            case ListValue list:
                var items = new ListValue(list.At);
                items.Items.AddRange(list.Items.Select(item => Sort(item, order)));
                return items;
            default:
                return value;
        }
    }
}
