using System.Runtime.InteropServices;
using System.Text;

namespace Gantry.Cli.Output;

/// <summary>
/// Aligns cells separated by tabs, as Go's text/tabwriter does: a column is as wide as its widest cell within a run of lines that have
/// that column, and the last cell of a line belongs to no column.
/// </summary>
/// <param name="minimum">The least width of a column, padding included.</param>
/// <param name="padding">Spaces after the widest cell.</param>
public sealed class Tabulator(int minimum = 10, int padding = 3)
{
    /// <summary>Aligns a text of whole lines.</summary>
    public string Align(string text)
    {
        using var aligned = new StringWriter();
        Write(aligned, text);
        return aligned.ToString();
    }

    /// <summary>Prints a text of whole lines, aligned.</summary>
    public void Write(TextWriter output, string text)
    {
        var list = new List<Cell>();
        var lines = Split(text, list);
        var cells = CollectionsMarshal.AsSpan(list);
        var columns = 0;
        foreach (var line in lines)
            columns = Math.Max(columns, line.Count - 1);
        var widest = 0;
        for (var column = 0; column < columns; column++)
            widest = Math.Max(widest, MeasureColumn(lines, cells, column));

        var spaces = new string(' ', widest);
        for (var index = 0; index < lines.Count; index++)
        {
            foreach (var cell in cells.Slice(lines[index].First, lines[index].Count))
            {
                output.Write(text.AsSpan(cell.Start, cell.Length));
                if (cell.Column > 0)
                    output.Write(spaces.AsSpan(0, cell.Column - cell.Width));
            }
            if (index < lines.Count - 1 || text.EndsWith('\n'))
                output.Write('\n');
        }
    }

    // The cells of all lines go to one list.
    private static List<Line> Split(string text, List<Cell> cells)
    {
        var lines = new List<Line>();
        var first = 0;
        for (var start = 0; start < text.Length || cells.Count > first || lines.Count == 0;)
        {
            var rest = text.AsSpan(start);
            var end = rest.IndexOfAny('\t', '\n');
            var cell = end < 0 ? rest : rest[..end];
            cells.Add(new Cell(start, cell.Length, WidthOf(cell), 0));
            start += end < 0 ? rest.Length : end + 1;
            if (end >= 0 && rest[end] == '\t')
                continue;
            lines.Add(new Line(first, cells.Count - first));
            first = cells.Count;
        }
        return lines;
    }

    private int MeasureColumn(List<Line> lines, Span<Cell> cells, int column)
    {
        var widest = 0;
        for (var start = 0; start < lines.Count;)
        {
            if (lines[start].Count <= column + 1)
            {
                start++;
                continue;
            }
            var end = start;
            var width = minimum;
            for (; end < lines.Count && lines[end].Count > column + 1; end++)
                width = Math.Max(width, cells[lines[end].First + column].Width + padding);
            for (; start < end; start++)
                cells[lines[start].First + column].Column = width;
            widest = Math.Max(widest, width);
        }
        return widest;
    }

    // Code points: a surrogate pair is one.
    private static int WidthOf(ReadOnlySpan<char> cell)
    {
        if (Ascii.IsValid(cell))
            return cell.Length;
        var width = 0;
        foreach (var _ in cell.EnumerateRunes())
            width++;
        return width;
    }

    /// <summary>Where its text is, how wide that is, and how wide the column it belongs to, or 0.</summary>
    private record struct Cell(int Start, int Length, int Width, int Column);

    /// <summary>Its cells.</summary>
    private readonly record struct Line(int First, int Count);
}
