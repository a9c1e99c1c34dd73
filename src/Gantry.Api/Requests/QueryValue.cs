using System.Globalization;
using Gantry.Oci;

namespace Gantry.Api.Requests;

/// <summary>How values of query parameters are read.</summary>
internal static class QueryValue
{
    /// <summary>Docker's reading of a yes-or-no value: everything but nothing, `0`, `no`, `false` and `none` means yes.</summary>
    public static bool IsTrue(string text) => text.Trim().ToLowerInvariant() is not ("" or "0" or "no" or "false" or "none");

    public static long? Number(string name, string text)
    {
        if (text.Length == 0) return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw GantryException.Invalid($"invalid value \"{text}\" of {name}: a whole number is expected");
    }
}
