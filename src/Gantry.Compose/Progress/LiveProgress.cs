using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Gantry.Compose.Progress;

/// <summary>Progress on a terminal: a line for each part of the work, drawn anew ten times a second, with the time it takes.</summary>
public sealed class LiveProgress : IProgress, IDisposable
{
    private const string Spinner = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";

    private readonly TextWriter _output;
    private readonly Func<(int Rows, int Columns)> _size;
    private readonly string _title;
    private readonly bool _colors;
    private readonly Lock _lock = new();
    private readonly List<Line> _lines = [];
    private readonly Dictionary<string, Line> _byId = new(StringComparer.Ordinal);
    private readonly Timer _timer;
    private int _drawn;
    private bool _finished;
    private bool _paused;

    /// <summary>Begins the display.</summary>
    /// <param name="output">The terminal.</param>
    /// <param name="size">Its size.</param>
    /// <param name="title">What is done, e.g. <c>Running</c>.</param>
    /// <param name="colors">Whether lines are coloured.</param>
    public LiveProgress(TextWriter output, Func<(int Rows, int Columns)> size, string title, bool colors)
    {
        (_output, _size, _title, _colors) = (output, size, title, colors);
        _timer = new Timer(_ => Draw(), null, 100, 100);
    }

    /// <inheritdoc/>
    public void Report(Step step)
    {
        lock (_lock)
        {
            if (!_byId.TryGetValue(step.Id, out var line))
            {
                line = new Line(step);
                _byId[step.Id] = line;
                _lines.Add(line);
            }
            line.Take(step);
        }
    }

    /// <inheritdoc/>
    public void Pause(bool paused)
    {
        Draw();
        lock (_lock)
        {
            _paused = paused;
            // What others write comes below what is there.
            _drawn = 0;
        }
    }

    /// <inheritdoc/>
    public void Finish()
    {
        Draw();
        lock (_lock)
            _finished = true;
        _timer.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => Finish();

    private void Draw()
    {
        lock (_lock)
        {
            if (_finished || _paused || _lines.Count == 0)
                return;
            var (rows, columns) = _size();
            var text = new StringBuilder();
            if (_drawn > 0)
                text.Append(CultureInfo.InvariantCulture, $"\u001b[{_drawn}A");
            text.Append("\r\u001b[?25l");
            var done = _lines.Count(static line => line.Step.State != StepState.Working);
            var shown = Shown(rows - 2);
            Append(text, Paint(done == _lines.Count ? "34" : "", $"[+] {_title} {done}/{_lines.Count}"));
            var width = shown.Count == 0 ? 0 : shown.Max(static line => line.Step.Id.Length + (line.Step.Parent.Length > 0 ? 2 : 0));
            foreach (var line in shown)
                Append(text, Format(line, width, columns));
            // Lines that were there and are no more.
            for (var left = shown.Count + 1; left < _drawn; left++)
                Append(text, "");
            _drawn = Math.Max(_drawn, shown.Count + 1);
            _output.Write(text.Append("\u001b[?25h").ToString());
            _output.Flush();
        }
    }

    // When there is no room for all, the parts of parts go first, then what is done.
    private List<Line> Shown(int room)
    {
        var shown = _lines.Where(static line => line.Step.Parent.Length == 0)
            .SelectMany(root => _lines.Where(line => line.Step.Parent == root.Step.Id).Prepend(root)).ToList();
        if (shown.Count > room)
            shown.RemoveAll(static line => line.Step.Parent.Length > 0);
        while (shown.Count > Math.Max(room, 1))
            shown.RemoveAt(Math.Max(shown.FindIndex(static line => line.Step.State == StepState.Done), 0));
        return shown;
    }

    private string Format(Line line, int width, int columns)
    {
        var (sign, color) = line.Step.State switch
        {
            StepState.Done => ("✔", "32"),
            StepState.Warning => ("!", "33"),
            StepState.Error => ("✘", "31"),
            _ => (Spinner[(int)(line.Elapsed * 10) % Spinner.Length].ToString(), "36"),
        };
        var indent = line.Step.Parent.Length > 0 ? "  " : "";
        var size = line.Step.Total > 0 && line.Step.State == StepState.Working ? $" {100 * line.Step.Current / line.Step.Total}%" : "";
        var time = line.Elapsed.ToString("0.0", CultureInfo.InvariantCulture) + "s";
        var room = Math.Max(columns - width - time.Length - 6, 8);
        var status = (line.Step.Word.Length > 0 ? $"{line.Step.Word} {line.Step.Text}" : line.Step.Text).TrimEnd() + size;
        if (status.Length > room)
            status = status[..(room - 3)] + "...";
        var gap = Math.Max(columns - (width + status.Length + time.Length + 6), 1);
        return $" {indent}{Paint(color, sign)} {line.Step.Id.PadRight(width - indent.Length)}  {Paint(color, status)}{new string(' ', gap)}{Paint("34", time)}";
    }

    private string Paint(string color, string text) => _colors && color.Length > 0 ? $"\u001b[{color}m{text}\u001b[0m" : text;

    private static void Append(StringBuilder text, string line) => text.Append(line).Append("\u001b[K\n");

    private sealed class Line(Step step)
    {
        private readonly long _start = Stopwatch.GetTimestamp();
        private double? _ended;

        public Step Step { get; private set; } = step;

        public double Elapsed => _ended ?? Stopwatch.GetElapsedTime(_start).TotalSeconds;

        public void Take(Step step)
        {
            if (step.State == StepState.Working)
                _ended = null;
            else
                _ended ??= Stopwatch.GetElapsedTime(_start).TotalSeconds;
            // What is done goes on counting only upwards.
            Step = step with { Parent = Step.Parent.Length > 0 ? Step.Parent : step.Parent, Total = Math.Max(step.Total, Step.Total),
                Current = Math.Max(step.Current, Step.Current) };
        }
    }
}
