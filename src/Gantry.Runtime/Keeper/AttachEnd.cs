using Gantry.Os;

namespace Gantry.Runtime.Keeper;

/// <summary>The standard streams a client has a part in.</summary>
[Flags]
public enum AttachStreams
{
    /// <summary>None: the connection only tells when the process has ended.</summary>
    None = 0,

    /// <summary>What the client sends goes to the standard input.</summary>
    Stdin = 1,

    /// <summary>The client gets the standard output.</summary>
    Stdout = 2,

    /// <summary>The client gets the errors.</summary>
    Stderr = 4,
}

/// <summary>
/// One end of a connected unix stream socket, through which a client sees a process. From the keeper come docker's frames with a header of 8
/// bytes (with a terminal: raw bytes), from the client raw input; a half-close ends that. The keeper closes the connection when the process has
/// ended and everything was sent, or when the keeper dies.
/// </summary>
public sealed record AttachEnd
{
    /// <summary>The keeper's end. It is closed here once the keeper has it, or the request failed.</summary>
    public required Fd Socket { get; init; }

    /// <summary>Whether what the client sends goes to the standard input.</summary>
    public bool Stdin { get; init; }

    /// <summary>Whether the client gets the standard output.</summary>
    public bool Stdout { get; init; }

    /// <summary>Whether the client gets the errors.</summary>
    public bool Stderr { get; init; }

    internal AttachStreams Streams => (Stdin ? AttachStreams.Stdin : 0) | (Stdout ? AttachStreams.Stdout : 0) | (Stderr ? AttachStreams.Stderr : 0);
}
