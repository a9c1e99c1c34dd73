namespace Gantry.Client.Streams;

/// <summary>Which part of a container's logs is wanted, and how.</summary>
public sealed record LogOptions
{
    /// <summary>Whether new lines follow as they are written.</summary>
    public bool Follow { get; init; }

    /// <summary>From when on: seconds of Unix time with a fraction, or empty.</summary>
    public string Since { get; init; } = "";

    /// <summary>Until when: seconds of Unix time with a fraction, or empty.</summary>
    public string Until { get; init; } = "";

    /// <summary>Whether each line starts with its time.</summary>
    public bool Timestamps { get; init; }

    /// <summary>Whether each line starts with the attributes of the log driver.</summary>
    public bool Details { get; init; }

    /// <summary>How many of the last lines, or <c>all</c>.</summary>
    public string Tail { get; init; } = "all";
}

/// <summary>Which streams of a container are attached to.</summary>
public sealed record AttachOptions
{
    /// <summary>Whether input goes to the container.</summary>
    public bool Stdin { get; init; }

    /// <summary>Whether its standard output comes.</summary>
    public bool Stdout { get; init; }

    /// <summary>Whether its standard error comes.</summary>
    public bool Stderr { get; init; }

    /// <summary>Whether what it wrote before comes first.</summary>
    public bool Logs { get; init; }

    /// <summary>Keys that detach, e.g. <c>ctrl-p,ctrl-q</c>; empty for the daemon's.</summary>
    public string DetachKeys { get; init; } = "";
}
