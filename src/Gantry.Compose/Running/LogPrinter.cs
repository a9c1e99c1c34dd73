using System.Globalization;

namespace Gantry.Compose.Running;

/// <summary>Writes the output of many containers line by line, each with its container's name before it, in a colour of its own.</summary>
/// <param name="output">Where standard output goes.</param>
/// <param name="error">Where standard error goes.</param>
/// <param name="colors">Whether names are coloured.</param>
/// <param name="prefix">Whether lines begin with names.</param>
/// <param name="timestamps">Whether the time at which a line came is before it.</param>
public sealed class LogPrinter(TextWriter output, TextWriter error, bool colors, bool prefix, bool timestamps = false)
{
    private static readonly string[] s_colors = ["36", "33", "32", "35", "34", "96", "93", "92", "95", "94"];

    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);
    private int _width;

    /// <summary>A line that stays below the output, or null. It is drawn by control characters: only for terminals.</summary>
    public Func<string>? Footer { get; set; }

    /// <summary>Draws the line below the output anew.</summary>
    public void DrawFooter() => Write(output, null);

    /// <summary>Writes an empty line.</summary>
    public void Space() => Write(output, "\n");

    /// <summary>Takes the line below the output away for good.</summary>
    public void EndFooter()
    {
        lock (_lock)
        {
            if (Footer is null)
                return;
            Footer = null;
            output.Write("\r\u001b[2K");
            output.Flush();
        }
    }

    /// <summary>Writes a line about the project as a whole.</summary>
    public void Note(string text)
    {
        lock (_lock)
        {
            var mark = new string(' ', _width + 3) + "⦿ ";
            Write(output, (colors ? $"\u001b[92m{mark}\u001b[0m" : mark) + text + "\n");
        }
    }

    /// <summary>Makes a container known: names are padded to the longest one.</summary>
    public void Register(string name)
    {
        lock (_lock)
        {
            if (_known.ContainsKey(name))
                return;
            _known[name] = s_colors[_known.Count % s_colors.Length];
            _width = Math.Max(_width, name.Length);
        }
    }

    /// <summary>A stream that writes the lines of a container.</summary>
    /// <param name="name">The container.</param>
    /// <param name="isError">Whether they are of standard error.</param>
    public Stream Open(string name, bool isError)
    {
        Register(name);
        return new LineStream(line => Write(name, line, isError));
    }

    /// <summary>Writes a line about a container, which is not of its output.</summary>
    public void Status(string name, string text)
    {
        lock (_lock)
        {
            Write(output, Paint(name, $"{name} {text}") + "\n");
        }
    }

    private void Write(string name, string line, bool isError)
    {
        lock (_lock)
        {
            var stamp = timestamps ? DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff00'Z' ", CultureInfo.InvariantCulture) : "";
            Write(isError ? error : output, (prefix ? Paint(name, name.PadRight(_width + 1) + " | ") : "") + stamp + line + "\n");
        }
    }

    // Writes above the footer, which is drawn again below.
    private void Write(TextWriter writer, string? text)
    {
        lock (_lock)
        {
            if (Footer is null)
            {
                writer.Write(text);
                writer.Flush();
                return;
            }
            output.Write("\r\u001b[2K");
            output.Flush();
            writer.Write(text);
            writer.Flush();
            output.Write(Footer() + "\r");
            output.Flush();
        }
    }

    private string Paint(string name, string text) => colors ? $"\u001b[{_known.GetValueOrDefault(name, "0")}m{text}\u001b[0m" : text;
}
