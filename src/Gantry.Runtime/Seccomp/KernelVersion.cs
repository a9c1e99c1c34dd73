using System.Globalization;

namespace Gantry.Runtime.Seccomp;

/// <summary>The first two numbers of a Linux release.</summary>
/// <param name="Major">E.g. 6 of 6.18.</param>
/// <param name="Minor">E.g. 18 of 6.18.</param>
public readonly record struct KernelVersion(int Major, int Minor) : IComparable<KernelVersion>
{
    /// <summary>That of the running kernel (uname(2)).</summary>
    public static KernelVersion OfThisMachine() => new(Environment.OSVersion.Version.Major, Environment.OSVersion.Version.Minor);

    /// <summary>Reads <c>MAJOR.MINOR</c>; what follows the minor number is passed over.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out KernelVersion version)
    {
        version = default;
        var dot = text.IndexOf('.');
        if (dot < 0 || !TryParseNumber(text[..dot], out var major))
            return false;
        var rest = text[(dot + 1)..];
        var end = rest.IndexOfAnyExceptInRange('0', '9');
        if (!TryParseNumber(end < 0 ? rest : rest[..end], out var minor))
            return false;
        version = new KernelVersion(major, minor);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(KernelVersion other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    /// <inheritdoc/>
    public override string ToString() => $"{Major}.{Minor}";

    private static bool TryParseNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
