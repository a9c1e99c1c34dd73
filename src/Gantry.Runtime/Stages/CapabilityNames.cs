namespace Gantry.Runtime.Stages;

/// <summary>Names and numbers of capabilities(7).</summary>
public static class CapabilityNames
{
    private static readonly string[] Names =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW",
        "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT",
        "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD",
        "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG",
        "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    ];

    /// <summary>The number of CAP_SYS_ADMIN.</summary>
    internal const int SysAdmin = 21;

    /// <summary>All names; the index is the number.</summary>
    public static IReadOnlyList<string> All => Names;

    /// <summary>
    /// The set as a bit mask. Names that are not known are left out, as runtime-spec wants ("runtimes SHOULD log a warning"): a newer
    /// capability cannot be granted by a kernel that lacks it anyway.
    /// </summary>
    /// <param name="names">Names such as <c>CAP_CHOWN</c>.</param>
    public static ulong ToMask(IReadOnlyList<string>? names)
    {
        ulong mask = 0;
        foreach (var name in names ?? [])
        {
            var number = Array.IndexOf(Names, name.ToUpperInvariant());
            if (number >= 0)
                mask |= 1ul << number;
        }
        return mask;
    }
}
