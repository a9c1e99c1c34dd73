using System.Text;

namespace Gantry.Cli.Commands.Builds;

/// <summary>What is known of a step.</summary>
internal sealed class ShownStep(int number, string name)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _line = new();

    public int Number => number;

    public string Name => name;

    public DateTimeOffset? Started { get; set; }

    public DateTimeOffset? Completed { get; set; }

    public bool Cached { get; set; }

    public string? Error { get; set; }

    public string? Reason { get; set; }

    /// <summary>The lines that it wrote, with the seconds after its start.</summary>
    public List<(double Seconds, string Text)> Lines { get; } = [];

    public double Duration => Started is { } start && Completed is { } end ? Math.Max(0, (end - start).TotalSeconds) : 0;

    /// <summary>Takes what it wrote.</summary>
    /// <returns>The lines that are whole now.</returns>
    public IReadOnlyList<(double Seconds, string Text)> Take(LogEvent log)
    {
        var seconds = Started is { } start ? Math.Max(0, (log.Time - start).TotalSeconds) : 0;
        var characters = new char[_decoder.GetCharCount(log.Data, flush: false)];
        _line.Append(characters, 0, _decoder.GetChars(log.Data, characters, flush: false));
        var whole = new List<(double, string)>();
        var text = _line.ToString();
        int newline, begin = 0;
        while ((newline = text.IndexOf('\n', begin)) >= 0)
        {
            whole.Add((seconds, text[begin..newline].TrimEnd('\r')));
            begin = newline + 1;
        }
        _line.Clear().Append(text, begin, text.Length - begin);
        Lines.AddRange(whole);
        return whole;
    }

    /// <summary>What is left of a line without an end.</summary>
    public IReadOnlyList<(double Seconds, string Text)> TakeRest()
    {
        if (_line.Length == 0)
            return [];
        (double, string) rest = (Duration, _line.ToString());
        _line.Clear();
        Lines.Add(rest);
        return [rest];
    }
}

/// <summary>The steps of a build in the order in which they came up.</summary>
internal sealed class StepList
{
    private readonly Dictionary<string, ShownStep> _byDigest = [];
    private readonly List<ShownStep> _steps = [];

    public IReadOnlyList<ShownStep> Steps => _steps;

    public ShownStep Take(VertexEvent vertex)
    {
        if (!_byDigest.TryGetValue(vertex.Digest, out var step))
        {
            _byDigest[vertex.Digest] = step = new ShownStep(_steps.Count + 1, vertex.Name);
            _steps.Add(step);
        }
        step.Started ??= vertex.Started;
        step.Completed = vertex.Completed ?? step.Completed;
        step.Cached |= vertex.Cached;
        step.Error = vertex.Error ?? step.Error;
        step.Reason = vertex.Reason ?? step.Reason;
        return step;
    }

    public ShownStep? Find(string digest) => _byDigest.GetValueOrDefault(digest);

    /// <summary>The steps that failed, with what they wrote last, as BuildKit's clients show them once more at the end.</summary>
    public IEnumerable<string> Failures()
    {
        const int most = 20;
        foreach (var step in _steps.Where(step => step.Error is not null && step.Lines.Count > 0))
        {
            yield return "------";
            yield return $" > {step.Name}:";
            foreach (var (seconds, text) in step.Lines.TakeLast(most))
                yield return FormattableString.Invariant($"{seconds:0.000} {text}");
            yield return "------";
        }
    }
}
