namespace Gantry.Api.Routing;

/// <summary>A request's path, taken apart: the version, if it has one, and the segments after it.</summary>
internal readonly struct RequestPath
{
    private readonly string[] _segments;
    private readonly int _first;

    private RequestPath(string[] segments, ApiVersion? version)
    {
        _segments = segments;
        Version = version;
        _first = version is null ? 0 : 1;
    }

    /// <summary>The version in the path; null: none, which means the newest.</summary>
    public ApiVersion? Version { get; }

    /// <summary>The segments after the version.</summary>
    public ReadOnlySpan<string> Segments => _segments.AsSpan(_first);

    /// <summary>Takes apart a path that Kestrel has decoded. It leaves `%2F` alone, which clients send in names of images.</summary>
    public static RequestPath Parse(string path)
    {
        // A slash at the end is kept as an empty segment unless it ends a listing (`/networks/`), which clients send.
        var segments = path.Trim('/').Split('/');
        if (path.Contains('%', StringComparison.Ordinal))
        {
            for (var i = 0; i < segments.Length; i++) segments[i] = segments[i].Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        }
        return segments[0] is ['v', .. var rest] && ApiVersion.TryParse(rest, out var version) ? new(segments, version) : new(segments, null);
    }
}
