namespace Gantry.Client.Streams;

/// <summary>How a root file system becomes an image.</summary>
public sealed record ImportOptions
{
    /// <summary>A URL that the daemon fetches, or <c>-</c> when the archive comes with the request.</summary>
    public string Source { get; init; } = "-";

    /// <summary>Name of the image, or empty.</summary>
    public string Repository { get; init; } = "";

    /// <summary>Tag of the image, or empty.</summary>
    public string Tag { get; init; } = "";

    /// <summary>The commit message.</summary>
    public string Message { get; init; } = "";

    /// <summary><c>os/architecture[/variant]</c>, or empty for the daemon's.</summary>
    public string Platform { get; init; } = "";

    /// <summary>Instructions of a Dockerfile that set the configuration, e.g. <c>CMD ["sh"]</c>.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];
}
