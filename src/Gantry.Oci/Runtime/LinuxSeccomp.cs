namespace Gantry.Oci.Runtime;

/// <summary>A filter of system calls (config-linux.md, "Seccomp"). The first rule that matches a call decides.</summary>
public sealed record LinuxSeccomp
{
    /// <summary>What happens to a call that no rule names, e.g. <c>SCMP_ACT_ERRNO</c>.</summary>
    public string DefaultAction { get; init; } = "";

    /// <summary>The error number of a default action that has one; null: EPERM.</summary>
    public uint? DefaultErrnoRet { get; init; }

    /// <summary>The architectures the filter is for, e.g. <c>SCMP_ARCH_X86_64</c>; calls of others are refused.</summary>
    public IReadOnlyList<string>? Architectures { get; init; }

    /// <summary>Flags of seccomp(2), e.g. <c>SECCOMP_FILTER_FLAG_LOG</c>.</summary>
    public IReadOnlyList<string>? Flags { get; init; }

    /// <summary>A unix socket to which the descriptor of SCMP_ACT_NOTIFY is sent.</summary>
    public string? ListenerPath { get; init; }

    /// <summary>Opaque data for the listener.</summary>
    public string? ListenerMetadata { get; init; }

    /// <summary>The rules.</summary>
    public IReadOnlyList<SeccompRule>? Syscalls { get; init; }
}

/// <summary>One rule.</summary>
public sealed record SeccompRule
{
    /// <summary>Names of system calls; those unknown on an architecture are ignored.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>What happens, e.g. <c>SCMP_ACT_ALLOW</c>.</summary>
    public string Action { get; init; } = "";

    /// <summary>The error number of an action that has one; null: EPERM.</summary>
    public uint? ErrnoRet { get; init; }

    /// <summary>Conditions, all of which have to hold.</summary>
    public IReadOnlyList<SeccompCondition>? Args { get; init; }
}

/// <summary>A condition on an argument of a system call.</summary>
/// <param name="Index">The argument, 0 to 5.</param>
/// <param name="Value">What it is compared with; for SCMP_CMP_MASKED_EQ the mask.</param>
/// <param name="Op">How, e.g. <c>SCMP_CMP_EQ</c>.</param>
/// <param name="ValueTwo">For SCMP_CMP_MASKED_EQ what the masked argument has to be.</param>
public sealed record SeccompCondition(uint Index, ulong Value, string Op, ulong ValueTwo = 0);
