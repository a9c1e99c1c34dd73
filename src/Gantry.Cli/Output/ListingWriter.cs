using System.Text;
using Gantry.Cli.Templates;

namespace Gantry.Cli.Output;

/// <summary>A listing to which objects are added as they become known; their text is kept, they are not. See <see cref="Listing"/>.</summary>
internal sealed class ListingWriter<T>
    where T : class
{
    private const string Table = "table";

    private readonly TextWriter _output;
    private readonly IReadOnlyList<Column<T>> _columns;
    private readonly string _typeName;
    private readonly bool _isTable;
    // Null: each object as JSON.
    private readonly Template? _template;
    private readonly StringBuilder _text = new(1 << 12);

    /// <summary>Begins a listing; the parameters are those of <see cref="Listing.Write"/>.</summary>
    /// <exception cref="CommandException">The template is malformed.</exception>
    public ListingWriter(TextWriter output, string format, string defaultTable, IReadOnlyList<Column<T>> columns, string typeName)
    {
        _output = output;
        _columns = columns;
        _typeName = typeName;
        _isTable = format.Length == 0 || format.StartsWith(Table, StringComparison.Ordinal);
        var source = format is "" or Table ? defaultTable : _isTable ? format[Table.Length..].Trim(' ') : format.Trim(' ');
        if (source == "json")
        {
            _isTable = false;
            return;
        }
        _template = Listing.ParseTemplate(source.Replace("\\t", "\t", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal));
        if (_isTable)
            Execute(_template, null);
    }

    /// <summary>Adds an object.</summary>
    /// <exception cref="CommandException">The template cannot be executed on it.</exception>
    public void Add(T item)
    {
        if (_template is null)
            _text.Append(GoJson.Write(new Row<T>(_columns, item, _typeName), escapeHtml: true)).Append('\n');
        else
            Execute(_template, item);
    }

    /// <summary>Prints it.</summary>
    public void Finish()
    {
        if (_isTable)
            new Tabulator().Write(_output, _text.ToString());
        else
            _output.Write(_text);
    }

    private void Execute(Template template, T? item)
    {
        try
        {
            template.Execute(new Row<T>(_columns, item, _typeName), _text, header: item is null);
            _text.Append('\n');
        }
        catch (TemplateException error)
        {
            throw new CommandException($"failed to execute template: {error.Message}");
        }
    }
}
