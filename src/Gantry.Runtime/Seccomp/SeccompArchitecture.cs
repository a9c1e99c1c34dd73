using Gantry.Oci;

namespace Gantry.Runtime.Seccomp;

/// <summary>An architecture (more exactly: a way of making system calls) that a filter knows.</summary>
/// <param name="Name">Its name in profiles.</param>
/// <param name="AuditArch">What the kernel reports in <c>seccomp_data.arch</c> (AUDIT_ARCH_*, linux/audit.h).</param>
/// <param name="Numbers">Its system calls.</param>
/// <param name="Words">How many 32-bit halves of an argument are compared: those of 32-bit programs have one.</param>
internal sealed record SeccompArchitecture(string Name, uint AuditArch, Lazy<Dictionary<string, uint>> Numbers, int Words)
{
    internal const uint AuditArchX64 = 0xC000003E, AuditArchX86 = 0x40000003, AuditArchArm64 = 0xC00000B7, AuditArchArm = 0x40000028;

    private static readonly SeccompArchitecture[] Supported =
    [
        new("SCMP_ARCH_X86_64", AuditArchX64, new(SyscallNumbers.X64), 2),
        new("SCMP_ARCH_X32", AuditArchX64, new(SyscallNumbers.X32), 2),
        new("SCMP_ARCH_X86", AuditArchX86, new(SyscallNumbers.X86), 1),
        new("SCMP_ARCH_AARCH64", AuditArchArm64, new(SyscallNumbers.Arm64), 2),
        new("SCMP_ARCH_ARM", AuditArchArm, new(SyscallNumbers.Arm), 1),
    ];

    // Names of the runtime specification for machines on which Gantry does not run. Programs for them cannot be executed natively
    // here, so that a filter has no need of rules for them; were one to make a call, it would be killed as of an unknown architecture.
    private static readonly string[] Foreign =
    [
        "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K", "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL",
        "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC", "SCMP_ARCH_PPC64", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_S390",
        "SCMP_ARCH_S390X", "SCMP_ARCH_SH", "SCMP_ARCH_SHEB", "SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64",
    ];

    /// <summary>The architecture of this machine's own programs.</summary>
    internal static SeccompArchitecture Native { get; } = System.Runtime.InteropServices.RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => Supported[0],
        System.Runtime.InteropServices.Architecture.Arm64 => Supported[3],
        var other => throw GantryException.NotImplemented($"seccomp: filters for {other} machines are not supported"),
    };

    /// <summary>Whether calls are told from those of the other ABI of the same <see cref="AuditArch"/> by a bit of the number.</summary>
    internal bool IsX32 => Name == "SCMP_ARCH_X32";

    /// <summary>
    /// The architectures a filter is for: the native one first, which is always among them (a filter that left it out would kill the
    /// container's first program at once), then those named that can occur on a machine.
    /// </summary>
    /// <exception cref="GantryException">A name is unknown.</exception>
    internal static List<SeccompArchitecture> Select(IReadOnlyList<string>? names)
    {
        var selected = new List<SeccompArchitecture> { Native };
        foreach (var name in names ?? [])
        {
            var architecture = Array.Find(Supported, candidate => candidate.Name == name);
            if (architecture is null && !Foreign.Contains(name))
                throw GantryException.Invalid($"seccomp: unknown architecture \"{name}\"");
            if (architecture is not null && !selected.Contains(architecture))
                selected.Add(architecture);
        }
        return selected;
    }

    /// <summary>The name in profiles of an architecture in the image specification's terms (<c>amd64</c>), or null.</summary>
    internal static string? NameOf(string architecture) => architecture switch
    {
        "amd64" => "SCMP_ARCH_X86_64",
        "386" => "SCMP_ARCH_X86",
        "arm64" => "SCMP_ARCH_AARCH64",
        "arm" => "SCMP_ARCH_ARM",
        "loong64" => "SCMP_ARCH_LOONGARCH64",
        "mips64" => "SCMP_ARCH_MIPS64",
        "mips64n32" => "SCMP_ARCH_MIPS64N32",
        "mipsel64" => "SCMP_ARCH_MIPSEL64",
        "mipsel64n32" => "SCMP_ARCH_MIPSEL64N32",
        "ppc64le" => "SCMP_ARCH_PPC64LE",
        "riscv64" => "SCMP_ARCH_RISCV64",
        "s390x" => "SCMP_ARCH_S390X",
        _ => null,
    };
}
