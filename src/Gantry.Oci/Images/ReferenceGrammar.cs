namespace Gantry.Oci.Images;

/// <summary>
/// The grammar of the distribution project's references, by hand: it stands on the path of every <c>run</c>, and a compiled regular
/// expression would cost more to build than all uses of it.
/// </summary>
internal static class ReferenceGrammar
{
    internal const int MaxPathLength = 255;
    private const int MaxTagLength = 128;

    /// <summary>domain = host [":" port]; host = components joined by dots, or an IPv6 address in brackets.</summary>
    internal static bool IsDomain(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("["))
        {
            var end = text.IndexOf(']');
            if (end < 2 || text[1..end].ContainsAnyExcept("0123456789abcdefABCDEF:"))
                return false;
            text = text[(end + 1)..];
            if (text.IsEmpty)
                return true;
            return text[0] == ':' && IsNumber(text[1..]);
        }
        var colon = text.IndexOf(':');
        if (colon >= 0)
        {
            if (!IsNumber(text[(colon + 1)..]))
                return false;
            text = text[..colon];
        }
        foreach (var range in text.Split('.'))
        {
            var component = text[range];
            if (component.IsEmpty || component[0] == '-' || component[^1] == '-')
                return false;
            foreach (var c in component)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                    return false;
            }
        }
        return true;
    }

    /// <summary>path = components joined by slashes.</summary>
    internal static bool IsPath(ReadOnlySpan<char> text)
    {
        foreach (var range in text.Split('/'))
        {
            if (!IsPathComponent(text[range]))
                return false;
        }
        return true;
    }

    /// <summary>tag = a word character, then up to 127 of word characters, dots and dashes.</summary>
    internal static bool IsTag(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.Length > MaxTagLength || text[0] is '.' or '-')
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-'))
                return false;
        }
        return true;
    }

    /// <summary>digest = algorithm ":" at least 32 hexadecimal digits; which algorithms there are is decided later.</summary>
    internal static bool IsDigest(ReadOnlySpan<char> text)
    {
        var colon = text.IndexOf(':');
        if (colon <= 0 || text.Length - colon - 1 < 32)
            return false;
        foreach (var c in text[(colon + 1)..])
        {
            if (!char.IsAsciiHexDigit(c))
                return false;
        }
        var startOfComponent = true;
        foreach (var c in text[..colon])
        {
            if (startOfComponent ? !char.IsAsciiLetter(c) : !char.IsAsciiLetterOrDigit(c) && c is not ('+' or '.' or '-' or '_'))
                return false;
            startOfComponent = !char.IsAsciiLetterOrDigit(c);
        }
        return !startOfComponent;
    }

    /// <summary>A path component = runs of [a-z0-9]+ joined by one dot, one or two underscores, or any number of dashes.</summary>
    private static bool IsPathComponent(ReadOnlySpan<char> text)
    {
        var i = 0;
        while (true)
        {
            var start = i;
            while (i < text.Length && (char.IsAsciiLetterLower(text[i]) || char.IsAsciiDigit(text[i])))
                i++;
            if (i == start)
                return false;
            if (i == text.Length)
                return true;
            i += SeparatorLength(text[i..]);
        }
    }

    private static int SeparatorLength(ReadOnlySpan<char> text) => text[0] switch
    {
        '.' => 1,
        '_' => text.StartsWith("__") ? 2 : 1,
        '-' => text.IndexOfAnyExcept('-') is var length && length < 0 ? text.Length : length,
        _ => 0,
    };

    private static bool IsNumber(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExceptInRange('0', '9');
}
