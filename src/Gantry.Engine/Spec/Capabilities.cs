using Gantry.Oci;

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

    private static readonly string[] s_all =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK",
        "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN",
        "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
        "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM",
        "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
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
        var adds = Normalize(add, "add");
        var drops = Normalize(drop, "drop");
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
        return [.. s_all.Where(result.Contains)];
    }

    private static IReadOnlyList<string> Available(ulong mask) => [.. s_all.Where((_, bit) => (mask >> bit & 1) != 0)];

    private static HashSet<string> Normalize(IReadOnlyList<string>? names, string list)
    {
        var result = new HashSet<string>();
        foreach (var given in names ?? [])
        {
            var name = given.ToUpperInvariant();
            if (name != "ALL" && !name.StartsWith("CAP_", StringComparison.Ordinal))
                name = "CAP_" + name;
            if (name != "ALL" && Array.IndexOf(s_all, name) < 0)
                throw GantryException.Invalid($"invalid capability to {list}: {given}");
            result.Add(name);
        }

        return result;
    }
}
