using Gantry.Compose.Output;
using Gantry.Compose.Values;

namespace Gantry.Compose.Progress;

/// <summary>Progress as lines of text, or as lines of JSON for programs.</summary>
/// <param name="output">Where to.</param>
/// <param name="json">Whether the lines are JSON.</param>
/// <param name="dryRun">Whether nothing is really done.</param>
public sealed class PlainProgress(TextWriter output, bool json, bool dryRun) : IProgress
{
    private readonly Lock _lock = new();

    /// <inheritdoc/>
    public void Report(Step step)
    {
        var line = json ? ToJson(step) : $"{(dryRun ? " DRY-RUN MODE - " : "")} {step.Id} {step.Word} {step.Text}";
        lock (_lock)
        {
            output.Write(line + "\n");
            output.Flush();
        }
    }

    /// <inheritdoc/>
    public void Pause(bool paused)
    {
    }

    /// <inheritdoc/>
    public void Finish() => output.Flush();

    private string ToJson(Step step)
    {
        var document = new MapValue();
        if (dryRun)
            document["dry-run"] = ScalarValue.Of(true);
        document["id"] = ScalarValue.Of(step.Id);
        if (step.Parent.Length > 0)
            document["parent_id"] = ScalarValue.Of(step.Parent);
        document["status"] = ScalarValue.Of(step.Text);
        if (step.State == StepState.Error)
            document["error"] = ScalarValue.Of(true);
        if (step.Current > 0)
            document["current"] = ScalarValue.Of(step.Current);
        if (step.Total > 0)
            document["total"] = ScalarValue.Of(step.Total);
        return JsonText.Write(document);
    }
}

/// <summary>No progress at all.</summary>
public sealed class QuietProgress : IProgress
{
    /// <inheritdoc/>
    public void Report(Step step)
    {
    }

    /// <inheritdoc/>
    public void Pause(bool paused)
    {
    }

    /// <inheritdoc/>
    public void Finish()
    {
    }
}
