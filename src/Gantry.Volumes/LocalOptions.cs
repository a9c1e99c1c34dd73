using Gantry.Oci;
using Gantry.Oci.Values;

namespace Gantry.Volumes;

/// <summary>The options of the <c>local</c> driver: what mount(8) would be told, and a limit.</summary>
/// <param name="Type">The filesystem's type, e.g. <c>nfs</c>; <c>none</c> for a bind.</param>
/// <param name="Device">What is mounted; null for a volume that is a folder of its own.</param>
/// <param name="MountOptions">Options as for mount(8)'s <c>-o</c>.</param>
/// <param name="QuotaBytes">How much the volume may hold; 0: no limit.</param>
internal sealed record LocalOptions(string Type, string? Device, string MountOptions, long QuotaBytes)
{
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

    private static long ParseSize(string name, string text)
    {
        try
        {
            return ByteSize.Parse(text);
        }
        catch (FormatException error)
        {
            throw GantryException.Invalid($"create {name}: {error.Message}");
        }
    }
}
