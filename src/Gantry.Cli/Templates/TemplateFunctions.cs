using System.Globalization;

namespace Gantry.Cli.Templates;

/// <summary>The functions of Go's templates and those docker adds.</summary>
internal static class TemplateFunctions
{
    /// <summary>Whether a name is a function. <c>and</c> and <c>or</c> are evaluated by the runner, as they stop early.</summary>
    public static bool Exists(string name) => name is "and" or "or" or "not" or "len" or "index" or "slice" or "print" or "printf" or "println" or "eq"
        or "ne" or "lt" or "le" or "gt" or "ge" or "json" or "join" or "split" or "lower" or "upper" or "title" or "pad" or "truncate" or "html"
        or "js" or "urlquery" or "call";

    /// <summary>Calls a function.</summary>
    /// <exception cref="TemplateException">Number or kind of the arguments is wrong.</exception>
    public static object? Call(string name, IReadOnlyList<object?> arguments) => name switch
    {
        "not" => !TemplateValue.IsTrue(arguments[0]),
        "len" => Length(arguments[0]),
        "index" => Index(arguments),
        "slice" => Slice(arguments),
        "print" => Print(arguments),
        "println" => string.Join(' ', arguments.Select(TemplateValue.PrintNested)) + "\n",
        "printf" => GoFormat.Format(Text(arguments[0]), arguments.Skip(1).ToArray()),
        "eq" => arguments.Count < 2 ? throw new TemplateException("missing argument for comparison")
            : arguments.Skip(1).Any(other => TemplateValue.AreEqual(arguments[0], other)),
        "ne" => !TemplateValue.AreEqual(arguments[0], arguments[1]),
        "lt" => TemplateValue.Compare(arguments[0], arguments[1]) < 0,
        "le" => TemplateValue.Compare(arguments[0], arguments[1]) <= 0,
        "gt" => TemplateValue.Compare(arguments[0], arguments[1]) > 0,
        "ge" => TemplateValue.Compare(arguments[0], arguments[1]) >= 0,
        // What a row of a listing is, was written by json.Marshal before.
        "json" => arguments[0] is var value && value is TemplateMap and not JsonTemplateMap ? GoJson.Write(value, escapeHtml: true)
            : GoJson.Write(value, escapeHtml: false),
        "join" => string.Join(Text(arguments[1]), Items(arguments[0]).Select(TemplateValue.PrintNested)),
        "split" => Text(arguments[0]).Split(Text(arguments[1])).ToArray<object?>(),
        "lower" => Text(arguments[0]).ToLowerInvariant(),
        "upper" => Text(arguments[0]).ToUpperInvariant(),
        "title" => Title(Text(arguments[0])),
        "pad" => Pad(arguments),
        "truncate" => Truncate(Text(arguments[0]), Number(arguments[1])),
        "html" => Print(arguments).Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal).Replace("\"", "&#34;", StringComparison.Ordinal).Replace("'", "&#39;", StringComparison.Ordinal),
        "js" => Script(Print(arguments)),
        "urlquery" => Uri.EscapeDataString(Print(arguments)).Replace("%20", "+", StringComparison.Ordinal),
        _ => throw new TemplateException($"function \"{name}\" not defined"),
    };

    /// <summary>
    /// In the header line of a table, functions that shape a value leave the column's title as it is.
    /// </summary>
    public static object? CallOnHeader(string name, IReadOnlyList<object?> arguments) =>
        name is "json" or "join" or "split" or "lower" or "upper" or "title" or "truncate" && arguments.Count > 0 ? arguments[0] : Call(name, arguments);


    // What the parameters are was checked before the call.
    private static string Text(object? value) => (string)value!;

    private static int Number(object? value) => (int)Math.Clamp((long)value!, int.MinValue, int.MaxValue);

    private static IReadOnlyList<object?> Items(object? value) => (IReadOnlyList<object?>)value!;

    // Print puts a space between two arguments only when neither is a string.
    private static string Print(IReadOnlyList<object?> arguments)
    {
        var text = new System.Text.StringBuilder();
        for (var index = 0; index < arguments.Count; index++)
        {
            if (index > 0 && arguments[index] is not string && arguments[index - 1] is not string)
                text.Append(' ');
            text.Append(TemplateValue.PrintNested(arguments[index]));
        }
        return text.ToString();
    }

    private static long Length(object? value) => value switch
    {
        string text => System.Text.Encoding.UTF8.GetByteCount(text),
        IReadOnlyList<object?> list => list.Count,
        TemplateMap map => map.Count,
        null => throw new TemplateException("reflect: call of reflect.Value.Type on zero Value"),
        _ => throw new TemplateException($"len of type {GoPrinter.TypeOf(value)}"),
    };

    private static object? Index(IReadOnlyList<object?> arguments)
    {
        var value = arguments[0];
        foreach (var index in arguments.Skip(1))
        {
            value = (value, index) switch
            {
                (TemplateMap map and not StructureTemplateMap, string key) => TypedValue.Unwrap(map.Index(key)),
                (IReadOnlyList<object?> list, long at) =>
                    at >= 0 && at < list.Count ? TypedValue.Unwrap(list[(int)at]) : throw new TemplateException($"index out of range: {at}"),
                (string text, long at) => at >= 0 && at < text.Length ? (long)text[(int)at] : throw new TemplateException($"index out of range: {at}"),
                (null, _) => throw new TemplateException("index of untyped nil"),
                (IReadOnlyList<object?> or string, null) => throw new TemplateException("cannot index slice/array with nil"),
                (IReadOnlyList<object?> or string, _) => throw new TemplateException($"cannot index slice/array with type {GoPrinter.TypeOf(index)}"),
                (TemplateMap and not StructureTemplateMap, not null) =>
                    throw new TemplateException($"value has type {GoPrinter.TypeOf(index)}; should be string"),
                _ => throw new TemplateException($"can't index item of type {GoPrinter.TypeOf(value)}"),
            };
        }
        return value;
    }

    private static object Slice(IReadOnlyList<object?> arguments)
    {
        if (arguments.Count > 4)
            throw new TemplateException($"too many slice indexes: {arguments.Count - 1}");
        if (arguments[0] is string && arguments.Count == 4)
            throw new TemplateException("cannot 3-index slice a string");
        if (arguments[0] is not (string or IReadOnlyList<object?>))
            throw new TemplateException(arguments[0] is null ? "slice of untyped nil" : $"can't slice item of type {GoPrinter.TypeOf(arguments[0])}");
        var length = (int)Length(arguments[0]);
        var bounds = arguments.Skip(1).Select(bound => bound switch
        {
            long at when at >= 0 && at <= length => (int)at,
            long at => throw new TemplateException($"index out of range: {at}"),
            null => throw new TemplateException("cannot index slice/array with nil"),
            _ => throw new TemplateException($"cannot index slice/array with type {GoPrinter.TypeOf(bound)}"),
        }).ToList();
        var (start, end) = (bounds.Count > 0 ? bounds[0] : 0, bounds.Count > 1 ? bounds[1] : length);
        if (start > end)
            throw new TemplateException($"invalid slice index: {start} > {end}");
        if (bounds.Count > 2 && end > bounds[2])
            throw new TemplateException($"invalid slice index: {end} > {bounds[2]}");
        return arguments[0] is string text ? text[start..end] : ((IReadOnlyList<object?>)arguments[0]!).Skip(start).Take(end - start).ToArray();
    }

    private static string Title(string text) => string.Create(text.Length, text, static (letters, source) =>
    {
        for (var index = 0; index < source.Length; index++)
            letters[index] = index == 0 || char.IsWhiteSpace(source[index - 1]) ? char.ToUpper(source[index], CultureInfo.InvariantCulture) : source[index];
    });

    private static string Pad(IReadOnlyList<object?> arguments)
    {
        var text = Text(arguments[0]);
        return text.Length == 0 ? text : new string(' ', Number(arguments[1])) + text + new string(' ', Number(arguments[2]));
    }

    // JSEscape of text/template, which has other escapes than JSON.
    private static string Script(string text)
    {
        var result = new System.Text.StringBuilder();
        foreach (var character in text)
        {
            if (character is '\\' or '\'' or '"')
                result.Append('\\').Append(character);
            else if (character is '<' or '>' or '&' or '=' or < ' ')
                result.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}");
            else
                result.Append(character);
        }
        return result.ToString();
    }

    private static string Truncate(string text, int length) => text.Length > length && length >= 0 ? text[..length] : text;
}
