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
/// <param name="Socket">The keeper's end. The request takes it: it is closed here once the keeper has it, or the request failed.</param>
/// <param name="Stdin">Whether what the client sends goes to the standard input.</param>
/// <param name="Stdout">Whether the client gets the standard output.</param>
/// <param name="Stderr">Whether the client gets the errors.</param>
public sealed record AttachEnd(Fd Socket, bool Stdin, bool Stdout, bool Stderr)
{
    internal AttachStreams Streams => (Stdin ? AttachStreams.Stdin : 0) | (Stdout ? AttachStreams.Stdout : 0) | (Stderr ? AttachStreams.Stderr : 0);
}
