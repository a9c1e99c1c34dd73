using Gantry.Cli.Templates;

namespace Gantry.Cli.Output;

/// <summary>Prints objects as <c>--format</c> says: a table, JSON, or a template for each.</summary>
internal static class Listing
{
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
        var listing = new ListingWriter<T>(output, format, defaultTable, columns, typeName);
        foreach (var item in items)
            listing.Add(item);
        listing.Finish();
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
}
