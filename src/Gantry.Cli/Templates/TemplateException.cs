namespace Gantry.Cli.Templates;

/// <summary>A template that cannot be parsed or executed; the message has the form of Go's text/template.</summary>
/// <param name="message">e.g. <c>template: :1: unclosed action</c>.</param>
public sealed class TemplateException(string message) : Exception(message);
