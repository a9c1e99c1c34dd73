using Gantry.Oci.Filters;

namespace Gantry.Api.Requests;

/// <summary>Times in queries: seconds since 1970 with up to nine decimals, as clients send them, or what <see cref="FilterTime"/> takes besides.</summary>
internal static class Timestamp
{
    /// <summary>Reads a time; null for nothing or `0`, which mean "no limit".</summary>
    /// <exception cref="Oci.GantryException">Another form (400).</exception>
    public static DateTimeOffset? Parse(string text) => text is "" or "0" ? null : FilterTime.Parse(text, DateTimeOffset.UtcNow);
}
