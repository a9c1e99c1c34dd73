using System.Globalization;
using System.Net;

namespace Gantry.Dns.Zones;

/// <summary>Names under which the name of an address is asked for: 4.3.2.1.in-addr.arpa, and nibbles under ip6.arpa.</summary>
public static class ReverseName
{
    private const string IPv4Suffix = ".in-addr.arpa", IPv6Suffix = ".ip6.arpa";
    private const int NibbleTextLength = 63;

    /// <summary>The address that such a name is for; null: it is none, or one of a whole network.</summary>
    /// <param name="name">A name in lower case.</param>
    public static IPAddress? Parse(ReadOnlySpan<char> name) =>
        name.EndsWith(IPv4Suffix) ? ParseIPv4(name[..^IPv4Suffix.Length])
        : name.EndsWith(IPv6Suffix) ? ParseIPv6(name[..^IPv6Suffix.Length])
        : null;

    private static IPAddress? ParseIPv4(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[4];
        var index = 3;
        foreach (var part in text.Split('.'))
        {
            var digits = text[part];
            if (index < 0 || digits.Length > 1 && digits[0] == '0'
                || !byte.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out bytes[index--]))
                return null;
        }
        return index < 0 ? new IPAddress(bytes) : null;
    }

    private static IPAddress? ParseIPv6(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (text.Length != NibbleTextLength)
            return null;
        for (var i = 0; i < 32; i++)
        {
            if (!char.IsAsciiHexDigit(text[2 * i]) || i < 31 && text[2 * i + 1] != '.')
                return null;
            var nibble = (byte)Convert.ToInt32(text[2 * i].ToString(), 16);
            bytes[15 - i / 2] |= (byte)(i % 2 == 0 ? nibble : nibble << 4);
        }
        return new IPAddress(bytes);
    }
}
