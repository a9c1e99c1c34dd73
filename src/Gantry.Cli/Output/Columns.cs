using Gantry.Cli.Templates;

namespace Gantry.Cli.Output;

/// <summary>A column of a listing: the name templates use, its title, and how its text comes from an object.</summary>
/// <param name="Name">The field's name in templates.</param>
/// <param name="Title">The title in tables.</param>
/// <param name="Value">The cell; a <see cref="TemplateMethod"/> takes arguments.</param>
internal sealed record Column<T>(string Name, string Title, Func<T, object?> Value);

/// <summary>An object as a row of columns.</summary>
/// <param name="columns">All columns of the listing.</param>
/// <param name="item">The object, or null for the row of titles.</param>
/// <param name="typeName">The name of docker's type, which its error for unknown fields shows.</param>
internal sealed class Row<T>(IReadOnlyList<Column<T>> columns, T? item, string typeName) : TemplateMap
    where T : class
{
    /// <inheritdoc/>
    public override IEnumerable<string> Names => columns.Select(static column => column.Name).Order(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int Count => columns.Count;

    /// <inheritdoc/>
    public override bool TryGet(string name, out object? value)
    {
        for (var index = 0; index < columns.Count; index++)
        {
            var column = columns[index];
            if (column.Name != name)
                continue;
            value = item is null ? Title(column) : column.Value(item);
            return true;
        }
        value = null;
        return false;
    }

    /// <inheritdoc/>
    public override string DescribeMissing(string name) => $"can't evaluate field {name} in type *{typeName}";

    // The title of a column that takes an argument is that argument, e.g. the label's name after its last dot.
    private static object Title(Column<T> column) => column.Title.Length > 0 ? column.Title : new TemplateMethod(static arguments =>
    {
        var name = arguments.Count > 0 ? TemplateValue.PrintNested(arguments[0]) : "";
        return name[(name.LastIndexOf('.') + 1)..].Replace('-', ' ').Replace('_', ' ');
    });
}
