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
        var lines = SplitLines(text);
        var columns = lines.Max(static line => line.Widths.Length);
        for (var column = 0; column < columns; column++)
            MeasureColumn(lines, column);

        var spaces = new string(' ', lines.Max(static line => line.Widths.Length == 0 ? 0 : line.Widths.Max()));
        for (var index = 0; index < lines.Count; index++)
        {
            var (cells, widths) = lines[index];
            for (var column = 0; column < cells.Length; column++)
            {
                var (start, length, width) = cells[column];
                output.Write(text.AsSpan(start, length));
                if (column < widths.Length)
                    output.Write(spaces.AsSpan(0, widths[column] - width));
            }
            if (index < lines.Count - 1 || text.EndsWith('\n'))
                output.Write('\n');
        }
    }

    private static List<Line> SplitLines(string text)
    {
        var lines = new List<Line>();
        var cells = new List<Cell>();
        for (var start = 0; start < text.Length || cells.Count > 0 || lines.Count == 0;)
        {
            var rest = text.AsSpan(start);
            var end = rest.IndexOfAny('\t', '\n');
            var cell = end < 0 ? rest : rest[..end];
            cells.Add(new Cell(start, cell.Length, WidthOf(cell)));
            start += end < 0 ? rest.Length : end + 1;
            if (end >= 0 && rest[end] == '\t')
                continue;
            lines.Add(new Line([.. cells], new int[cells.Count - 1]));
            cells.Clear();
        }
        return lines;
    }

    private void MeasureColumn(List<Line> lines, int column)
    {
        for (var start = 0; start < lines.Count;)
        {
            if (lines[start].Widths.Length <= column)
            {
                start++;
                continue;
            }
            var end = start;
            var width = minimum;
            for (; end < lines.Count && lines[end].Widths.Length > column; end++)
                width = Math.Max(width, lines[end].Cells[column].Width + padding);
            for (; start < end; start++)
                lines[start].Widths[column] = width;
        }
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

    private readonly record struct Cell(int Start, int Length, int Width);

    private readonly record struct Line(Cell[] Cells, int[] Widths);
}
