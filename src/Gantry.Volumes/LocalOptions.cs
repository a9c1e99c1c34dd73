using Gantry.Oci;

namespace Gantry.Volumes;

/// <summary>The options of the <c>local</c> driver: what mount(8) would be told. Gantry does the bind form; the others are refused.</summary>
/// <param name="Device">The folder to bind, or null for a volume of its own.</param>
/// <param name="ReadOnly">Whether containers may only read it.</param>
internal sealed record LocalOptions(string? Device, bool ReadOnly)
{
    /// <exception cref="GantryException">An option is unknown, missing, or asks for something that Gantry does not do; docker's texts where it has one.</exception>
    internal static LocalOptions Parse(string name, IReadOnlyDictionary<string, string>? options)
    {
        if (options is null || options.Count == 0)
            return new LocalOptions(null, false);
        foreach (var key in options.Keys)
        {
            if (key is not ("type" or "o" or "device" or "size"))
                throw GantryException.Invalid($"create {name}: invalid option: \"{key}\"");
        }
        if (options.ContainsKey("size"))
            throw GantryException.Invalid($"create {name}: quota size requested but no quota support");
        var device = options.GetValueOrDefault("device", "");
        var flags = options.GetValueOrDefault("o", "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        if (device.Length == 0)
            throw GantryException.Invalid($"create {name}: missing required option: \"device\"");
        var type = options.GetValueOrDefault("type", "");
        if (type is not ("" or "none" or "bind") || !flags.Any(flag => flag is "bind" or "rbind"))
            throw GantryException.NotImplemented($"create {name}: volumes of type \"{type}\" with the options \"{string.Join(',', flags)}\" are not supported; only o=bind is");
        foreach (var flag in flags)
        {
            if (flag is not ("bind" or "rbind" or "ro" or "rw"))
                throw GantryException.NotImplemented($"create {name}: the mount option \"{flag}\" is not supported with o=bind");
        }
        if (!device.StartsWith('/'))
            throw GantryException.Invalid($"create {name}: the device \"{device}\" of a bind must be an absolute path");
        return new LocalOptions(Path.GetFullPath(device), flags.Contains("ro"));
    }
}
