using System.Globalization;

namespace Gantry.Cli.Commands.Builds;

/// <summary>Progress as lines, in the form of BuildKit's <c>--progress=plain</c>.</summary>
/// <param name="output">Where to.</param>
/// <param name="explains">Whether it is said why steps are run.</param>
internal sealed class PlainDisplay(TextWriter output, bool explains) : IBuildDisplay
{
    private readonly StepList _steps = new();
    private readonly HashSet<ShownStep> _announced = [];
    private readonly HashSet<ShownStep> _closed = [];
    private readonly HashSet<ShownStep> _explained = [];
    private readonly WarningList _warnings = new();
    private ShownStep? _last;

    public void Take(ReadOnlyMemory<byte> json) => Take(BuildEvents.Parse(json));

    public void Take(BuildEvents events)
    {
        foreach (var vertex in events.Vertexes)
            Show(_steps.Take(vertex));
        foreach (var log in events.Logs)
        {
            if (_steps.Find(log.Vertex) is { } step)
                Print(step, step.Take(log));
        }
        _warnings.Take(events.Warnings);
        foreach (var warning in events.Warnings)
            output.Write($"{(_steps.Find(warning.Vertex) is { } step ? $"#{step.Number} " : "")}WARN: {warning.Text}\n");
        output.Flush();
    }

    public void Finish(bool failed)
    {
        if (failed)
        {
            foreach (var line in _steps.Failures())
                output.Write(line + "\n");
        }
        _warnings.Print(output);
        output.Flush();
    }

    private void Show(ShownStep step)
    {
        Announce(step);
        if (explains && step.Reason is { } reason && _explained.Add(step))
            output.Write($"#{step.Number} run because: {reason}\n");
        if (step.Completed is null || !_closed.Add(step))
            return;
        Print(step, step.TakeRest());
        Announce(step);
        if (step.Error is { } error)
            output.Write($"#{step.Number} ERROR: {error}\n\n");
        else if (step.Cached)
            output.Write($"#{step.Number} CACHED\n\n");
        else
            output.Write(string.Create(CultureInfo.InvariantCulture, $"#{step.Number} DONE {step.Duration:0.0}s\n\n"));
        _last = null;
    }

    /// <summary>What a step wrote is under its name, also when another one came between.</summary>
    private void Announce(ShownStep step)
    {
        if (_last == step || (_announced.Contains(step) && step.Completed is null && step.Lines.Count == 0))
            return;
        if (_last is not null)
            output.Write("\n");
        if (_announced.Add(step))
            output.Write($"#{step.Number} {step.Name}\n");
        else
            output.Write($"#{step.Number} ...\n");
        _last = step;
    }

    private void Print(ShownStep step, IReadOnlyList<(double Seconds, string Text)> lines)
    {
        foreach (var (seconds, text) in lines)
        {
            Announce(step);
            output.Write(string.Create(CultureInfo.InvariantCulture, $"#{step.Number} {seconds:0.000} {text}\n"));
        }
    }
}
