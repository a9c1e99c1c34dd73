using System.Text;

namespace Gantry.Cli.Commands.Containers.Creating;

/// <summary>The fields of a value such as <c>--mount</c> takes: a line of CSV (RFC 4180), so that a path may hold commas in quotes.</summary>
internal static class CsvFields
{
    /// <summary>Splits a line.</summary>
    /// <exception cref="FormatException">Quotes are unbalanced.</exception>
    public static List<string> Split(string line)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        for (var at = 0; at < line.Length; at++)
        {
            var letter = line[at];
            if (quoted && letter == '"' && at + 1 < line.Length && line[at + 1] == '"')
                field.Append(line[++at]);
            else if (letter == '"' && (quoted || field.Length == 0))
                quoted = !quoted;
            else if (letter == '"')
                throw new FormatException($"parse error on line 1, column {at + 1}: bare \" in non-quoted-field");
            else if (letter == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append(letter);
            }
        }
        if (quoted)
            throw new FormatException($"parse error on line 1, column {line.Length + 1}: extraneous or missing \" in quoted-field");
        fields.Add(field.ToString());
        return fields;
    }
}
