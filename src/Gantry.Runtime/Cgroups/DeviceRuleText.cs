using Gantry.Oci;
using Gantry.Oci.Runtime;

namespace Gantry.Runtime.Cgroups;

/// <summary>Device rules in the form of version 1 (Documentation/admin-guide/cgroup-v1/devices.rst).</summary>
internal static class DeviceRuleText
{
    /// <summary><c>c 1:3 rwm</c>; <c>a</c> for a rule about everything; two lines for one about both kinds of some device.</summary>
    internal static IEnumerable<string> Lines(DeviceRule rule)
    {
        var access = rule.Access is { Length: > 0 } given ? given : "rwm";
        if (access.AsSpan().IndexOfAnyExcept("rwm") >= 0)
            throw GantryException.Invalid($"cgroup: \"{access}\" is not an access to a device");
        var numbers = $"{Number(rule.Major)}:{Number(rule.Minor)}";
        var everyAccess = access.Contains('r') && access.Contains('w') && access.Contains('m');
        return rule.Type switch
        {
            null or "" or "a" when numbers == "*:*" && everyAccess => ["a"],
            null or "" or "a" => [$"b {numbers} {access}", $"c {numbers} {access}"],
            "b" or "c" => [$"{rule.Type} {numbers} {access}"],
            "u" => [$"c {numbers} {access}"],
            _ => throw GantryException.Invalid($"cgroup: \"{rule.Type}\" is not a type of device"),
        };
    }

    private static string Number(long? number) => number is null or -1 ? "*" : $"{number}";
}
