using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Gantry.Cli.Session;
using Gantry.Cli.Templates;

namespace Gantry.Cli.Output;

/// <summary>Prints whole documents, as the inspect commands do: an indented array, or a template for each.</summary>
internal static class Inspector
{
    private const int BadTemplate = 64;

    /// <summary>Fetches and prints the documents of some objects of one kind; those that fail are reported after the others.</summary>
    /// <param name="session">Where it is printed.</param>
    /// <param name="names">The objects.</param>
    /// <param name="format">A template, <c>json</c>, or empty for the indented array.</param>
    /// <param name="structure">The structure that docker's client reads such a document into (<see cref="GoStructure"/>); null: none.</param>
    /// <param name="fetch">Gets the document of an object.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(CommandSession session, IEnumerable<string> names, string format, string? structure, Func<string, Task<byte[]>> fetch) =>
        RunAsync(session, names, format, async name => (await fetch(name).ConfigureAwait(false), structure));

    /// <summary>Fetches and prints the documents of some objects; those that fail are reported after the others.</summary>
    /// <param name="session">Where it is printed.</param>
    /// <param name="names">The objects.</param>
    /// <param name="format">A template, <c>json</c>, or empty for the indented array.</param>
    /// <param name="fetch">Gets the document of an object, and the name of the structure that docker reads it into; null: none.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(CommandSession session, IEnumerable<string> names, string format,
        Func<string, Task<(byte[] Document, string? Structure)>> fetch)
    {
        var template = format is "" or "json" ? null : Parse(format);
        var documents = new List<byte[]>();
        var failures = new List<string>();
        var text = new StringBuilder();
        foreach (var name in names)
        {
            try
            {
                var (document, structure) = await fetch(name).ConfigureAwait(false);
                if (template is null)
                    documents.Add(document);
                else
                    Execute(template, document, structure, text);
            }
            catch (Exception error) when (error is TemplateException || CommandLine.Describe(error, session) is not null)
            {
                failures.Add(error is TemplateException ? $"template parsing error: {error.Message}" : CommandLine.Describe(error, session)!);
            }
        }

        session.Out.Write(format switch
        {
            "" => FormatArray(documents),
            "json" => "[" + string.Join(',', documents.Select(Compact)) + "]\n",
            _ => text.Length > 0 ? text.ToString() : "\n",
        });
        return failures.Count == 0 ? 0 : throw new CommandException(string.Join('\n', failures));
    }

    private static Template Parse(string format)
    {
        try
        {
            return Template.Parse(format);
        }
        catch (TemplateException error)
        {
            throw new CommandException($"template parsing error: {error.Message}", BadTemplate);
        }
    }

    /// <summary>Adds what a template says of a document. As docker's: what cannot be said of its structure, is tried on the document as it is.</summary>
    /// <exception cref="TemplateException">Neither can be.</exception>
    internal static void Execute(Template template, byte[] document, string? structure, StringBuilder text)
    {
        using var json = JsonDocument.Parse(document);
        if (structure is null || !TryExecute(template, new StructureTemplateMap(json.RootElement, GoStructure.Get(structure)), text, out _))
        {
            if (!TryExecute(template, JsonTemplateMap.Wrap(json.RootElement), text, out var error))
                throw error;
        }
        text.Append('\n');
    }

    private static bool TryExecute(Template template, object? cursor, StringBuilder text, [NotNullWhen(false)] out TemplateException? error)
    {
        var before = text.Length;
        try
        {
            template.Execute(cursor, text);
            error = null;
            return true;
        }
        catch (TemplateException caught)
        {
            text.Length = before;
            error = caught;
            return false;
        }
    }

    private static string FormatArray(List<byte[]> documents) => documents.Count == 0
        ? "[]\n"
        : "[\n    " + string.Join(",\n    ", documents.Select(static document => JsonIndenter.Indent(document, level: 1))) + "\n]\n";

    private static string Compact(byte[] document)
    {
        using var json = JsonDocument.Parse(document);
        return GoJson.Write(JsonTemplateMap.Wrap(json.RootElement), escapeHtml: true);
    }
}
