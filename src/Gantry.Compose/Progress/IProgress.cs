namespace Gantry.Compose.Progress;

/// <summary>How far a part of the work has come.</summary>
public enum StepState
{
    /// <summary>It goes on.</summary>
    Working,

    /// <summary>It is done.</summary>
    Done,

    /// <summary>It was passed over, or something about it is odd.</summary>
    Warning,

    /// <summary>It failed.</summary>
    Error,
}

/// <summary>News of a part of the work.</summary>
/// <param name="Id">The part: what it is and its name, e.g. <c>Container web-1</c>.</param>
/// <param name="State">How far it has come.</param>
/// <param name="Text">What is done with it, e.g. <c>Creating</c>.</param>
public sealed record Step(string Id, StepState State, string Text)
{
    /// <summary>The part that this one belongs to, or empty: a layer belongs to an image.</summary>
    public string Parent { get; init; } = "";

    /// <summary>The word before the text, as pulls and pushes have it; or empty.</summary>
    public string Word { get; init; } = "";

    /// <summary>Whether it is a layer of an image: of those programs are told what share is done.</summary>
    public bool IsLayer { get; init; }

    /// <summary>How many bytes are done, or 0.</summary>
    public long Current { get; init; }

    /// <summary>How many bytes there are, or 0.</summary>
    public long Total { get; init; }
}

/// <summary>Shows the progress of a command. It is called from several threads at once.</summary>
public interface IProgress
{
    /// <summary>Takes news.</summary>
    void Report(Step step);

    /// <summary>Lets others write on the terminal for a while.</summary>
    /// <param name="paused">Whether the pause begins or ends.</param>
    void Pause(bool paused);

    /// <summary>Ends the display: what comes after it is written below.</summary>
    void Finish();
}

/// <summary>The words that both tools have for what is done with containers, networks and volumes.</summary>
public static class ProgressWords
{
    /// <summary>Something begins.</summary>
    public static void Working(this IProgress progress, string id, string text) => progress.Report(new Step(id, StepState.Working, text));

    /// <summary>Something that has no text of its own begins.</summary>
    public static void Begun(this IProgress progress, string id, string word) => progress.Report(new Step(id, StepState.Working, "") { Word = word });

    /// <summary>Something is done.</summary>
    public static void Done(this IProgress progress, string id, string text) => progress.Report(new Step(id, StepState.Done, text));

    /// <summary>Something was passed over.</summary>
    public static void Warned(this IProgress progress, string id, string text) => progress.Report(new Step(id, StepState.Warning, text));

    /// <summary>Something failed.</summary>
    public static void Failed(this IProgress progress, string id, string text) => progress.Report(new Step(id, StepState.Error, text));
}
