using System.Text;

namespace Gantry.Build.Dockerfile;

/// <summary>One instruction's text: continued lines joined, comments left out, its documents apart.</summary>
/// <param name="Text">The text on one line.</param>
/// <param name="Range">Where it is.</param>
/// <param name="Heredocs">The documents after it.</param>
/// <param name="Comments">The comment lines right before it, without <c>#</c>.</param>
/// <param name="HasEmptyContinuation">Whether an empty line was within it, which will be an error one day.</param>
internal sealed record LogicalLine(
    string Text, SourceRange Range, IReadOnlyList<Heredoc> Heredocs, IReadOnlyList<string> Comments, bool HasEmptyContinuation);

/// <summary>Reads the logical lines of a Dockerfile.</summary>
internal sealed class LogicalLineReader(SourceFile file, char escape)
{
    private static readonly string[] s_withDocuments = ["ADD", "COPY", "RUN", "ONBUILD"];
    private readonly List<string> _comments = [];
    private int _next;

    /// <exception cref="DockerfileException">A document has no end.</exception>
    public List<LogicalLine> ReadAll()
    {
        var lines = new List<LogicalLine>();
        while (_next < file.Lines.Count)
        {
            var text = file.Lines[_next].TrimStart();
            if (text.Length == 0)
                _comments.Clear();
            else if (text[0] == '#')
                _comments.Add(text[1..].Trim());
            else
            {
                lines.Add(ReadOne());
                _comments.Clear();
                continue;
            }
            _next++;
        }
        return lines;
    }

    private LogicalLine ReadOne()
    {
        var first = _next;
        var text = new StringBuilder();
        var sawEmpty = false;
        var isFirst = true;
        var last = first;
        for (; _next < file.Lines.Count; _next++)
        {
            var line = file.Lines[_next];
            var trimmed = line.Trim();
            if (!isFirst && trimmed.StartsWith('#'))
                continue;
            if (!isFirst && trimmed.Length == 0)
            {
                sawEmpty = true;
                continue;
            }
            last = _next;
            var (part, continues) = Continue(isFirst ? line.TrimStart() : line);
            isFirst = false;
            text.Append(part);
            if (continues)
                continue;
            _next++;
            break;
        }
        var whole = text.ToString().TrimEnd();
        // Nothing follows the last backslash of a file but its end.
        var heredocs = ReadHeredocs(whole, first, ref last);
        return new LogicalLine(whole, new SourceRange(first + 1, last + 1), heredocs, [.. _comments], sawEmpty);
    }

    /// <summary>The line without an escape at its end, and whether there was one. An escaped escape is none.</summary>
    private (string Part, bool Continues) Continue(string line)
    {
        var end = line.TrimEnd(' ', '\t');
        if (!end.EndsWith(escape) || (end.Length > 1 && end[^2] == escape))
            return (line, false);
        return (end[..^1], true);
    }

    private List<Heredoc> ReadHeredocs(string line, int first, ref int last)
    {
        var name = line.Split([' ', '\t'], 2)[0].ToUpperInvariant();
        if (!s_withDocuments.Contains(name) || !line.Contains("<<", StringComparison.Ordinal) || IsJsonForm(line))
            return [];
        var result = new List<Heredoc>();
        foreach (var announced in Heredoc.AllAnnounced(line, escape))
        {
            var content = new StringBuilder();
            for (; ; _next++)
            {
                if (_next >= file.Lines.Count)
                    throw DockerfileException.Parse(
                        new SourceRange(first + 1, first + 1), $"unterminated heredoc <<{announced.Name}: no line is {announced.Name} alone");
                var text = file.Lines[_next];
                if ((announced.StripTabs ? text.TrimStart('\t') : text) == announced.Name)
                    break;
                content.Append(text).Append('\n');
            }
            last = _next++;
            result.Add(announced with { Content = content.ToString() });
        }
        return result;
    }

    private static bool IsJsonForm(string line)
    {
        var rest = line.AsSpan(line.IndexOfAny([' ', '\t']) is var at and >= 0 ? at : line.Length).TrimStart();
        return rest.StartsWith("[") && rest.TrimEnd().EndsWith("]");
    }
}
