using System.Text;

namespace Gantry.Cli.Tests.Output;

/// <summary>A terminal of a few rows that obeys the escape sequences of the progress display; what scrolls off is kept.</summary>
internal sealed class Screen(int rows, int columns)
{
    private readonly List<char[]> _lines = [Row(columns)];
    private int _row;
    private int _column;

    /// <summary>All rows, also those that have scrolled off, without the spaces at their end.</summary>
    public IEnumerable<string> Lines => _lines.Select(static line => new string(line).TrimEnd());

    public void Write(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '\u001b')
                at = Obey(text, at + 2);
            else if (text[at] == '\r')
                _column = 0;
            else if (text[at] == '\n')
                NextRow();
            else
                Put(text[at]);
        }
    }

    private static char[] Row(int columns) => [.. Enumerable.Repeat(' ', columns)];

    private int Obey(string text, int at)
    {
        var number = new StringBuilder();
        for (; char.IsAsciiDigit(text[at]); at++)
            number.Append(text[at]);
        switch (text[at])
        {
            case 'A':
                // A terminal does not go above its first row.
                _row = Math.Max(_row - int.Parse(number.ToString()), Math.Max(0, _lines.Count - rows));
                break;
            case 'K':
                _lines[_row].AsSpan(_column).Fill(' ');
                break;
            case 'J':
                _lines[_row].AsSpan(_column).Fill(' ');
                _lines[(_row + 1)..].ForEach(static line => line.AsSpan().Fill(' '));
                break;
            default:
                throw new InvalidOperationException($"unknown escape sequence {text[at]}");
        }
        return at;
    }

    private void Put(char letter)
    {
        if (_column == columns)
            NextRow();
        _lines[_row][_column++] = letter;
    }

    private void NextRow()
    {
        _column = 0;
        if (++_row == _lines.Count)
            _lines.Add(Row(columns));
    }
}
