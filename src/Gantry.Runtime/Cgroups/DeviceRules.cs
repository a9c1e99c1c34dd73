using Gantry.Oci.Runtime;

namespace Gantry.Runtime.Cgroups;

/// <summary>
/// The rules that every container has after its own: the devices which a runtime has to supply (runtime-spec config-linux.md, "Default
/// Devices") and mknod, which gives no access by itself.
/// </summary>
internal static class DeviceRules
{
    private static readonly DeviceRule[] Always =
    [
        Allow("c", null, null, "m"),
        Allow("b", null, null, "m"),
        Allow("c", 1, 3, "rwm"),    // null
        Allow("c", 1, 5, "rwm"),    // zero
        Allow("c", 1, 7, "rwm"),    // full
        Allow("c", 1, 8, "rwm"),    // random
        Allow("c", 1, 9, "rwm"),    // urandom
        Allow("c", 5, 0, "rwm"),    // tty
        Allow("c", 5, 2, "rwm"),    // ptmx
        Allow("c", 136, null, "rwm"), // pts/*
    ];

    /// <summary>A container's rules with those that every container has, as far as they are not there already, after the last denial.</summary>
    internal static IReadOnlyList<DeviceRule> Complete(IReadOnlyList<DeviceRule> rules)
    {
        var lastDenial = rules.Count;
        while (lastDenial > 0 && rules[lastDenial - 1].Allow)
            lastDenial--;
        return [.. rules, .. Always.Except(rules.Skip(lastDenial))];
    }

    private static DeviceRule Allow(string type, long? major, long? minor, string access) =>
        new() { Allow = true, Type = type, Major = major, Minor = minor, Access = access };
}
