using Gantry.Oci;

namespace Gantry.Build.Dockerfile;

/// <summary>Something is wrong in a Dockerfile, at a known place.</summary>
public sealed class DockerfileException : GantryException
{
    private DockerfileException(string message, string reason, SourceRange range, Exception? cause)
        : base(cause is GantryException { Kind: var kind } ? kind : ErrorKind.InvalidArgument, message, cause) => (Reason, Range) = (reason, range);

    /// <summary>What is wrong, without where.</summary>
    public string Reason { get; }

    /// <summary>Whether the text itself is malformed, not what it asks for.</summary>
    public bool IsOfParser => Message != Reason;

    /// <summary>The lines in question.</summary>
    public SourceRange Range { get; }

    /// <summary>The file, when it is known.</summary>
    public SourceFile? File { get; private init; }

    /// <summary>The lines with a marker, when the file is known.</summary>
    public string? Excerpt => File?.Excerpt(Range);

    /// <summary>The text is malformed: docker's <c>dockerfile parse error on line N: …</c>.</summary>
    public static DockerfileException Parse(SourceRange range, string message) =>
        new($"dockerfile parse error on line {range.First}: {message}", message, range, null);

    /// <summary>What the text says cannot be had.</summary>
    public static DockerfileException At(SourceRange range, string message, Exception? cause = null) => new(message, message, range, cause);

    /// <summary>The same with the lines of the file it is in.</summary>
    public DockerfileException In(SourceFile file) => File is null ? new DockerfileException(Message, Reason, Range, InnerException) { File = file } : this;
}
