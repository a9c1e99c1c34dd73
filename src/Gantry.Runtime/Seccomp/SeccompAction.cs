using Gantry.Oci;

namespace Gantry.Runtime.Seccomp;

/// <summary>What a filter answers, in the kernel's terms (seccomp(2), "RETURN VALUE of a filter": action in the high half, data in the low).</summary>
internal static class SeccompAction
{
    internal const uint KillThread = 0x0000_0000, KillProcess = 0x8000_0000, Trap = 0x0003_0000, Errno = 0x0005_0000,
        Trace = 0x7ff0_0000, Log = 0x7ffc_0000, Allow = 0x7fff_0000;

    /// <summary>A call that the kernel does not have.</summary>
    internal const uint NotImplemented = Errno | 38;

    private const uint PermissionDenied = 1, DataMask = 0xffff;

    /// <summary>The answer for an action's name and number.</summary>
    /// <exception cref="GantryException">The name is unknown or not supported, or the number too large.</exception>
    internal static uint Parse(string action, uint? number)
    {
        if (number > DataMask)
            throw GantryException.Invalid($"seccomp: errnoRet {number} of {action} is out of range");
        return action switch
        {
            "SCMP_ACT_KILL" or "SCMP_ACT_KILL_THREAD" => KillThread,
            "SCMP_ACT_KILL_PROCESS" => KillProcess,
            "SCMP_ACT_TRAP" => Trap,
            "SCMP_ACT_ERRNO" => Errno | (number ?? PermissionDenied),
            "SCMP_ACT_TRACE" => Trace | (number ?? PermissionDenied),
            "SCMP_ACT_LOG" => Log,
            "SCMP_ACT_ALLOW" => Allow,
            "SCMP_ACT_NOTIFY" => throw GantryException.NotImplemented("seccomp: SCMP_ACT_NOTIFY is not supported: Gantry hands no listener to an agent"),
            _ => throw GantryException.Invalid($"seccomp: unknown action \"{action}\""),
        };
    }

    /// <summary>
    /// Whether calls that a profile cannot have known of should fail with ENOSYS rather than with <paramref name="defaultAnswer"/>.
    /// Programs take ENOSYS as "older kernel" and fall back, but EPERM as final: without this a new libc breaks under an old
    /// profile. A default that lets calls run, or a tracer which judges itself, is left alone.
    /// </summary>
    internal static bool HidesNewCalls(uint defaultAnswer) => (defaultAnswer & ~DataMask) is not (Allow or Log or Trace);
}
