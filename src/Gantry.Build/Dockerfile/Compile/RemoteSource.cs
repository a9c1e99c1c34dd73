using Gantry.Build.Graph;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Oci.Values;

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
        if (GitReference.IsOne(text))
            return new RemoteSource(new GitSource(Git(text, add, checksum)), "/");
        if (!isWeb)
            return null;
        var digest = default(Digest);
        if (checksum is not null && !Digest.TryParse(checksum, out digest))
            throw DockerfileException.At(add.Range, $"invalid checksum \"{checksum}\": a digest such as sha256:… is needed");
        var path = new Uri(text).AbsolutePath;
        var name = path[(path.LastIndexOf('/') + 1)..];
        return new RemoteSource(new HttpSource(text, name.Length > 0 ? Uri.UnescapeDataString(name) : "download", digest), name.Length > 0
            ? Uri.UnescapeDataString(name) : "download");
    }

    private static GitReference Git(string text, AddInstruction add, string? checksum)
    {
        try
        {
            var reference = GitReference.Parse(text);
            reference = reference with { KeepsGitFolder = reference.KeepsGitFolder ?? add.KeepGitDir };
            // A checksum says what the revision has to be; the repository's address may say which commit is wanted.
            return checksum is null ? reference : reference with { Commit = checksum, Revision = reference.Revision.Length > 0 ? reference.Revision : "HEAD" };
        }
        catch (GantryException error)
        {
            throw DockerfileException.At(add.Range, error.Message, error);
        }
    }
}
