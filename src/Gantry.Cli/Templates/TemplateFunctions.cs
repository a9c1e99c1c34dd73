using System.Globalization;

namespace Gantry.Cli.Templates;

/// <summary>The functions of Go's templates and those docker adds.</summary>
internal static class TemplateFunctions
{
    /// <summary>Whether a name is a function. <c>and</c> and <c>or</c> are evaluated by the runner, as they stop early.</summary>
    public static bool Exists(string name) => name is "and" or "or" or "not" or "len" or "index" or "slice" or "print" or "printf" or "println" or "eq"
        or "ne" or "lt" or "le" or "gt" or "ge" or "json" or "join" or "split" or "lower" or "upper" or "title" or "pad" or "truncate" or "html"
        or "js" or "urlquery";

    /// <summary>Calls a function.</summary>
    /// <exception cref="TemplateException">Number or kind of the arguments is wrong.</exception>
    public static object? Call(string name, IReadOnlyList<object?> arguments) => name switch
    {
        "not" => !TemplateValue.IsTrue(One(name, arguments)),
        "len" => Length(One(name, arguments)),
        "index" => Index(arguments),
        "slice" => Slice(arguments),
        "print" => Print(arguments),
        "println" => string.Join(' ', arguments.Select(TemplateValue.PrintNested)) + "\n",
        "printf" => arguments.Count > 0 ? GoFormat.Format(Text(name, arguments[0]), arguments.Skip(1).ToArray()) : throw Count(name, 1, 0),
        "eq" => arguments.Count < 2 ? throw Count(name, 2, arguments.Count) : arguments.Skip(1).Any(other => TemplateValue.AreEqual(arguments[0], other)),
        "ne" => !TemplateValue.AreEqual(Pair(name, arguments).Left, arguments[1]),
        "lt" => Compare(name, arguments) < 0,
        "le" => Compare(name, arguments) <= 0,
        "gt" => Compare(name, arguments) > 0,
        "ge" => Compare(name, arguments) >= 0,
        // What a row of a listing is, was written by json.Marshal before.
        "json" => One(name, arguments) is var value && value is TemplateMap and not JsonTemplateMap ? GoJson.Write(value, escapeHtml: true) : GoJson.Write(value, escapeHtml: false),
        "join" => string.Join(Text(name, Pair(name, arguments).Right), Items(name, arguments[0]).Select(TemplateValue.PrintNested)),
        "split" => Text(name, Pair(name, arguments).Left).Split(Text(name, arguments[1])).ToArray<object?>(),
        "lower" => Text(name, One(name, arguments)).ToLowerInvariant(),
        "upper" => Text(name, One(name, arguments)).ToUpperInvariant(),
        "title" => Title(Text(name, One(name, arguments))),
        "pad" => Pad(arguments),
        "truncate" => Truncate(Text(name, Pair(name, arguments).Left), Number(name, arguments[1])),
        "html" => Print(arguments).Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal).Replace("\"", "&#34;", StringComparison.Ordinal).Replace("'", "&#39;", StringComparison.Ordinal),
        "js" => GoJson.Write(Print(arguments), escapeHtml: true)[1..^1],
        "urlquery" => Uri.EscapeDataString(Print(arguments)).Replace("%20", "+", StringComparison.Ordinal),
        _ => throw new TemplateException($"function \"{name}\" not defined"),
    };

    /// <summary>
    /// In the header line of a table, functions that shape a value leave the column's title as it is.
    /// </summary>
    public static object? CallOnHeader(string name, IReadOnlyList<object?> arguments) =>
        name is "json" or "join" or "split" or "lower" or "upper" or "title" or "truncate" && arguments.Count > 0 ? arguments[0] : Call(name, arguments);

    private static object? One(string name, IReadOnlyList<object?> arguments) =>
        arguments.Count == 1 ? arguments[0] : throw Count(name, 1, arguments.Count);

    private static (object? Left, object? Right) Pair(string name, IReadOnlyList<object?> arguments) =>
        arguments.Count == 2 ? (arguments[0], arguments[1]) : throw Count(name, 2, arguments.Count);

    private static int Compare(string name, IReadOnlyList<object?> arguments)
    {
        var (left, right) = Pair(name, arguments);
        return TemplateValue.Compare(left, right);
    }

    private static TemplateException Count(string name, int want, int got) =>
        new($"wrong number of args for {name}: want {want} got {got}");

    private static string Text(string name, object? value) =>
        value as string ?? throw new TemplateException($"wrong type for value of {name}; expected string; got {Kind(value)}");

    private static int Number(string name, object? value) =>
        value is long number ? (int)Math.Clamp(number, int.MinValue, int.MaxValue) : throw new TemplateException($"wrong type for value of {name}; expected int; got {Kind(value)}");

    private static IReadOnlyList<object?> Items(string name, object? value) =>
        value as IReadOnlyList<object?> ?? throw new TemplateException($"wrong type for value of {name}; expected []string; got {Kind(value)}");

    private static string Kind(object? value) => value switch
    {
        null => "nil",
        string => "string",
        bool => "bool",
        long => "int",
        double => "float64",
        IReadOnlyList<object?> => "[]interface {}",
        _ => "map[string]interface {}",
    };

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
        null => throw new TemplateException("error calling len: len of nil pointer"),
        _ => throw new TemplateException($"error calling len: len of type {Kind(value)}"),
    };

    private static object? Index(IReadOnlyList<object?> arguments)
    {
        if (arguments.Count == 0)
            throw Count("index", 1, 0);
        var value = arguments[0];
        foreach (var index in arguments.Skip(1))
        {
            value = (value, index) switch
            {
                (TemplateMap map, string key) => map.Index(key),
                (IReadOnlyList<object?> list, long at) => at >= 0 && at < list.Count ? list[(int)at] : throw new TemplateException($"error calling index: index out of range: {at}"),
                (string text, long at) => at >= 0 && at < text.Length ? (long)text[(int)at] : throw new TemplateException($"error calling index: index out of range: {at}"),
                (null, _) => throw new TemplateException("error calling index: index of untyped nil"),
                _ => throw new TemplateException($"error calling index: can't index item of type {Kind(value)}"),
            };
        }
        return value;
    }

    private static object? Slice(IReadOnlyList<object?> arguments)
    {
        if (arguments.Count is 0 or > 3)
            throw Count("slice", 1, arguments.Count);
        var length = (int)Length(arguments[0]);
        var start = arguments.Count > 1 ? Number("slice", arguments[1]) : 0;
        var end = arguments.Count > 2 ? Number("slice", arguments[2]) : length;
        if (start < 0 || end > length || start > end)
            throw new TemplateException($"error calling slice: index out of range: {(start < 0 || start > end ? start : end)}");
        return arguments[0] switch
        {
            string text => text[start..end],
            IReadOnlyList<object?> list => list.Skip(start).Take(end - start).ToArray(),
            var other => throw new TemplateException($"error calling slice: can't slice item of type {Kind(other)}"),
        };
    }

    private static string Title(string text) => string.Create(text.Length, text, static (letters, source) =>
    {
        for (var index = 0; index < source.Length; index++)
            letters[index] = index == 0 || char.IsWhiteSpace(source[index - 1]) ? char.ToUpper(source[index], CultureInfo.InvariantCulture) : source[index];
    });

    private static string Pad(IReadOnlyList<object?> arguments)
    {
        if (arguments.Count != 3)
            throw Count("pad", 3, arguments.Count);
        var text = Text("pad", arguments[0]);
        return text.Length == 0 ? text : new string(' ', Number("pad", arguments[1])) + text + new string(' ', Number("pad", arguments[2]));
    }

    private static string Truncate(string text, int length) => text.Length > length && length >= 0 ? text[..length] : text;
}
