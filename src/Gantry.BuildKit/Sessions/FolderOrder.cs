using Gantry.BuildKit.Grpc;

namespace Gantry.BuildKit.Sessions;

/// <summary>What is wanted of a folder of the client.</summary>
/// <param name="Name">The name that the client gave it.</param>
internal sealed record FolderOrder(string Name)
{
    /// <summary>Only these paths, and what links in them lead to; empty: everything.</summary>
    public IReadOnlyList<string> FollowPaths { get; init; } = [];

    /// <summary>Only what matches; empty: everything.</summary>
    public IReadOnlyList<string> IncludePatterns { get; init; } = [];

    /// <summary>What is left out.</summary>
    public IReadOnlyList<string> ExcludePatterns { get; init; } = [];

    /// <summary>The order as values of a call.</summary>
    public GrpcMetadata Metadata()
    {
        var metadata = new GrpcMetadata();
        Add(metadata, "dir-name", [Name]);
        Add(metadata, "followpaths", FollowPaths);
        Add(metadata, "include-patterns", IncludePatterns);
        Add(metadata, "exclude-patterns", ExcludePatterns);
        return metadata;
    }

    /// <summary>Header fields hold ASCII: other values are escaped, and it is said that they are.</summary>
    private static void Add(GrpcMetadata metadata, string name, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
            return;
        var isPlain = values.All(value => value.All(character => character is >= ' ' and <= '~'));
        metadata.Add(name, isPlain ? values : values.Select(Uri.EscapeDataString));
        if (!isPlain)
            metadata.Add($"{name}-encoded", "1");
    }
}
