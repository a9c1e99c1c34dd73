namespace Gantry.Cli.Flags;

/// <summary>
/// Options copied from a text that was typeset: word processors make a dash (<c>–e</c>) of the hyphen, and to a command that is a name like any other.
/// </summary>
internal static class TypesetDash
{
    // Hyphens of Unicode, figure dash, en dash, em dash, horizontal bar, minus.
    private const string Dashes = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212";

    /// <summary>What to tell the user when something fails; empty when no argument begins with such a dash.</summary>
    public static string Hint(IEnumerable<string> arguments)
    {
        var argument = arguments.FirstOrDefault(static argument => argument.Length > 1 && Dashes.Contains(argument[0], StringComparison.Ordinal));
        if (argument is null)
            return "";
        var option = argument.TrimStart([.. Dashes, '-']);
        var hyphens = option.Split('=')[0].Length == 1 ? "-" : "--";
        return $"\n'{argument}' begins with a dash (U+{(int)argument[0]:X4}) that is no hyphen: did you mean '{hyphens}{option}'?";
    }
}
