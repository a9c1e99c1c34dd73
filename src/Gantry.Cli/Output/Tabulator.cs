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
        var endsWithNewline = text.EndsWith('\n');
        var lines = (endsWithNewline ? text[..^1] : text).Split('\n');
        var cells = Array.ConvertAll(lines, static line => line.Split('\t'));
        var widths = Array.ConvertAll(cells, static line => new int[line.Length - 1]);
        var columns = widths.Max(static line => line.Length);
        for (var column = 0; column < columns; column++)
            MeasureColumn(cells, widths, column);

        var output = new StringBuilder(text.Length * 2);
        for (var line = 0; line < cells.Length; line++)
        {
            for (var column = 0; column < widths[line].Length; column++)
                output.Append(cells[line][column]).Append(' ', widths[line][column] - WidthOf(cells[line][column]));
            output.Append(cells[line][^1]);
            if (line < cells.Length - 1 || endsWithNewline)
                output.Append('\n');
        }
        return output.ToString();
    }

    private void MeasureColumn(string[][] cells, int[][] widths, int column)
    {
        for (var start = 0; start < cells.Length;)
        {
            if (widths[start].Length <= column)
            {
                start++;
                continue;
            }
            var end = start;
            var width = minimum;
            for (; end < cells.Length && widths[end].Length > column; end++)
                width = Math.Max(width, WidthOf(cells[end][column]) + padding);
            for (; start < end; start++)
                widths[start][column] = width;
        }
    }

    private static int WidthOf(string cell)
    {
        var width = 0;
        foreach (var _ in cell.EnumerateRunes())
            width++;
        return width;
    }
}
