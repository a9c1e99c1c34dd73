using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Gantry.Compose.Output;
using Gantry.Compose.Values;

namespace Gantry.Cli.Commands.Buildx;

/// <summary>The functions that bake files have in any case: those of docker's that need nothing but their arguments and the clock.</summary>
internal static class HclFunctions
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>Calls one.</summary>
    /// <returns>Null: there is none of that name.</returns>
    /// <exception cref="CommandException">The arguments are of no use for it.</exception>
    public static Value? Call(string name, IReadOnlyList<Value> arguments)
    {
        try
        {
            return OfTexts(name, arguments) ?? OfNumbers(name, arguments) ?? OfLists(name, arguments) ?? OfMaps(name, arguments);
        }
        catch (Exception error) when (error is ArgumentException or FormatException or OverflowException or RegexMatchTimeoutException)
        {
            // Too few arguments are an index that is out of range.
            throw new CommandException($"the function {name}() cannot be called with ({string.Join(", ", arguments)}): {error.Message}");
        }
    }

    private static Value? OfTexts(string name, IReadOnlyList<Value> arguments)
    {
        string Text(int number) => HclOperators.Text(arguments[number]);
        var text = name switch
        {
            "upper" => Text(0).ToUpperInvariant(),
            "lower" => Text(0).ToLowerInvariant(),
            "title" => CultureInfo.InvariantCulture.TextInfo.ToTitleCase(Text(0)),
            "trimspace" => Text(0).Trim(),
            "trim" => Text(0).Trim(Text(1).ToCharArray()),
            "trimprefix" => Text(0).StartsWith(Text(1), StringComparison.Ordinal) ? Text(0)[Text(1).Length..] : Text(0),
            "trimsuffix" => Text(0).EndsWith(Text(1), StringComparison.Ordinal) ? Text(0)[..^Text(1).Length] : Text(0),
            "chomp" => Text(0).TrimEnd('\n', '\r'),
            "indent" => Text(1).Replace("\n", "\n" + new string(' ', (int)HclOperators.Number(arguments[0])), StringComparison.Ordinal),
            "replace" => Text(0).Replace(Text(1), Text(2), StringComparison.Ordinal),
            "regex_replace" => Regex.Replace(Text(0), Text(1), Text(2), RegexOptions.None, s_patience),
            "regex" => Regex.Match(Text(1), Text(0), RegexOptions.None, s_patience) is { Success: true } match ? match.Value
                : throw new ArgumentException("pattern did not match"),
            "substr" => Part(Text(0), (int)HclOperators.Number(arguments[1]), (int)HclOperators.Number(arguments[2])),
            "sanitize" => string.Concat(Text(0).Select(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' ? letter : '_')),
            "join" => string.Join(Text(0), arguments.Skip(1).SelectMany(Items).Select(HclOperators.Text)),
            "format" => Format(Text(0), arguments),
            "basename" => Text(0).TrimEnd('/') is var path ? path[(path.LastIndexOf('/') + 1)..] : "",
            "dirname" => Text(0).LastIndexOf('/') switch { < 0 => ".", 0 => "/", var slash => Text(0)[..slash] },
            "md5" => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(Text(0)))),
            "sha1" => Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(Text(0)))),
            "sha256" => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text(0)))),
            "sha512" => Convert.ToHexStringLower(SHA512.HashData(Encoding.UTF8.GetBytes(Text(0)))),
            "base64encode" => Convert.ToBase64String(Encoding.UTF8.GetBytes(Text(0))),
            "base64decode" => Encoding.UTF8.GetString(Convert.FromBase64String(Text(0))),
            "urlencode" => Uri.EscapeDataString(Text(0)),
            "jsonencode" => JsonText.Write(arguments[0], indented: false),
            "uuidv4" => Guid.NewGuid().ToString(),
            "timestamp" => DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            "strrev" => string.Concat(Text(0).Reverse()),
            _ => null,
        };
        return text is not null ? ScalarValue.Of(text) : name switch
        {
            "strlen" => ScalarValue.Of((long)new StringInfo(Text(0)).LengthInTextElements),
            "split" => ListValue.Of(Text(1).Split(Text(0))),
            "regexall" => ListValue.Of(Regex.Matches(Text(1), Text(0), RegexOptions.None, s_patience).Select(static match => match.Value)),
            "startswith" => ScalarValue.Of(Text(0).StartsWith(Text(1), StringComparison.Ordinal)),
            "endswith" => ScalarValue.Of(Text(0).EndsWith(Text(1), StringComparison.Ordinal)),
            _ => null,
        };
    }

    private static Value? OfNumbers(string name, IReadOnlyList<Value> arguments)
    {
        decimal Of(int number) => HclOperators.Number(arguments[number]);
        string? symbol = name switch
        {
            "add" => "+",
            "subtract" => "-",
            "multiply" => "*",
            "divide" => "/",
            "modulo" => "%",
            "equal" => "==",
            "notequal" => "!=",
            "lessthan" => "<",
            "greaterthan" => ">",
            "lessthanorequalto" => "<=",
            "greaterthanorequalto" => ">=",
            "and" => "&&",
            "or" => "||",
            _ => null,
        };
        return symbol is not null ? HclOperators.Apply(symbol, arguments[0], () => arguments[1]) : name switch
        {
            "not" => ScalarValue.Of(!HclOperators.IsTrue(arguments[0])),
            "negate" => HclOperators.Number(-Of(0)),
            "absolute" or "abs" => HclOperators.Number(Math.Abs(Of(0))),
            "ceil" => HclOperators.Number(Math.Ceiling(Of(0))),
            "floor" => HclOperators.Number(Math.Floor(Of(0))),
            "int" => HclOperators.Number(Math.Truncate(Of(0))),
            "max" => HclOperators.Number(arguments.Max(HclOperators.Number)),
            "min" => HclOperators.Number(arguments.Min(HclOperators.Number)),
            "parseint" => ScalarValue.Of(Convert.ToInt64(HclOperators.Text(arguments[0]), (int)Of(1))),
            _ => null,
        };
    }

    private static Value? OfLists(string name, IReadOnlyList<Value> arguments)
    {
        List<Value> First() => Items(arguments[0]);
        var items = name switch
        {
            "concat" => arguments.SelectMany(Items),
            "compact" => First().Where(static item => !item.IsNull && HclOperators.Text(item).Length > 0),
            "distinct" =>
                First().Aggregate(new List<Value>(), static (kept, item) => kept.Exists(other => HclOperators.Same(other, item)) ? kept : [.. kept, item]),
            "flatten" => First().SelectMany(Flat),
            "reverse" or "reverselist" => First().AsEnumerable().Reverse(),
            "sort" => First().OrderBy(HclOperators.Text, StringComparer.Ordinal),
            "slice" => First()[(int)HclOperators.Number(arguments[1])..(int)HclOperators.Number(arguments[2])],
            "chunklist" => First().Chunk((int)HclOperators.Number(arguments[1])).Select(static chunk => (Value)List(chunk)),
            "range" => Range(arguments.Select(HclOperators.Number).ToList()),
            "setproduct" =>
                arguments.Select(Items).Aggregate<List<Value>, IEnumerable<List<Value>>>([[]], static (all, list) =>
                    all.SelectMany(head => list.Select(item => (List<Value>)[.. head, item])))
                .Select(static tuple => (Value)List(tuple)),
            "coalescelist" => arguments.Select(Items).FirstOrDefault(static list => list.Count > 0) ?? [],
            "formatlist" => Items(arguments[1]).Select(item => (Value)ScalarValue.Of(Format(HclOperators.Text(arguments[0]), [arguments[0], item]))),
            "keys" when arguments[0] is MapValue map => map.Keys.Order(StringComparer.Ordinal).Select(static key => (Value)ScalarValue.Of(key)),
            "values" when arguments[0] is MapValue map =>
                map.Entries.OrderBy(static entry => entry.Key, StringComparer.Ordinal).Select(static entry => entry.Value),
            _ => null,
        };
        return items is not null ? List(items) : name switch
        {
            "length" => ScalarValue.Of((long)(arguments[0] is MapValue map ? map.Count : First().Count)),
            "contains" => ScalarValue.Of(First().Exists(item => HclOperators.Same(item, arguments[1]))),
            "element" => First() is { Count: > 0 } list ? list[(int)HclOperators.Number(arguments[1]) % list.Count]
                : throw new ArgumentException("the list is empty"),
            "index" => HclOperators.Element(arguments[0], arguments[1]),
            "indexof" => ScalarValue.Of((long)First().FindIndex(item => HclOperators.Same(item, arguments[1]))),
            "coalesce" => arguments.FirstOrDefault(static item => !item.IsNull && item is not ScalarValue { Text: "" })
                ?? throw new ArgumentException("there is no value"),
            _ => null,
        };
    }

    private static Value? OfMaps(string name, IReadOnlyList<Value> arguments)
    {
        switch (name)
        {
            case "lookup":
                return arguments[0] is MapValue map && map.TryGet(HclOperators.Text(arguments[1]), out var value) ? value : arguments[2];
            case "hasindex":
                return ScalarValue.Of(arguments[0] is MapValue object_ ? object_.Contains(HclOperators.Text(arguments[1]))
                    : HclOperators.Number(arguments[1]) < Items(arguments[0]).Count);
            case "merge":
                var merged = new MapValue();
                foreach (var (key, member) in arguments.OfType<MapValue>().SelectMany(static one => one.Entries))
                    merged[key] = member;
                return merged;
            case "zipmap":
                var zipped = new MapValue();
                foreach (var (key, member) in Items(arguments[0]).Zip(Items(arguments[1])))
                    zipped[HclOperators.Text(key)] = member;
                return zipped;
            default:
                return null;
        }
    }

    private static List<Value> Items(Value value) => value is ListValue list ? list.Items : throw new ArgumentException($"{value} is no list");

    private static IEnumerable<Value> Flat(Value value) => value is ListValue list ? list.Items.SelectMany(Flat) : [value];

    private static ListValue List(IEnumerable<Value> items)
    {
        var list = new ListValue();
        list.Items.AddRange(items);
        return list;
    }

    private static string Part(string text, int start, int length)
    {
        start = start < 0 ? Math.Max(0, text.Length + start) : Math.Min(start, text.Length);
        return length < 0 ? text[start..] : text.Substring(start, Math.Min(length, text.Length - start));
    }

    private static IEnumerable<Value> Range(List<decimal> numbers)
    {
        const int most = 1024;
        var (from, to) = numbers.Count == 1 ? (0, numbers[0]) : (numbers[0], numbers[1]);
        var step = numbers.Count > 2 ? numbers[2] : from <= to ? 1 : -1;
        if (step == 0 || Math.Abs((to - from) / step) > most)
            throw new ArgumentException($"it would have more than {most} numbers");
        for (var number = from; step > 0 ? number < to : number > to; number += step)
            yield return HclOperators.Number(number);
    }

    /// <summary>Go's verbs for texts and whole numbers.</summary>
    private static string Format(string format, IReadOnlyList<Value> arguments)
    {
        var next = 1;
        return Regex.Replace(format, "%(%|[sdvq]|0?[0-9]+d)", match => match.Value switch
        {
            "%%" => "%",
            "%q" => $"\"{HclOperators.Text(arguments[next++])}\"",
            "%s" or "%v" => HclOperators.Text(arguments[next++]),
            "%d" => $"{HclOperators.Number(arguments[next++]):0}",
            var padded => padded[1] == '0' ? ((long)HclOperators.Number(arguments[next++])).ToString($"D{padded[2..^1]}", CultureInfo.InvariantCulture)
                : ((long)HclOperators.Number(arguments[next++])).ToString(CultureInfo.InvariantCulture)
                    .PadLeft(int.Parse(padded[1..^1], CultureInfo.InvariantCulture)),
        }, RegexOptions.None, s_patience);
    }
}
