using System.Text;
using System.Text.Json;
using Gantry.Oci;

namespace Gantry.Images.Import;

/// <summary>Splits the arguments of Dockerfile instructions, and expands variables in them.</summary>
internal static class Words
{
    /// <summary>A JSON array of strings, or null when the text is no JSON array.</summary>
    internal static List<string>? Json(string text)
    {
        if (!text.StartsWith('['))
            return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            var list = new List<string>();
            foreach (var element in document.RootElement.EnumerateArray())
            {
                if (element.ValueKind != JsonValueKind.String)
                    return null;
                list.Add(element.GetString()!);
            }
            return list;
        }
        catch (JsonException)
        {
            // The builder takes what looks like JSON and is none as a shell command.
            return null;
        }
    }

    /// <summary>Words separated by blanks; quotes join them and stay, for <see cref="Expand"/> to take off.</summary>
    internal static List<string> Split(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (word.Length > 0)
                    words.Add(word.ToString());
                word.Clear();
                continue;
            }
            word.Append(c);
            if (c == '\\' && quote != '\'' && i + 1 < text.Length)
                word.Append(text[++i]);
            else if (quote == '\0' && c is '"' or '\'' && quote == '\0')
                quote = c;
            else if (c == quote)
                quote = '\0';
        }
        if (word.Length > 0)
            words.Add(word.ToString());
        return words;
    }

    /// <summary>Takes quotes and backslashes off and puts values in for <c>$NAME</c>, <c>${NAME}</c>, <c>${NAME:-word}</c> and <c>${NAME:+word}</c>.</summary>
    /// <exception cref="GantryException">A quote or brace is not closed.</exception>
    internal static string Expand(string word, Func<string, string?> variable)
    {
        var result = new StringBuilder();
        var quote = '\0';
        for (var i = 0; i < word.Length; i++)
        {
            var c = word[i];
            if (c == '\\' && quote != '\'' && i + 1 < word.Length)
            {
                // Within double quotes a backslash only quotes what would mean something there.
                if (quote == '"' && word[i + 1] is not ('"' or '$' or '\\'))
                    result.Append(c);
                result.Append(word[++i]);
            }
            else if (c == quote)
                quote = '\0';
            else if (quote == '\0' && c is '"' or '\'' && quote == '\0')
                quote = c;
            else if (c == '$' && quote != '\'')
                result.Append(Variable(word, ref i, variable));
            else
                result.Append(c);
        }
        return quote == '\0' ? result.ToString() : throw GantryException.Invalid($"unexpected end of statement while looking for matching {(quote == '"' ? "double-quote" : "single-quote")}");
    }

    private static string Variable(string word, ref int i, Func<string, string?> variable)
    {
        if (i + 1 < word.Length && word[i + 1] == '{')
        {
            var end = word.IndexOf('}', i);
            if (end < 0)
                throw GantryException.Invalid($"syntax error: missing '}}' in \"{word}\"");
            var body = word[(i + 2)..end];
            i = end;
            var colon = body.IndexOf(':');
            if (colon < 0)
                return variable(body) ?? "";
            var value = variable(body[..colon]);
            var operation = colon + 1 < body.Length ? body[colon + 1] : ' ';
            var other = body[Math.Min(colon + 2, body.Length)..];
            return operation switch
            {
                '-' => string.IsNullOrEmpty(value) ? Expand(other, variable) : value,
                '+' => string.IsNullOrEmpty(value) ? "" : Expand(other, variable),
                _ => throw GantryException.Invalid($"unsupported modifier ({operation}) in substitution \"{word}\""),
            };
        }
        var start = i + 1;
        var stop = start;
        while (stop < word.Length && (char.IsAsciiLetterOrDigit(word[stop]) || word[stop] == '_'))
            stop++;
        if (stop == start)
            return "$";
        i = stop - 1;
        return variable(word[start..stop]) ?? "";
    }
}
