namespace Gantry.Cli.Commands.Containers.Copying;

/// <summary>One side of <c>cp</c>: a path here, <c>-</c>, or a path in a container.</summary>
/// <param name="Container">The container; empty for what is here.</param>
/// <param name="Path">The path as it was given.</param>
internal sealed record CopyArgument(string Container, string Path)
{
    /// <summary>Whether it is a standard stream.</summary>
    public bool IsStream => Container.Length == 0 && Path == "-";

    /// <summary>Takes <c>CONTAINER:PATH</c> apart. An absolute path and one that begins with a dot are local, whatever colons they have.</summary>
    public static CopyArgument Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return text.StartsWith('/') || text.StartsWith('.') || colon < 0 ? new("", text) : new(text[..colon], text[(colon + 1)..]);
    }
}
