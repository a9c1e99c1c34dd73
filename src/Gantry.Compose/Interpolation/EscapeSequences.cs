using System.Text;

namespace Gantry.Compose.Interpolation;

/// <summary>The escape sequences in values in double quotes.</summary>
internal static class EscapeSequences
{
    /// <summary>Replaces <c>\n</c> and its like, octal numbers (<c>\0101</c>), and makes of <c>\$</c> the <c>$$</c> of templates.</summary>
    public static string Expand(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var output = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '\\' || at + 1 == text.Length)
            {
                output.Append(text[at]);
                continue;
            }
            if (text[at + 1] == '0' && OctalDigits(text, at + 2) is > 0 and var digits)
            {
                output.Append((char)Convert.ToInt32(text.Substring(at + 2, digits), 8));
                at += digits + 1;
                continue;
            }
            var replaced = text[at + 1] switch
            {
                'a' => "\a", 'b' => "\b", 'f' => "\f", 'n' => "\n", 'r' => "\r", 't' => "\t", 'v' => "\v", '\\' => "\\", '$' => "$$", _ => null,
            };
            output.Append(replaced ?? "\\");
            if (replaced is not null)
                at++;
        }
        return output.ToString();
    }

    private static int OctalDigits(string text, int start)
    {
        var count = 0;
        while (count < 3 && start + count < text.Length && text[start + count] is >= '0' and <= '7')
            count++;
        return count;
    }
}
