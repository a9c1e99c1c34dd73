using System.Text;

namespace Gantry.Cli.Flags;

/// <summary>Lays out the flags of a help text: names in one column, wrapped descriptions in the other, as pflag does.</summary>
public static class FlagHelp
{
    private const int Slop = 5;
    private const int NarrowestColumn = 24;

    /// <summary>The lines for all flags that are not hidden, sorted by name.</summary>
    /// <param name="flags">The flags.</param>
    /// <param name="width">The width of the terminal in characters.</param>
    public static string Format(IEnumerable<Flag> flags, int width)
    {
        var shown = flags.Where(flag => !flag.Hidden).OrderBy(flag => flag.Name, StringComparer.Ordinal).ToArray();
        var names = Array.ConvertAll(shown, FormatName);
        var column = names.Length == 0 ? 0 : names.Max(name => name.Length) + 3;
        var text = new StringBuilder();
        for (var index = 0; index < shown.Length; index++)
        {
            text.Append(names[index].PadRight(column));
            AppendWrapped(text, FormatDescription(shown[index]), column, width - 1);
            text.Append('\n');
        }
        return text.ToString();
    }

    private static string FormatName(Flag flag)
    {
        var name = flag.Shorthand == '\0' ? $"      --{flag.Name}" : $"  -{flag.Shorthand}, --{flag.Name}";
        return flag.Type.Length > 0 ? $"{name} {flag.Type}" : name;
    }

    private static string FormatDescription(Flag flag) => flag.DefaultText.Length > 0 ? $"{flag.Usage} (default {flag.DefaultText})" : flag.Usage;

    private static void AppendWrapped(StringBuilder text, string description, int column, int width)
    {
        var room = width - column;
        if (room < NarrowestColumn)
        {
            column = 16;
            room = width - column;
            text.Append('\n').Append(' ', column);
        }
        room = Math.Max(room, NarrowestColumn) - Slop;
        var rest = description;
        while (true)
        {
            var (line, next) = TakeLine(rest, room);
            text.Append(line);
            if (next.Length == 0)
                return;
            rest = next;
            text.Append('\n').Append(' ', column);
        }
    }

    // A line may be longer than the room by the slop when that spares the last word a line of its own.
    private static (string Line, string Remainder) TakeLine(string text, int room)
    {
        var newline = text.IndexOf('\n', StringComparison.Ordinal);
        var fits = room + Slop > text.Length;
        if (newline >= 0 && (fits || newline < room))
            return (text[..newline], text[(newline + 1)..]);
        if (fits)
            return (text, "");
        var space = text.AsSpan(0, room).LastIndexOfAny(' ', '\t');
        return space <= 0 ? (text, "") : (text[..space], text[(space + 1)..]);
    }
}
