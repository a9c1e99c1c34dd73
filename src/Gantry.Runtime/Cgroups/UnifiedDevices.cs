using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os.Bpf;
using Gantry.Os.Files;

namespace Gantry.Runtime.Cgroups;

/// <summary>
/// Device rules of version 2, which has no controller for them: a program at the cgroup's directory decides
/// (Documentation/admin-guide/cgroup-v2.rst, "Device controller").
/// </summary>
internal static class UnifiedDevices
{
    private const int Block = 1, Character = 2, Mknod = 1, Read = 2, Write = 4, Allowed = 1, Denied = 0;

    internal static void Apply(CgroupFolder folder, IReadOnlyList<DeviceRule> rules)
    {
        var program = Assemble(rules);
        using var directory = folder.Open(".", OpenFlags.ReadOnly | OpenFlags.Directory);
        DeviceProgram.Attach(directory, program);
    }

    /// <summary>
    /// The program: the last rule about a kind of access decides on it, so the rules are gone through backwards. A rule that allows takes
    /// its kinds out of those asked for, and one that denies ends with no if any of its kinds is left. As in version 1, what no
    /// rule is about stays allowed.
    /// </summary>
    internal static byte[] Assemble(IReadOnlyList<DeviceRule> rules)
    {
        var program = new ExtendedBpfAssembler();
        // struct bpf_cgroup_dev_ctx { u32 access_type (access << 16 | kind); u32 major; u32 minor; }
        const BpfRegister kind = BpfRegister.R2, asked = BpfRegister.R3, major = BpfRegister.R4, minor = BpfRegister.R5;
        program.Load(kind, BpfRegister.R1, 0);
        program.Move(asked, kind);
        program.And(kind, 0xffff);
        program.ShiftRight(asked, 16);
        program.Load(major, BpfRegister.R1, 4);
        program.Load(minor, BpfRegister.R1, 8);

        var denied = program.NewLabel();
        var allowed = program.NewLabel();
        for (var i = rules.Count - 1; i >= 0; i--)
        {
            var next = program.NewLabel();
            EmitDevice(program, rules[i], next);
            var access = Access(rules[i]);
            if (rules[i].Allow)
            {
                program.And(asked, ~access);
                program.JumpWhenEqual(asked, 0, allowed);
            }
            else
                program.JumpWhenSet(asked, access, denied);
            program.Place(next);
        }
        program.Place(allowed);
        program.Return(Allowed);
        program.Place(denied);
        program.Return(Denied);
        return program.ToArray();

        void EmitDevice(ExtendedBpfAssembler assembler, DeviceRule rule, BpfLabel otherwise)
        {
            if (Kind(rule) is { } wanted)
                assembler.JumpWhenNotEqual(kind, wanted, otherwise);
            if (rule.Major is { } majorNumber and >= 0)
                assembler.JumpWhenNotEqual(major, Number(majorNumber), otherwise);
            if (rule.Minor is { } minorNumber and >= 0)
                assembler.JumpWhenNotEqual(minor, Number(minorNumber), otherwise);
        }
    }

    private static int? Kind(DeviceRule rule) => rule.Type switch
    {
        null or "" or "a" => null,
        "b" => Block,
        "c" or "u" => Character,
        _ => throw GantryException.Invalid($"cgroup: \"{rule.Type}\" is not a type of device"),
    };

    private static int Access(DeviceRule rule)
    {
        var access = 0;
        foreach (var letter in rule.Access is { Length: > 0 } given ? given : "rwm")
            access |= letter switch
            {
                'r' => Read,
                'w' => Write,
                'm' => Mknod,
                _ => throw GantryException.Invalid($"cgroup: \"{rule.Access}\" is not an access to a device"),
            };
        return access;
    }

    // Device numbers have 12 and 20 bits (linux/kdev_t.h): a comparison with a sign-extended constant is exact.
    private static int Number(long number) =>
        number <= int.MaxValue ? (int)number : throw GantryException.Invalid($"cgroup: {number} is not the number of a device");
}
