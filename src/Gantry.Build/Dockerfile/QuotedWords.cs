using System.Text;

namespace Gantry.Build.Dockerfile;

/// <summary>Splits text at blanks that are neither quoted nor escaped. The words keep their quotes and escapes.</summary>
internal static class QuotedWords
{
    public static List<string> Split(string text, char escape)
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
            if (c == escape && quote != '\'' && i + 1 < text.Length)
                word.Append(text[++i]);
            else if (quote == '\0' && c is '"' or '\'')
                quote = c;
            else if (c == quote)
                quote = '\0';
        }
        if (word.Length > 0)
            words.Add(word.ToString());
        return words;
    }
}
