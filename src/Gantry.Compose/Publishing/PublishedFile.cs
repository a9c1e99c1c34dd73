namespace Gantry.Compose.Publishing;

/// <summary>What a file of a published project is.</summary>
public enum PublishedKind
{
    /// <summary>A compose file; several are laid over each other in their order.</summary>
    Compose,

    /// <summary>A compose file that services of others extend.</summary>
    Extended,

    /// <summary>A file of variables.</summary>
    Variables,
}

/// <summary>A file of a published project.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name, without folders.</param>
/// <param name="Content">Its content.</param>
public sealed record PublishedFile(PublishedKind Kind, string Name, byte[] Content);
