using System.Globalization;
using System.Text;

namespace Gantry.Build.Dockerfile;

/// <summary>Lines of a source file, counted from 1, the last one included.</summary>
/// <param name="First">The first line.</param>
/// <param name="Last">The last line.</param>
public readonly record struct SourceRange(int First, int Last);

/// <summary>A Dockerfile's text, by lines, for parsing and for showing where something is wrong.</summary>
public sealed class SourceFile
{
    private const int ContextLines = 2;

    /// <param name="name">Its name for messages, e.g. <c>Dockerfile</c>.</param>
    /// <param name="text">Its content.</param>
    public SourceFile(string name, string text)
    {
        Name = name;
        Text = text.TrimStart('\ufeff');
        Lines = [.. Text.Split('\n').Select(line => line.TrimEnd('\r'))];
    }

    /// <summary>Its name for messages.</summary>
    public string Name { get; }

    /// <summary>Its content.</summary>
    public string Text { get; }

    /// <summary>Its lines without their ends.</summary>
    public IReadOnlyList<string> Lines { get; }

    /// <summary>The lines around a place with a marker before those meant, as BuildKit's clients print them.</summary>
    public string Excerpt(SourceRange range)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{Name}:{range.First}\n--------------------\n");
        var last = Math.Min(Lines.Count, range.Last + ContextLines);
        for (var line = Math.Max(1, range.First - ContextLines); line <= last; line++)
        {
            var mark = line >= range.First && line <= range.Last ? ">>>" : "   ";
            if (line == Lines.Count && Lines[line - 1].Length == 0)
                continue;
            text.Append(CultureInfo.InvariantCulture, $"{line,4} | {mark} {Lines[line - 1]}\n");
        }
        return text.Append("--------------------").ToString();
    }
}
