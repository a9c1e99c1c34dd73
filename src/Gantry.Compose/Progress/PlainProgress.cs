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

    /// <summary>Why a command failed, for programs that read lines of JSON.</summary>
    public static string Failure(string message)
    {
        var document = new MapValue();
        document["error"] = ScalarValue.Of(true);
        document["message"] = ScalarValue.Of(message);
        return JsonText.Write(document);
    }

    private string ToJson(Step step)
    {
        var document = new MapValue();
        if (dryRun)
            document["dry-run"] = ScalarValue.Of(true);
        document["id"] = ScalarValue.Of(step.Id);
        if (step.Parent.Length > 0)
            document["parent_id"] = ScalarValue.Of(step.Parent);
        if (step.Word.Length > 0)
            document["text"] = ScalarValue.Of(step.Word);
        if (step.Text.Length > 0)
            document["status"] = ScalarValue.Of(step.Text);
        if (step.Current > 0)
            document["current"] = ScalarValue.Of(step.Current);
        if (step.Total > 0)
            document["total"] = ScalarValue.Of(step.Total);
        if (Percent(step) is > 0 and var percent)
            document["percent"] = ScalarValue.Of(percent);
        return JsonText.Write(document);
    }

    private static long Percent(Step step) => step switch
    {
        { IsLayer: false } => 0,
        { State: StepState.Done } => 100,
        { Total: > 0 } => 100 * step.Current / step.Total,
        _ => 0,
    };
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
