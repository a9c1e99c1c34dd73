using System.Text;

namespace Gantry.Cli.Output;

/// <summary>Lays JSON out without changing a value: strings and numbers stay as the daemon wrote them, as with Go's json.Indent.</summary>
internal static class JsonIndenter
{
    /// <summary>Indents a valid document by four spaces a level.</summary>
    /// <param name="json">The document.</param>
    /// <param name="level">The level it stands at.</param>
    public static string Indent(ReadOnlySpan<byte> json, int level = 0)
    {
        var output = new StringBuilder(json.Length * 2);
        var source = Encoding.UTF8.GetString(json);
        for (var at = 0; at < source.Length; at++)
        {
            var letter = source[at];
            switch (letter)
            {
                case '"':
                    var end = EndOfString(source, at);
                    output.Append(source, at, end - at);
                    at = end - 1;
                    break;
                case '{' or '[':
                    output.Append(letter);
                    var next = SkipSpace(source, at + 1);
                    if (next < source.Length && source[next] is '}' or ']')
                    {
                        output.Append(source[next]);
                        at = next;
                    }
                    else
                    {
                        NewLine(output, ++level);
                    }
                    break;
                case '}' or ']':
                    NewLine(output, --level);
                    output.Append(letter);
                    break;
                case ',':
                    output.Append(letter);
                    NewLine(output, level);
                    break;
                case ':':
                    output.Append(": ");
                    break;
                case ' ' or '\t' or '\n' or '\r':
                    break;
                default:
                    output.Append(letter);
                    break;
            }
        }
        return output.ToString();
    }

    private static void NewLine(StringBuilder output, int level) => output.Append('\n').Append(' ', level * 4);

    private static int SkipSpace(string source, int at)
    {
        while (at < source.Length && source[at] is ' ' or '\t' or '\n' or '\r')
            at++;
        return at;
    }

    private static int EndOfString(string source, int start)
    {
        for (var at = start + 1; at < source.Length; at++)
        {
            if (source[at] == '\\')
                at++;
            else if (source[at] == '"')
                return at + 1;
        }
        return source.Length;
    }
}
