namespace Gantry.Compose.Output;

/// <summary>Which styles of YAML can hold a text, by the rules of libyaml's emitter (<c>yaml_emitter_analyze_scalar</c>).</summary>
/// <param name="PlainAllowed">Whether it can stand without quotes outside of flow style.</param>
/// <param name="SingleQuotedAllowed">Whether it can stand in single quotes.</param>
/// <param name="BlockAllowed">Whether it can be a literal block.</param>
internal readonly record struct TextAnalysis(bool PlainAllowed, bool SingleQuotedAllowed, bool BlockAllowed)
{
    /// <summary>Analyses a text.</summary>
    public static TextAnalysis Of(string text)
    {
        if (text.Length == 0)
            return new TextAnalysis(true, true, false);
        var indicators = text.StartsWith("---", StringComparison.Ordinal) || text.StartsWith("...", StringComparison.Ordinal);
        var (special, tab, lineBreaks, spaceBreak, breakSpace) = (false, false, false, false, false);
        var (precededBySpace, previousSpace, previousBreak) = (true, false, false);
        for (var at = 0; at < text.Length; at++)
        {
            var letter = text[at];
            var followedBySpace = at + 1 >= text.Length || text[at + 1] is ' ' or '\t';
            indicators |= IsIndicator(letter, at == 0, precededBySpace, followedBySpace);
            tab |= letter == '\t';
            special |= letter != '\t' && !IsPrintable(letter);
            breakSpace |= letter == ' ' && previousBreak;
            var isBreak = letter is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029';
            lineBreaks |= isBreak;
            spaceBreak |= isBreak && previousSpace;
            (previousSpace, previousBreak) = (letter == ' ', isBreak);
            precededBySpace = letter is ' ' or '\t' || isBreak;
        }
        var edges = text[0] is ' ' or '\n' || text[^1] is ' ' or '\n';
        var flowing = !breakSpace && !spaceBreak && !tab && !special;
        return new TextAnalysis(flowing && !edges && !lineBreaks && !indicators, flowing, text[^1] != ' ' && !spaceBreak && !special);
    }

    /// <summary>Whether a character stands for itself. Those beyond the basic plane do not, as Go's encoder has it.</summary>
    public static bool IsPrintable(int letter) =>
        letter is '\n' or (>= 0x20 and <= 0x7E) or (>= 0xA0 and <= 0xD7FF) or (>= 0xE000 and <= 0xFFFD and not 0xFEFF);

    private static bool IsIndicator(char letter, bool first, bool precededBySpace, bool followedBySpace) => first
        ? letter switch
        {
            '#' or ',' or '[' or ']' or '{' or '}' or '&' or '*' or '!' or '|' or '>' or '\'' or '"' or '%' or '@' or '`' => true,
            '?' or ':' or '-' => followedBySpace,
            _ => false,
        }
        : letter == ':' && followedBySpace || letter == '#' && precededBySpace;
}
