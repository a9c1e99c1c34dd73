namespace Gantry.Engine.Logs;

/// <summary>Which part of a log is read, and how it is written.</summary>
public sealed record LogQuery
{
    /// <summary>Whether the standard output is wanted.</summary>
    public bool Stdout { get; init; }

    /// <summary>Whether the standard error is wanted.</summary>
    public bool Stderr { get; init; }

    /// <summary>Only what was logged at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only what was logged up to this time; following ends then.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>How many lines from the end, both streams counted, before the times select; null: all.</summary>
    public int? Tail { get; init; }

    /// <summary>Whether each line begins with its time.</summary>
    public bool Timestamps { get; init; }

    /// <summary>Whether each line begins with the attributes that the container was told to log (<c>--log-opt labels=...</c>).</summary>
    public bool Details { get; init; }

    /// <summary>Whether to go on with what is logged from now, until the container has ended.</summary>
    public bool Follow { get; init; }
}
