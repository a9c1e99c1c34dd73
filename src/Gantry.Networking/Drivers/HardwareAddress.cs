using System.Globalization;
using System.Net;
using Gantry.Oci;

namespace Gantry.Networking.Drivers;

/// <summary>Hardware addresses of Ethernet: six bytes.</summary>
internal static class HardwareAddress
{
    /// <summary>
    /// One that follows from an IP address, with the bit of those that nobody assigned: who gets an address of another gets its
    /// hardware address as well, so that what neighbours remember of it stays true.
    /// </summary>
    internal static byte[] Of(IPAddress address) => [0x02, 0x42, .. address.GetAddressBytes()[^4..]];

    /// <summary>Reads six pairs of hexadecimal digits with colons or dashes between.</summary>
    /// <exception cref="GantryException">It is malformed, or that of a group.</exception>
    internal static byte[] Parse(string text)
    {
        var parts = text.Split(':', '-');
        var bytes = new byte[6];
        var isValid = parts.Length == bytes.Length;
        for (var i = 0; isValid && i < bytes.Length; i++)
            isValid = parts[i].Length == 2 && byte.TryParse(parts[i], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[i]);
        return isValid && (bytes[0] & 1) == 0 ? bytes : throw GantryException.Invalid($"invalid MAC address: {text}");
    }

    /// <summary>The text of one, with colons.</summary>
    internal static string Text(byte[] address) => string.Join(':', address.Select(static part => part.ToString("x2", CultureInfo.InvariantCulture)));
}
