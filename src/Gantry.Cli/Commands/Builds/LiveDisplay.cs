using System.Globalization;
using System.Text;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Builds;

/// <summary>Progress on a terminal: a line for each step with its time, and what the running ones wrote last; drawn anew as it goes on.</summary>
internal sealed class LiveDisplay : IBuildDisplay, IDisposable
{
    private const int LogLines = 6;
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);
    private readonly TextWriter _output;
    private readonly IUserTerminal _terminal;
    private readonly StepList _steps = new();
    private readonly WarningList _warnings = new();
    private readonly Lock _gate = new();
    private readonly Timer _timer;
    private readonly DateTimeOffset _begun = DateTimeOffset.UtcNow;
    private int _drawn;
    private int _settled;

    public LiveDisplay(TextWriter output, IUserTerminal terminal)
    {
        (_output, _terminal) = (output, terminal);
        _timer = new Timer(_ => Draw(isLast: false), null, s_interval, s_interval);
    }

    public void Take(ReadOnlyMemory<byte> json) => Take(BuildEvents.Parse(json));

    public void Take(BuildEvents events)
    {
        lock (_gate)
        {
            foreach (var vertex in events.Vertexes)
                _steps.Take(vertex);
            foreach (var log in events.Logs)
                _steps.Find(log.Vertex)?.Take(log);
            _warnings.Take(events.Warnings);
        }
    }

    public void Finish(bool failed)
    {
        _timer.Dispose();
        Draw(isLast: true);
        lock (_gate)
        {
            if (failed)
            {
                foreach (var line in _steps.Failures())
                    _output.Write(line + "\n");
            }
            _warnings.Print(_output);
            _output.Flush();
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Draw(bool isLast)
    {
        lock (_gate)
        {
            var (rows, columns) = _terminal.ErrorSize ?? (24, 80);
            var text = new StringBuilder();
            // 1. Over what was drawn last.
            if (_drawn > 0)
                text.Append(CultureInfo.InvariantCulture, $"\u001b[{_drawn}A\u001b[J");
            // 2. What will not change any more, for good: all that ended before the first that did not.
            var steps = _steps.Steps;
            for (; _settled < steps.Count && steps[_settled].Completed is not null; _settled++)
                text.Append(Line(steps[_settled], columns)).Append('\n');
            // 3. The rest, as much as there is room for.
            var lines = new List<string> { Head(isLast) };
            foreach (var step in steps.Skip(_settled))
            {
                lines.Add(Line(step, columns));
                if (step.Completed is null && !isLast)
                    lines.AddRange(step.Lines.TakeLast(LogLines).Select(line => Cut($" => => {line.Text}", columns)));
            }
            foreach (var line in lines.Take(Math.Max(1, rows - 1)))
                text.Append(line).Append('\n');
            _drawn = Math.Min(lines.Count, Math.Max(1, rows - 1));
            _output.Write(text.ToString());
            _output.Flush();
        }
    }

    private string Head(bool isLast)
    {
        var done = _steps.Steps.Count(step => step.Completed is not null);
        var state = isLast ? "FINISHED" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"[+] Building {(DateTimeOffset.UtcNow - _begun).TotalSeconds:0.0}s ({done}/{_steps.Steps.Count}) {state}");
    }

    private static string Line(ShownStep step, int columns)
    {
        var mark = step.Error is not null ? "ERROR " : step.Cached ? "CACHED " : "";
        var seconds = step.Completed is null && step.Started is { } start ? Math.Max(0, (DateTimeOffset.UtcNow - start).TotalSeconds) : step.Duration;
        var time = string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0}s");
        var left = Cut($" => {mark}{step.Name.Replace('\n', ' ')}", columns - time.Length - 1);
        return left.PadRight(Math.Max(0, columns - time.Length - 1)) + " " + time;
    }

    private static string Cut(string text, int columns) => text.Length <= columns ? text : text[..Math.Max(0, columns)];
}
