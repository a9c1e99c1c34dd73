namespace Gantry.Oci.Values;

/// <summary>
/// A git repository and what of it is meant, in the two forms that docker's clients know: <c>REPOSITORY#REVISION:FOLDER</c> and
/// <c>REPOSITORY?tag=…&amp;branch=…&amp;ref=…&amp;commit=…&amp;subdir=…&amp;keep-git-dir=…&amp;submodules=…&amp;fetch-by-commit=…&amp;mtime=…</c>.
/// </summary>
/// <remarks>Source: docker's documentation of build contexts, "Git repositories" and "URL queries".</remarks>
public sealed record GitReference
{
    private const string ShortHost = "github.com/";

    /// <summary>The repository, as git takes it.</summary>
    public required string Remote { get; init; }

    /// <summary>A branch, tag, commit, or full name of a reference; empty: the default branch.</summary>
    public string Revision { get; init; } = "";

    /// <summary>The folder that becomes the root, without slashes at its ends; empty: all.</summary>
    public string Subfolder { get; init; } = "";

    /// <summary>The commit that the revision has to be, or its beginning; empty: any.</summary>
    public string Commit { get; init; } = "";

    /// <summary>Whether <c>.git</c> is kept; null: nothing is said.</summary>
    public bool? KeepsGitFolder { get; init; }

    /// <summary>Whether submodules are checked out, too.</summary>
    public bool HasSubmodules { get; init; } = true;

    /// <summary>Whether <see cref="Commit"/> is fetched itself, and not the revision.</summary>
    public bool FetchesCommit { get; init; }

    /// <summary>Whether files have the time of the commit, and not that of the checkout.</summary>
    public bool HasCommitTimes { get; init; }

    /// <summary>Whether it is reached by SSH.</summary>
    public bool UsesSsh => !Remote.Contains("://", StringComparison.Ordinal) || Remote.StartsWith("ssh://", StringComparison.Ordinal);

    /// <summary>Whether a build context is elsewhere: such a reference, or a file from the web.</summary>
    public static bool IsRemoteContext(string text) =>
        IsOne(text) || IsWeb(text);

    /// <summary>Whether a text is such a reference, and not a path or another address.</summary>
    public static bool IsOne(string text)
    {
        if (text.StartsWith("git@", StringComparison.Ordinal) || text.StartsWith("git://", StringComparison.Ordinal)
            || text.StartsWith("ssh://", StringComparison.Ordinal)
            || text.StartsWith(ShortHost, StringComparison.Ordinal))
            return true;
        return IsWeb(text) && text.Split('#', '?')[0].TrimEnd('/').EndsWith(".git", StringComparison.Ordinal);
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="GantryException">What is said behind the repository is malformed, or contradicts itself (InvalidArgument).</exception>
    public static GitReference Parse(string text)
    {
        var (rest, fragment) = Split(text, '#');
        var (remote, query) = Split(rest, '?');
        var (revision, subfolder) = Split(fragment, ':');
        var reference = new GitReference { Remote = remote.StartsWith(ShortHost, StringComparison.Ordinal) ? $"https://{remote}" : remote, Revision = revision,
            Subfolder = subfolder };
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Split(pair, '=');
            reference = reference.With(name, Uri.UnescapeDataString(value), hasValue: pair.Contains('=', StringComparison.Ordinal), text);
        }
        if (reference.FetchesCommit && reference.Commit.Length == 0)
            throw GantryException.Invalid($"{text}: fetch-by-commit needs commit=…");
        return reference with { Subfolder = reference.Subfolder.Trim('/') };
    }

    private static bool IsWeb(string text) => text.StartsWith("http://", StringComparison.Ordinal) || text.StartsWith("https://", StringComparison.Ordinal);

    private GitReference With(string name, string value, bool hasValue, string text) => name switch
    {
        "ref" => this with { Revision = Once(Revision, value, name, text) },
        "tag" => this with { Revision = Once(Revision, $"refs/tags/{value}", name, text) },
        "branch" => this with { Revision = Once(Revision, $"refs/heads/{value}", name, text) },
        "commit" or "checksum" => this with { Commit = Once(Commit, value, name, text) },
        "subdir" => this with { Subfolder = Once(Subfolder, value, name, text) },
        "keep-git-dir" => this with { KeepsGitFolder = Flag(value, hasValue, name, text) },
        "submodules" => this with { HasSubmodules = Flag(value, hasValue, name, text) },
        "fetch-by-commit" => this with { FetchesCommit = Flag(value, hasValue, name, text) },
        "mtime" => this with { HasCommitTimes = value is "commit" or "checkout" ? value == "commit"
            : throw GantryException.Invalid($"{text}: invalid mtime value \"{value}\": checkout or commit") },
        _ => throw GantryException.Invalid(
            $"{text}: unexpected query \"{name}\": ref, tag, branch, commit, subdir, keep-git-dir, submodules, fetch-by-commit and mtime are known"),
    };

    private static string Once(string before, string value, string name, string text) =>
        before.Length == 0 || before == value ? value : throw GantryException.Invalid($"{text}: {name} conflicts with \"{before}\"");

    private static bool Flag(string value, bool hasValue, string name, string text) => !hasValue
        || (GoBoolean.Parse(value) ?? throw GantryException.Invalid($"{text}: invalid {name} value \"{value}\": true or false"));

    private static (string Before, string Behind) Split(string text, char separator)
    {
        var at = text.IndexOf(separator, StringComparison.Ordinal);
        return at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);
    }
}
