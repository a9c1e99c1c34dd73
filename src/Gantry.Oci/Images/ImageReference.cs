using System.Diagnostics.CodeAnalysis;

namespace Gantry.Oci.Images;

/// <summary>
/// The name of an image: <c>[domain/]path[:tag][@digest]</c>, in the grammar of the distribution project, with docker's defaults
/// (<c>busybox</c> is <c>docker.io/library/busybox</c>). It always holds the whole, normalized name.
/// </summary>
public sealed record ImageReference
{
    /// <summary>The registry of names that have none.</summary>
    public const string DefaultDomain = "docker.io";

    /// <summary>The tag of names that have neither tag nor digest, where one is needed.</summary>
    public const string DefaultTag = "latest";

    private const string LegacyDefaultDomain = "index.docker.io";
    private const string OfficialFolder = "library/";

    private ImageReference(string domain, string path, string? tag, Digest? digest) =>
        (Domain, Path, Tag, Digest) = (domain, path, tag, digest);

    /// <summary>Host and port of the registry.</summary>
    public string Domain { get; }

    /// <summary>The repository within the registry, e.g. <c>library/busybox</c>.</summary>
    public string Path { get; }

    /// <summary>The tag, or null.</summary>
    public string? Tag { get; private init; }

    /// <summary>The digest of the manifest, or null.</summary>
    public Digest? Digest { get; private init; }

    /// <summary>The repository with its registry: <c>docker.io/library/busybox</c>.</summary>
    public string Name => $"{Domain}/{Path}";

    /// <summary>The repository as docker prints it: <c>busybox</c>.</summary>
    public string FamiliarName
    {
        get
        {
            if (Domain != DefaultDomain)
                return Name;
            return Path.StartsWith(OfficialFolder, StringComparison.Ordinal) && Path.IndexOf('/', OfficialFolder.Length) < 0
                ? Path[OfficialFolder.Length..]
                : Path;
        }
    }

    /// <summary>The whole reference as docker prints it: <c>busybox:latest</c>.</summary>
    public string Familiar => FamiliarName + Suffix;

    /// <summary>True when there is neither tag nor digest.</summary>
    public bool IsNameOnly => Tag is null && Digest is null;

    private string Suffix => (Tag is null ? "" : ":" + Tag) + (Digest is null ? "" : "@" + Digest);

    /// <summary>Reads a reference as users write it.</summary>
    /// <exception cref="GantryException">It is not one; the message is docker's.</exception>
    public static ImageReference Parse(string text) =>
        Read(text, out var reference) is { } error ? throw GantryException.Invalid(error) : reference!;

    /// <summary>Reads a reference as users write it; false when it is not one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ImageReference? reference)
    {
        reference = null;
        return text is not null && Read(text, out reference) is null;
    }

    /// <summary>The same repository with this tag and no digest.</summary>
    /// <exception cref="GantryException">The tag is malformed.</exception>
    public ImageReference WithTag(string tag) =>
        ReferenceGrammar.IsTag(tag) ? this with { Tag = tag, Digest = null } : throw GantryException.Invalid("invalid tag format");

    /// <summary>The same reference with this digest (a tag, if any, stays).</summary>
    public ImageReference WithDigest(Digest digest) => this with { Digest = digest };

    /// <summary>The repository alone.</summary>
    public ImageReference WithoutTag() => this with { Tag = null, Digest = null };

    /// <summary>The same reference, with <see cref="DefaultTag"/> when it has neither tag nor digest.</summary>
    public ImageReference WithDefaultTag() => IsNameOnly ? this with { Tag = DefaultTag } : this;

    /// <summary>The whole normalized text.</summary>
    public override string ToString() => Name + Suffix;

    /// <summary>Null when <paramref name="text"/> was read, otherwise docker's error text.</summary>
    private static string? Read(string text, out ImageReference? reference)
    {
        reference = null;
        if (text.Length == 64 && !text.AsSpan().ContainsAnyExcept("0123456789abcdef"))
            return $"invalid repository name ({text}), cannot specify 64-byte hexadecimal strings";
        var (domain, rest) = SplitDomain(text);
        var colon = rest.IndexOf(':');
        var remote = colon < 0 ? rest : rest[..colon];
        if (remote.ToLowerInvariant() != remote)
            return $"invalid reference format: repository name ({remote}) must be lowercase";

        var at = rest.IndexOf('@');
        var digestText = at < 0 ? null : rest[(at + 1)..];
        var named = at < 0 ? rest : rest[..at];
        colon = named.IndexOf(':');
        var path = colon < 0 ? named : named[..colon];
        var tag = colon < 0 ? null : named[(colon + 1)..];
        if (!ReferenceGrammar.IsDomain(domain) || !ReferenceGrammar.IsPath(path) || (tag is not null && !ReferenceGrammar.IsTag(tag))
            || (digestText is not null && !ReferenceGrammar.IsDigest(digestText)))
            return "invalid reference format";
        if (path.Length > ReferenceGrammar.MaxPathLength)
            return $"repository name must not be more than {ReferenceGrammar.MaxPathLength} characters";
        Digest? digest = null;
        if (digestText is not null)
        {
            if (!Images.Digest.TryParse(digestText, out var parsed))
                return Images.Digest.Explain(digestText);
            digest = parsed;
        }
        reference = new ImageReference(domain, path, tag, digest);
        return null;
    }

    /// <summary>What comes before the first slash is a registry only if it looks like one: a dot, a port, upper case, or <c>localhost</c>.</summary>
    private static (string Domain, string Remainder) SplitDomain(string text)
    {
        var slash = text.IndexOf('/');
        if (slash < 0)
            return (DefaultDomain, OfficialFolder + text);
        var first = text[..slash];
        var isDomain = first == "localhost" || first.AsSpan().ContainsAny('.', ':') || first.ToLowerInvariant() != first;
        var (domain, rest) = isDomain ? (first, text[(slash + 1)..]) : (DefaultDomain, text);
        if (domain == LegacyDefaultDomain)
            domain = DefaultDomain;
        return domain == DefaultDomain && !rest.Contains('/') ? (domain, OfficialFolder + rest) : (domain, rest);
    }
}
