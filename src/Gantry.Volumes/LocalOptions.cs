using System.Globalization;
using Gantry.Oci;

namespace Gantry.Volumes;

/// <summary>The options of the <c>local</c> driver: what mount(8) would be told, and a limit.</summary>
/// <param name="Type">The filesystem's type, e.g. <c>nfs</c>; <c>none</c> for a bind.</param>
/// <param name="Device">What is mounted; null for a volume that is a folder of its own.</param>
/// <param name="MountOptions">Options as for mount(8)'s <c>-o</c>.</param>
/// <param name="QuotaBytes">How much the volume may hold; 0: no limit.</param>
internal sealed record LocalOptions(string Type, string? Device, string MountOptions, long QuotaBytes)
{
    private const string SizeUnits = "bkmgtp";

    /// <summary>A folder of its own without a limit.</summary>
    internal static LocalOptions None { get; } = new("", null, "", 0);

    /// <exception cref="GantryException">An option is unknown, missing or malformed, in docker's words.</exception>
    internal static LocalOptions Parse(string name, IReadOnlyDictionary<string, string>? options)
    {
        if (options is null || options.Count == 0)
            return None;
        foreach (var key in options.Keys.Where(static key => key is not ("type" or "o" or "device" or "size")))
            throw GantryException.Invalid($"create {name}: invalid option: \"{key}\"");
        var quota = options.TryGetValue("size", out var size) ? ParseSize(name, size) : 0;
        if (!options.ContainsKey("type") && !options.ContainsKey("o") && !options.ContainsKey("device"))
            return None with { QuotaBytes = quota };
        foreach (var required in (ReadOnlySpan<string>)["device", "type"])
        {
            if (options.GetValueOrDefault(required, "").Length == 0)
                throw GantryException.Invalid($"create {name}: missing required option: \"{required}\"");
        }
        return new LocalOptions(options["type"], options["device"], options.GetValueOrDefault("o", ""), quota);
    }

    /// <summary>A size as docker's clients write it: a number and perhaps one of <c>b k m g t p</c>, by 1024, with <c>B</c> or <c>iB</c> behind it.</summary>
    private static long ParseSize(string name, string text)
    {
        var end = text.LastIndexOfAny([.. "0123456789. "]);
        if (end < 0)
            throw GantryException.Invalid($"create {name}: invalid size: '{text}'");
        var suffix = text[(end + 1)..].ToLowerInvariant();
        if (!double.TryParse(text.AsSpan(0, end + 1).Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number < 0)
            throw GantryException.Invalid($"create {name}: invalid size: '{text}'");
        var power = suffix.Length == 0 ? 0 : SizeUnits.IndexOf(suffix[0]);
        if (power < 0 || (suffix.Length > 1 && (power == 0 || suffix[1..] is not ("b" or "ib"))))
            throw GantryException.Invalid($"create {name}: invalid suffix: '{suffix}'");
        var bytes = number * Math.Pow(1024, power);
        return bytes < long.MaxValue ? (long)bytes : throw GantryException.Invalid($"create {name}: invalid size: '{text}'");
    }
}
