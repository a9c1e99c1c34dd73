using System.Text;

namespace Gantry.Build.Dockerfile;

/// <summary>A document within an instruction: <c>&lt;&lt;NAME</c> and the lines up to one that is <c>NAME</c>.</summary>
/// <param name="Name">Its delimiter, which is also the name of the file it makes for COPY and ADD.</param>
/// <param name="Content">Its lines, each with its end.</param>
/// <param name="Expand">Whether variables in it are replaced: the delimiter was not quoted.</param>
/// <param name="StripTabs">Whether tabs at the beginnings of its lines do not count: <c>&lt;&lt;-NAME</c>.</param>
/// <param name="Descriptor">The number before <c>&lt;&lt;</c>; 0 when there is none.</param>
public sealed record Heredoc(string Name, string Content, bool Expand, bool StripTabs, int Descriptor)
{
    /// <summary>The content as a program sees it: without the leading tabs if they do not count.</summary>
    public string Text => StripTabs ? string.Concat(Content.Split('\n').Select((line, i) => (i == 0 ? "" : "\n") + line.TrimStart('\t'))) : Content;

    /// <summary>What a word such as <c>&lt;&lt;-"EOF"</c> announces; null when it announces nothing.</summary>
    /// <param name="word">One word, with its quotes.</param>
    public static Heredoc? Announced(string word)
    {
        var at = 0;
        while (at < word.Length && char.IsAsciiDigit(word[at]))
            at++;
        if (at > 8 || !word.AsSpan(at).StartsWith("<<"))
            return null;
        var descriptor = at == 0 ? 0 : int.Parse(word.AsSpan(0, at), System.Globalization.CultureInfo.InvariantCulture);
        var strip = at + 2 < word.Length && word[at + 2] == '-';
        var rest = word[(at + 2 + (strip ? 1 : 0))..];
        if (rest.Length == 0 || rest.Contains('<'))
            return null;
        var name = Unquote(rest, out var quoted);
        return name is null || name.Length == 0 ? null : new Heredoc(name, "", !quoted, strip, descriptor);
    }

    /// <summary>All that a line announces, in order.</summary>
    public static List<Heredoc> AllAnnounced(string line, char escape) =>
        [.. QuotedWords.Split(line, escape).Select(Announced).OfType<Heredoc>()];

    private static string? Unquote(string text, out bool quoted)
    {
        quoted = text.AsSpan().ContainsAny('"', '\'');
        if (!quoted)
            return text;
        var result = new StringBuilder();
        char? open = null;
        foreach (var c in text)
        {
            if (open is null && c is '"' or '\'')
                open = c;
            else if (open == c)
                open = null;
            else
                result.Append(c);
        }
        return open is null ? result.ToString() : null;
    }
}
