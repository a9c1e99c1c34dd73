using System.Globalization;

namespace Gantry.Api.Routing;

/// <summary>A version of the Engine API, as in the path prefix `/v1.50`.</summary>
/// <param name="Major">First number; 1 so far.</param>
/// <param name="Minor">Second number.</param>
public readonly record struct ApiVersion(int Major, int Minor) : IComparable<ApiVersion>
{
    /// <summary>The oldest version that is served.</summary>
    public static ApiVersion Oldest { get; } = new(1, 24);

    /// <summary>The newest version that is served, and the one of paths without a prefix.</summary>
    public static ApiVersion Newest { get; } = new(1, 56);

    /// <summary>Reads `MAJOR.MINOR`, digits only.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ApiVersion version)
    {
        version = default;
        var dot = text.IndexOf('.');
        if (dot <= 0
            || !int.TryParse(text[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            || !int.TryParse(text[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var minor))
            return false;
        version = new(major, minor);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(ApiVersion other) => Major != other.Major ? Major.CompareTo(other.Major) : Minor.CompareTo(other.Minor);

    /// <summary>Whether this is version 1.<paramref name="minor"/> or newer.</summary>
    public bool IsAtLeast(int minor) => CompareTo(new(1, minor)) >= 0;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");

    /// <summary>Older than.</summary>
    public static bool operator <(ApiVersion left, ApiVersion right) => left.CompareTo(right) < 0;

    /// <summary>Newer than.</summary>
    public static bool operator >(ApiVersion left, ApiVersion right) => left.CompareTo(right) > 0;

    /// <summary>Older or equal.</summary>
    public static bool operator <=(ApiVersion left, ApiVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Newer or equal.</summary>
    public static bool operator >=(ApiVersion left, ApiVersion right) => left.CompareTo(right) >= 0;
}
