using System.Text;

namespace Gantry.Compose.Model;

/// <summary>
/// Splits a command in one text into words as a shell does, up to the first <c>;</c>, <c>&amp;</c>, <c>|</c>, <c>&lt;</c> or <c>&gt;</c> outside of quotes.
/// </summary>
internal static class CommandWords
{
    /// <summary>The words of a command.</summary>
    /// <exception cref="ComposeException">A quote or bracket is not closed.</exception>
    public static List<string> Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (inWord, escaped, single, twice, back, dollar) = (false, false, false, false, false, false);
        foreach (var letter in line)
        {
            if (escaped)
            {
                word.Append(letter switch { 't' => '\t', 'n' => '\n', _ => letter });
                (escaped, inWord) = (false, true);
                continue;
            }
            if (letter == '\\' && !single)
            {
                escaped = true;
                continue;
            }
            var quoted = single || twice || back || dollar;
            if (letter is ' ' or '\t' or '\r' or '\n' && !quoted)
            {
                if (inWord)
                    words.Add(word.ToString());
                word.Clear();
                inWord = false;
                continue;
            }
            if (letter is ';' or '&' or '|' or '<' or '>' && !quoted)
            {
                // The number before a redirection belongs to it.
                inWord &= !(letter == '>' && word.Length > 0 && char.IsAsciiDigit(word[0]));
                break;
            }
            if (letter == '"' && !single && !dollar)
            {
                inWord |= twice;
                twice = !twice;
                continue;
            }
            if (letter == '\'' && !twice && !dollar)
            {
                inWord |= single;
                single = !single;
                continue;
            }
            if (letter == '`' && !single && !twice && !dollar)
                back = !back;
            else if (letter == ')' && !single && !twice && !back)
                dollar = !dollar;
            else if (letter == '(' && !single && !twice && !back)
                dollar = !dollar && word.Length > 0 && word[^1] == '$' ? true : throw Invalid();
            inWord = true;
            word.Append(letter);
        }
        if (inWord)
            words.Add(word.ToString());
        return escaped || single || twice || back || dollar ? throw Invalid() : words;
    }

    private static ComposeException Invalid() => new("invalid command line string");
}
