using System.Text;

namespace Gantry.Cli.Templates;

/// <summary>
/// A template in the language of Go's text/template, as <c>--format</c> takes it, over values that carry their own field names: nothing
/// is looked up by reflection.
/// </summary>
public sealed class Template
{
    private readonly string _source;
    private readonly IReadOnlyList<Node> _nodes;
    private readonly IReadOnlyDictionary<string, IReadOnlyList<Node>> _named;

    private Template(string source)
    {
        var parser = new TemplateParser(source);
        _source = source;
        _nodes = parser.Parse();
        _named = parser.Named;
    }

    /// <summary>Parses a template.</summary>
    /// <exception cref="TemplateException">It is malformed.</exception>
    public static Template Parse(string source) => new(source);

    /// <summary>Executes the template and adds what it prints to <paramref name="output"/>.</summary>
    /// <param name="cursor">The value of <c>.</c>.</param>
    /// <param name="output">Where text goes.</param>
    /// <param name="header">Whether the values are column titles, which functions leave as they are.</param>
    /// <exception cref="TemplateException">A field does not exist, or a function got what it cannot take.</exception>
    public void Execute(object? cursor, StringBuilder output, bool header = false) =>
        new TemplateRunner(_source, _named, output, cursor, header).Run(_nodes, cursor);
}
