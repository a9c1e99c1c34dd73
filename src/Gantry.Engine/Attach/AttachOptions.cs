namespace Gantry.Engine.Attach;

/// <summary>What a client that attaches wants (Engine API, <c>POST /containers/{id}/attach</c>).</summary>
public sealed record AttachOptions
{
    /// <summary>Whether what the client sends goes to the process.</summary>
    public bool Stdin { get; init; }

    /// <summary>Whether the client gets standard output.</summary>
    public bool Stdout { get; init; }

    /// <summary>Whether the client gets standard error.</summary>
    public bool Stderr { get; init; }

    /// <summary>Whether the client first gets what was logged so far.</summary>
    public bool Logs { get; init; }

    /// <summary>Whether the client stays attached; else it gets the log and that is all.</summary>
    public bool Stream { get; init; }

    /// <summary>The keys that detach, e.g. <c>ctrl-p,ctrl-q</c>; null or empty: the default. Only with a terminal.</summary>
    public string? DetachKeys { get; init; }
}
