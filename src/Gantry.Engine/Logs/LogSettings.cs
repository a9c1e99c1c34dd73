namespace Gantry.Engine.Logs;

/// <summary>What a container's log options say of its file.</summary>
internal sealed record LogSettings
{
    /// <summary>Whether the container says how large its log may be (0: without a bound); otherwise it takes part in the host's budget.</summary>
    public bool IsBounded { get; init; }

    /// <summary>From how many bytes on a file is closed; 0: never.</summary>
    public long MaxSize { get; init; }

    /// <summary>How many files there are at most; 0: it does not say.</summary>
    public int MaxFiles { get; init; }

    /// <summary>How long lines stay; zero: for ever.</summary>
    public TimeSpan MaxAge { get; init; }

    /// <summary>Whether closed files are compressed.</summary>
    public bool Compress { get; init; }

    /// <summary>How many bytes of output may wait for the file before they are lost; 0: the process waits.</summary>
    public int Buffer { get; init; }

    /// <summary>Whether <c>logs</c> may read it.</summary>
    public bool IsReadable { get; init; } = true;
}
