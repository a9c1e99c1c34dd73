namespace Gantry.Cli.Output;

/// <summary>The help texts of <c>--format</c>.</summary>
internal static class FormatHelp
{
    /// <summary>For listings.</summary>
    public const string Listing =
        "Format of the output:\n'table':            Table with column titles (default)\n'table TEMPLATE':   Table made with a Go template\n'json':             One JSON document a line\n'TEMPLATE':         Go template for each entry";

    /// <summary>For single documents.</summary>
    public const string Document = "Format of the output:\n'json':             JSON\n'TEMPLATE':         Go template";
}
