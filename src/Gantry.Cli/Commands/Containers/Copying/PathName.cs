namespace Gantry.Cli.Commands.Containers.Copying;

/// <summary>Paths as <c>cp</c> reads them: a slash or <c>/.</c> at the end says "the directory" and stays, the rest is made clean by its text.</summary>
internal static class PathName
{
    /// <summary>Whether a path can only mean a directory.</summary>
    public static bool SaysDirectory(string path) => path.EndsWith('/') || IsContent(path);

    /// <summary>Whether a path means what is in a directory, and not the directory.</summary>
    public static bool IsContent(string path) => path == "." || path.EndsWith("/.", StringComparison.Ordinal);

    /// <summary>The directory and the name in it; <c>.</c> for the content of a directory.</summary>
    public static (string Directory, string Name) Split(string path)
    {
        var clean = Clean(path);
        if (IsContent(path))
            return (clean, ".");
        var slash = clean.LastIndexOf('/');
        return slash < 0 ? (".", clean) : (slash == 0 ? "/" : clean[..slash], slash == clean.Length - 1 ? "/" : clean[(slash + 1)..]);
    }

    /// <summary>A local path made absolute, with what its end says.</summary>
    public static string Absolute(string path) => WithEndOf(Path.GetFullPath(path), path);

    /// <summary>Another path with the end of this one.</summary>
    public static string WithEndOf(string path, string end)
    {
        var trimmed = path.Length > 1 ? path.TrimEnd('/') : path;
        var slash = trimmed.EndsWith('/') ? "" : "/";
        return IsContent(end) ? $"{trimmed}{slash}." : end.EndsWith('/') ? trimmed + slash : trimmed;
    }

    private static string Clean(string path)
    {
        if (path.StartsWith('/'))
            return Path.GetFullPath(path) is { Length: > 1 } full ? full.TrimEnd('/') : "/";
        var absolute = Path.GetFullPath("/" + path).Trim('/');
        return absolute.Length > 0 ? absolute : ".";
    }
}
