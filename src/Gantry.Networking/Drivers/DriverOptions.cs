using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gantry.Oci;
using Gantry.Oci.Values;

namespace Gantry.Networking.Drivers;

/// <summary>Reads the values of options that several drivers have.</summary>
internal static class DriverOptions
{
    internal const string MtuKey = "com.docker.network.driver.mtu", LinkPrefixKey = "com.docker.network.container_iface_prefix";

    /// <summary>The longest name of an interface (IFNAMSIZ without the zero byte).</summary>
    internal const int MaximumNameBytes = 15;

    private const int SmallestMtu = 68, LargestMtu = 65535, LongestPrefix = 10;

    /// <exception cref="GantryException">It is no boolean of Go's.</exception>
    internal static bool Flag(string key, string value) =>
        GoBoolean.Parse(value) ?? throw GantryException.Invalid(
            $"failed to parse {key} value: {value} (strconv.ParseBool: parsing \"{value}\": invalid syntax)");

    /// <exception cref="GantryException">It is no address of that version.</exception>
    internal static IPAddress Address(string key, string value, AddressFamily family) =>
        IPAddress.TryParse(value, out var address) && address.AddressFamily == family
            ? address
            : throw GantryException.Invalid(
                $"failed to parse {key} value: {value} ({(address is null ? "nil ip" : $"not an {(family == AddressFamily.InterNetwork ? "IPv4" : "IPv6")} address")})");

    /// <summary>The largest packet in bytes; 0: the kernel's.</summary>
    /// <exception cref="GantryException">It is no number, or out of range.</exception>
    internal static int Mtu(string value) =>
        !int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var mtu)
            ? throw GantryException.Invalid($"failed to parse {MtuKey} value: {value} (strconv.Atoi: parsing \"{value}\": invalid syntax)")
            : mtu is 0 or (>= SmallestMtu and <= LargestMtu) ? mtu
            : throw GantryException.Invalid(mtu < 0 ? $"invalid MTU number: {mtu}" : $"invalid MTU number: {mtu}: it is from {SmallestMtu} to {LargestMtu}");

    /// <summary>A name of an interface.</summary>
    /// <exception cref="GantryException">The kernel, or a path of its settings, could not have it.</exception>
    internal static string LinkName(string what, string name) => IsLinkName(name)
        ? name
        : throw GantryException.Invalid($"invalid {what} \"{name}\": it is 1 to {MaximumNameBytes} letters, digits and any of -_.");

    /// <summary>What the names of containers' interfaces begin with; numbers follow.</summary>
    /// <exception cref="GantryException">It is no beginning of a name.</exception>
    internal static string LinkPrefix(string value) => IsLinkName(value) && value.Length <= LongestPrefix
        ? value
        : throw GantryException.Invalid($"invalid {LinkPrefixKey} \"{value}\": it is 1 to {LongestPrefix} letters, digits and any of -_.");

    private static bool IsLinkName(string name) => name.Length is > 0 and <= MaximumNameBytes && name is not ("." or "..")
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
