namespace Gantry.Api.Model;

/// <summary>Answer of `POST /gantry/system/check`, which docker does not have.</summary>
public sealed record SystemCheckResponse
{
    /// <summary>How many blobs were read.</summary>
    public int Blobs { get; set; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; set; }

    /// <summary>How many containers were looked at.</summary>
    public int Containers { get; set; }

    /// <summary>What should not be.</summary>
    public IReadOnlyList<SystemCheckFinding> Findings { get; set => field = value ?? []; } = [];
}

/// <summary>Something in the engine's folders that should not be.</summary>
public sealed record SystemCheckFinding
{
    /// <summary>`blob`, `image`, `layer`, `snapshot`, `container` or `file`.</summary>
    public string Kind { get; set; } = "";

    /// <summary>Which one.</summary>
    public string Subject { get; set; } = "";

    /// <summary>What is wrong.</summary>
    public string Problem { get; set; } = "";

    /// <summary>What a repair does, or what the user can do.</summary>
    public string Remedy { get; set; } = "";

    /// <summary>Whether a repair can put it right.</summary>
    public bool Repairable { get; set; }

    /// <summary>Whether it was put right.</summary>
    public bool Repaired { get; set; }
}
