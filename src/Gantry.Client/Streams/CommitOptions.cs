namespace Gantry.Client.Streams;

/// <summary>How a container becomes an image.</summary>
public sealed record CommitOptions
{
    /// <summary>Name of the image, or empty.</summary>
    public string Repository { get; init; } = "";

    /// <summary>Tag of the image, or empty.</summary>
    public string Tag { get; init; } = "";

    /// <summary>The commit message.</summary>
    public string Comment { get; init; } = "";

    /// <summary>Who made it.</summary>
    public string Author { get; init; } = "";

    /// <summary>Whether a running container is paused meanwhile.</summary>
    public bool Pause { get; init; } = true;

    /// <summary>Instructions of a Dockerfile that set the configuration, e.g. <c>CMD ["sh"]</c>.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];
}
