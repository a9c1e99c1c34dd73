using Gantry.Build.Graph;
using Gantry.Oci.Images;

namespace Gantry.Build.Dockerfile.Compile;

/// <summary>A source of ADD that is somewhere else.</summary>
/// <param name="Operation">What fetches it.</param>
/// <param name="Path">What of it is copied.</param>
internal sealed record RemoteSource(Operation Operation, string Path)
{
    /// <summary>What a text means; null: a local path.</summary>
    /// <exception cref="DockerfileException">The checksum is none.</exception>
    public static RemoteSource? Parse(string text, AddInstruction add, string? checksum)
    {
        var isWeb = text.StartsWith("http://", StringComparison.Ordinal) || text.StartsWith("https://", StringComparison.Ordinal);
        if (GitAddress.IsOne(text))
            return new RemoteSource(GitAddress.Parse(text, add.KeepGitDir, checksum), "/");
        if (!isWeb)
            return null;
        var digest = default(Digest);
        if (checksum is not null && !Digest.TryParse(checksum, out digest))
            throw DockerfileException.At(add.Range, $"invalid checksum \"{checksum}\": a digest such as sha256:… is needed");
        var path = new Uri(text).AbsolutePath;
        var name = path[(path.LastIndexOf('/') + 1)..];
        return new RemoteSource(new HttpSource(text, name.Length > 0 ? Uri.UnescapeDataString(name) : "download", digest), name.Length > 0 ? Uri.UnescapeDataString(name) : "download");
    }
}

/// <summary>Reads addresses of git repositories: <c>https://host/repo.git#ref:subfolder</c>.</summary>
internal static class GitAddress
{
    /// <summary>Whether a text is such an address.</summary>
    public static bool IsOne(string text) =>
        text.StartsWith("git@", StringComparison.Ordinal) || text.StartsWith("git://", StringComparison.Ordinal) || text.StartsWith("ssh://", StringComparison.Ordinal)
        || ((text.StartsWith("http://", StringComparison.Ordinal) || text.StartsWith("https://", StringComparison.Ordinal))
            && (text.Split('#')[0].EndsWith(".git", StringComparison.Ordinal) || text.Contains(".git?", StringComparison.Ordinal)));

    public static GitSource Parse(string text, bool keepGitFolder, string? checksum)
    {
        var hash = text.IndexOf('#');
        var remote = hash < 0 ? text : text[..hash];
        var fragment = hash < 0 ? "" : text[(hash + 1)..];
        var colon = fragment.IndexOf(':');
        return new GitSource(
            remote, colon < 0 ? fragment : fragment[..colon], colon < 0 ? "" : fragment[(colon + 1)..].Trim('/'), keepGitFolder, checksum ?? "");
    }
}
