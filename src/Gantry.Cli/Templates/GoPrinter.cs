using System.Globalization;
using System.Text;

namespace Gantry.Cli.Templates;

/// <summary>How Go's fmt prints a value with a verb: basic values by their kind, lists, maps and structures member by member.</summary>
internal static class GoPrinter
{
    // Where in memory something is differs with each run; that it is an address is what one can see.
    private const string Address = "c000000000";

    /// <summary>Prints a value.</summary>
    public static string Print(object? value, char verb, GoFlags flags) => verb switch
    {
        'T' => flags.Pad(GoText.Truncate(TypeOf(value), flags.Precision)),
        _ when value is null => verb == 'v' ? flags.Pad("<nil>") : $"%!{verb}(<nil>)",
        _ => Print(value, verb, flags, depth: 0),
    };

    /// <summary>The name of a value's Go type.</summary>
    public static string TypeOf(object? value) => value switch
    {
        null => "<nil>",
        TypedValue typed => typed.Type,
        string => "string",
        bool => "bool",
        long => "int",
        double => "float64",
        PrintedTemplateValue printed => printed.Type,
        StructureTemplateMap structure => structure.Type,
        JsonTemplateMap map => map.Type,
        TemplateMap => "map[string]interface {}",
        JsonTemplateList list => list.Type,
        IReadOnlyList<object?> list when list.Count > 0 && list.All(static item => item is string) => "[]string",
        _ => "[]interface {}",
    };

    private static string Print(object? value, char verb, GoFlags flags, int depth)
    {
        switch (value)
        {
            case null:
                return verb == 'v' ? flags.AsGo ? "interface {}(nil)" : "<nil>" : "<nil>";
            case TypedValue { IsPointer: true }:
                return PrintPointer(value, verb, flags);
            case TypedValue typed:
                return PrintBasic(typed.Value, verb, flags, typed.Type, depth) ?? Mismatch(value, verb, flags);
            case PrintedTemplateValue { IsNil: true }:
                return verb switch
                {
                    'v' => flags.AsGo ? $"({TypeOf(value)})(nil)" : flags.Pad("<nil>"),
                    'b' or 'o' or 'd' or 'x' or 'X' => GoText.Integer(0, verb, flags)!,
                    'p' => flags.Pad("0x0"),
                    _ => $"%!{verb}({TypeOf(value)}={flags.Pad("<nil>")})",
                };
            case PrintedTemplateValue printed:
                return PrintBasic(printed.Text, verb is 's' or 'v' or 'x' or 'X' or 'q' ? verb : 's', flags, TypeOf(value), depth)!;
            case StructureTemplateMap { IsPointer: true } structure:
                return depth == 0 ? "&" + PrintStructure(structure, verb, flags, depth + 1) : verb == 'v' && !flags.AsGo
                    ? "&" + PrintStructure(structure, verb, flags, depth) : PrintPointer(value, verb, flags);
            default:
                return PrintBasic(value, verb, flags, TypeOf(value), depth) ?? Mismatch(value, verb, flags);
        }
    }

    /// <returns>Null: the verb does not fit.</returns>
    private static string? PrintBasic(object value, char verb, GoFlags flags, string type, int depth) => value switch
    {
        bool truth => verb is 't' or 'v' ? flags.Pad(truth ? "true" : "false") : null,
        long number =>
            verb == 'v' && flags.AsGo && type.StartsWith('u') ? GoText.Integer(number, 'x', flags with { Sharp = true }) : GoText.Integer(number, verb, flags),
        double real => GoText.Real(real, verb, flags),
        string text => GoText.String(text, verb, flags),
        StructureTemplateMap structure => PrintStructure(structure, verb, flags, depth),
        TemplateMap map => PrintMap(map, verb, flags, type, depth),
        IReadOnlyList<object?> list => PrintList(list, verb, flags, type, depth),
        _ => flags.Pad(value.ToString() ?? ""),
    };

    private static string Mismatch(object? value, char verb, GoFlags flags) => $"%!{verb}({TypeOf(value)}={Print(value, 'v', flags, 0)})";

    private static string PrintPointer(object? value, char verb, GoFlags flags) => verb switch
    {
        'v' when flags.AsGo => $"({TypeOf(value)})(0x{Address})",
        'v' when value is TypedValue typed => Print(typed with { IsPointer = false }, verb, flags, 1), // What it points to says more than where it is.
        'v' or 'p' => flags.Pad("0x" + Address),
        'b' or 'o' or 'd' or 'x' or 'X' => GoText.Integer(long.Parse(Address, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), verb, flags)!,
        _ => value is StructureTemplateMap structure ? $"%!{verb}({TypeOf(value)}=&{PrintStructure(structure, 'v', flags, 1)})"
            : $"%!{verb}({TypeOf(value)}=0x{Address})",
    };

    private static string PrintStructure(StructureTemplateMap structure, char verb, GoFlags flags, int depth)
    {
        var text = new StringBuilder(flags.AsGo ? structure.StructureType : "").Append('{');
        var first = true;
        foreach (var (name, value) in structure.Values)
        {
            if (!first)
                text.Append(flags.AsGo ? ", " : " ");
            first = false;
            if (flags.AsGo || flags.WithNames)
                text.Append(name).Append(':');
            text.Append(Print(value, verb, flags, depth + 1));
        }
        return text.Append('}').ToString();
    }

    private static string PrintMap(TemplateMap map, char verb, GoFlags flags, string type, int depth)
    {
        if (flags.AsGo && map is JsonTemplateMap { IsNull: true })
            return type + "(nil)";
        var text = new StringBuilder(flags.AsGo ? type + "{" : "map[");
        var first = true;
        foreach (var name in map.Names)
        {
            map.TryGet(name, out var value);
            if (value is TemplateMethod)
                continue;
            if (!first)
                text.Append(flags.AsGo ? ", " : " ");
            first = false;
            var key = map is JsonTemplateMap { KeyType: not "string" and var named } ? new TypedValue(name, named) : (object)name;
            text.Append(Print(key, verb, flags, depth + 1)).Append(':').Append(Print(value, verb, flags, depth + 1));
        }
        return text.Append(flags.AsGo ? '}' : ']').ToString();
    }

    private static string PrintList(IReadOnlyList<object?> list, char verb, GoFlags flags, string type, int depth)
    {
        if (flags.AsGo && list is JsonTemplateList { IsNull: true })
            return type + "(nil)";
        var items = list.Select(item => Print(item, verb, flags, depth + 1));
        return flags.AsGo ? $"{type}{{{string.Join(", ", items)}}}" : $"[{string.Join(' ', items)}]";
    }
}
