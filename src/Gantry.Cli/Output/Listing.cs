using System.Text;
using Gantry.Cli.Templates;

namespace Gantry.Cli.Output;

/// <summary>Prints objects as <c>--format</c> says: a table, JSON, or a template for each.</summary>
internal static class Listing
{
    private const string Table = "table";

    /// <summary>Prints a listing.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="format">The value of <c>--format</c>; empty for the default table.</param>
    /// <param name="defaultTable">The template of the default table, without the word <c>table</c>.</param>
    /// <param name="columns">What templates can show.</param>
    /// <param name="items">The objects.</param>
    /// <param name="typeName">The name of docker's type, for its error text.</param>
    /// <exception cref="CommandException">The template is wrong.</exception>
    public static void Write<T>(
        TextWriter output, string format, string defaultTable, IReadOnlyList<Column<T>> columns, IEnumerable<T> items, string typeName)
        where T : class
    {
        var isTable = format.Length == 0 || format.StartsWith(Table, StringComparison.Ordinal);
        var source = format is "" or Table ? defaultTable : isTable ? format[Table.Length..].Trim(' ') : format.Trim(' ');
        if (source == "json")
        {
            WriteJson(output, columns, items, typeName);
            return;
        }
        var template = ParseTemplate(source.Replace("\\t", "\t", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal));
        var text = new StringBuilder();
        if (isTable)
            Execute(template, new Row<T>(columns, null, typeName), text, header: true);
        foreach (var item in items)
            Execute(template, new Row<T>(columns, item, typeName), text, header: false);
        output.Write(isTable ? new Tabulator().Align(text.ToString()) : text.ToString());
    }

    /// <summary>Parses the template of a <c>--format</c> flag.</summary>
    /// <exception cref="CommandException">It is malformed.</exception>
    public static Template ParseTemplate(string source)
    {
        try
        {
            return Template.Parse(source);
        }
        catch (TemplateException error)
        {
            throw new CommandException($"failed to parse template: {error.Message}");
        }
    }

    private static void WriteJson<T>(TextWriter output, IReadOnlyList<Column<T>> columns, IEnumerable<T> items, string typeName)
        where T : class
    {
        foreach (var item in items)
        {
            output.Write(GoJson.Write(new Row<T>(columns, item, typeName), escapeHtml: true));
            output.Write('\n');
        }
    }

    private static void Execute<T>(Template template, Row<T> row, StringBuilder text, bool header)
        where T : class
    {
        try
        {
            template.Execute(row, text, header);
            text.Append('\n');
        }
        catch (TemplateException error)
        {
            throw new CommandException($"failed to execute template: {error.Message}");
        }
    }
}
