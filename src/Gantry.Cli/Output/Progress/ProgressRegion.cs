using System.Globalization;
using System.Text;
using Gantry.Api.Model;

namespace Gantry.Cli.Output.Progress;

/// <summary>
/// The last lines of a terminal, where each part of an operation has its own. While it goes on, no more are shown than the terminal has
/// rows: those that move come before those that wait and those that are done. At the end all are written, once.
/// </summary>
/// <param name="output">The terminal.</param>
/// <param name="size">Its rows and columns; asked anew each time, as the user may change them.</param>
/// <param name="clock">For the speed.</param>
internal sealed class ProgressRegion(TextWriter output, Func<(int Rows, int Columns)> size, TimeProvider clock)
{
    /// <summary>What is assumed of a terminal that does not tell.</summary>
    public static readonly (int Rows, int Columns) UnknownSize = (24, 80);

    private readonly TransferRate _rate = new(clock);
    private readonly Dictionary<string, ProgressPart> _byId = new(StringComparer.Ordinal);
    private readonly List<ProgressPart> _parts = [];
    private List<string> _drawn = [];

    /// <summary>Whether a part is shown here.</summary>
    public bool Has(string id) => _byId.ContainsKey(id);

    /// <summary>Takes a message about a part.</summary>
    public void Update(string id, string status, ProgressDetail? detail)
    {
        if (!_byId.TryGetValue(id, out var part))
        {
            part = new ProgressPart(id);
            _byId.Add(id, part);
            _parts.Add(part);
        }
        part.Update(status, detail);
    }

    /// <summary>Draws what has changed.</summary>
    public void Draw()
    {
        var (rows, columns) = size();
        if (_parts.Count == 0 || rows < 2)
            return;
        // One row is the sum's, and the cursor stands in the one below.
        var shown = Select(Math.Max(1, rows - 2));
        var lines = shown.ConvertAll(part => part.Format(columns));
        if (Summarize() is { } sum && rows > 2)
            lines.Add(sum.Length <= columns ? sum : sum[..columns]);
        Write(lines, columns);
    }

    /// <summary>Writes all parts for good; what comes later starts below.</summary>
    public void Finish()
    {
        if (_parts.Count > 0)
        {
            var (_, columns) = size();
            Write(_parts.ConvertAll(part => part.Format(columns)), columns);
        }
        _parts.Clear();
        _byId.Clear();
        _drawn = [];
    }

    private List<ProgressPart> Select(int room)
    {
        if (_parts.Count <= room)
            return _parts;
        var chosen = _parts.OrderBy(static part => part.IsMoving ? 0 : part.IsDone ? 2 : 1).Take(room).ToHashSet();
        return _parts.FindAll(chosen.Contains);
    }

    /// <summary>How far the whole has come, or null when nothing is transferred.</summary>
    private string? Summarize()
    {
        var transferred = _parts.Sum(static part => part.Transferred);
        if (transferred == 0)
            return null;
        var done = _parts.Count(static part => part.IsDone);
        var text = new StringBuilder($"Total: {done} of {_parts.Count} done, {HumanText.Size(transferred)}");
        var total = _parts.Sum(static part => part.Size);
        // Of a part that waits nobody knows how large it is.
        var isKnown = _parts.TrueForAll(static part => part.IsSizeKnown);
        if (isKnown)
            text.Append('/').Append(HumanText.Size(total));
        if (transferred < total && _rate.Next(transferred) is { } speed)
        {
            text.Append(", ").Append(HumanText.Size(speed, digits: 3)).Append("/s");
            if (isKnown)
                text.Append(", ").Append(FormatTime(TimeSpan.FromSeconds((total - transferred) / speed))).Append(" left");
        }
        return text.ToString();
    }

    private static string FormatTime(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours}h{time.Minutes:00}m")
        : time.TotalMinutes >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}m{time.Seconds:00}s")
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds):0}s");

    // Escape sequences (ECMA-48): [nA moves up by n rows, [K erases the rest of the row, [J everything below.
    private void Write(List<string> lines, int columns)
    {
        var text = new StringBuilder();
        // A terminal that became narrower has wrapped what was drawn.
        var up = _drawn.Sum(line => Math.Max(1, (line.Length + columns - 1) / columns));
        var wrapped = up != _drawn.Count;
        if (up > 0)
            text.Append('\r').Append(CultureInfo.InvariantCulture, $"\x1b[{up}A");
        if (wrapped)
            text.Append("\x1b[J");
        for (var row = 0; row < lines.Count; row++)
        {
            if (wrapped || row >= _drawn.Count || _drawn[row] != lines[row])
                // A full row is not erased after: the cursor still stands on its last letter.
                text.Append(lines[row]).Append(lines[row].Length < columns ? "\x1b[K" : "");
            text.Append('\n');
        }
        if (lines.Count < _drawn.Count)
            text.Append("\x1b[J");
        output.Write(text);
        _drawn = lines;
    }
}
