using Gantry.Oci;
using Gantry.Runtime.Stages;

namespace Gantry.Engine.Spec;

/// <summary>The capabilities of a container's first process (capabilities(7)).</summary>
internal static class Capabilities
{
    /// <summary>What a container has unless told otherwise.</summary>
    public static readonly string[] Default =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
    ];

    /// <summary>
    /// What a container gets: everything the daemon itself has when privileged; else the default, with <c>ALL</c> and single names
    /// added and dropped as docker does it (an added <c>ALL</c> starts from everything, a dropped <c>ALL</c> from nothing).
    /// </summary>
    /// <param name="available">The bounding set of the daemon: nothing beyond it can be given.</param>
    /// <param name="privileged">Whether the container is privileged.</param>
    /// <param name="add">Names to add, with or without <c>CAP_</c>, in any case.</param>
    /// <param name="drop">Names to drop.</param>
    /// <exception cref="GantryException">A name is not that of a capability (InvalidArgument).</exception>
    public static IReadOnlyList<string> Resolve(
        ulong available, bool privileged, IReadOnlyList<string>? add, IReadOnlyList<string>? drop)
    {
        var adds = Normalize(add, "CapAdd");
        var drops = Normalize(drop, "CapDrop");
        if (privileged)
            return Available(available);

        HashSet<string> result;
        if (adds.Contains("ALL"))
            result = [.. Available(available)];
        else if (drops.Contains("ALL"))
            result = [.. adds];
        else
            result = [.. Default, .. adds];
        if (!drops.Contains("ALL") || adds.Contains("ALL"))
            result.ExceptWith(drops);
        return [.. CapabilityNames.All.Where(result.Contains)];
    }

    private static IReadOnlyList<string> Available(ulong mask) => [.. CapabilityNames.All.Where((_, bit) => (mask >> bit & 1) != 0)];

    private static HashSet<string> Normalize(IReadOnlyList<string>? names, string list)
    {
        var result = new HashSet<string>();
        foreach (var given in names ?? [])
        {
            var name = given.ToUpperInvariant();
            if (name != "ALL" && !name.StartsWith("CAP_", StringComparison.Ordinal))
                name = "CAP_" + name;
            if (name != "ALL" && !CapabilityNames.All.Contains(name))
                throw GantryException.Invalid($"invalid {list}: unknown capability: \"{name}\"");
            result.Add(name);
        }

        return result;
    }
}
