using System.Buffers.Binary;
using Gantry.Oci.Runtime;
using Gantry.Os.Bpf;
using Gantry.Os.Files;
using Gantry.Runtime.Cgroups;

namespace Gantry.Runtime.Tests.Cgroups;

public class DeviceProgramTests
{
    private const uint Mknod = 1, Read = 2, Write = 4;

    [Fact]
    public void Random_rules_decide_as_when_gone_through_by_hand()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var rules = Enumerable.Range(0, random.Next(8)).Select(_ => RandomRule(random)).ToArray();
            var program = UnifiedDevices.Assemble(rules);
            for (var i = 0; i < 60; i++)
            {
                var (kind, access, major, minor) = ((uint)random.Next(1, 3), (uint)random.Next(1, 8), (uint)random.Next(3), (uint)random.Next(3));
                Assert.True(ByHand(rules, kind, access, major, minor) == Run(program, kind, access, major, minor),
                    $"seed {seed}: kind {kind} access {access} device {major}:{minor}");
            }
        }
    }

    [Fact]
    public void Version_1_spells_rules_line_by_line()
    {
        Assert.Equal(["a"], DeviceRuleText.Lines(new DeviceRule { Allow = false, Access = "rwm" }));
        Assert.Equal(["c 1:3 rwm"], DeviceRuleText.Lines(new DeviceRule { Allow = true, Type = "c", Major = 1, Minor = 3 }));
        Assert.Equal(["b *:* m", "c *:* m"], DeviceRuleText.Lines(new DeviceRule { Allow = true, Type = "a", Access = "m" }));
    }

    [Fact]
    public void The_kernel_takes_the_program_and_replaces_it_on_update()
    {
        using var group = new TemporaryCgroup();
        if (group.Unified is not { } directory)
            return; // Version 1 alone: there is nothing to attach to.
        using var opened = FileOpener.Open(directory, OpenFlags.ReadOnly | OpenFlags.Directory);
        DeviceRule[] rules = [new DeviceRule { Allow = false, Access = "rwm" },
            new DeviceRule { Allow = true, Type = "c", Major = 1, Minor = 3, Access = "rw" }];

        DeviceProgram.Attach(opened, UnifiedDevices.Assemble(rules));
        var first = Assert.Single(DeviceProgram.Attached(opened));
        DeviceProgram.Attach(opened, UnifiedDevices.Assemble(rules[..1]));
        Assert.NotEqual(first, Assert.Single(DeviceProgram.Attached(opened)));

        DeviceProgram.Attach(opened, UnifiedDevices.Assemble(rules));
        var script = $"echo $$ > {directory}/cgroup.procs; true > /dev/null && ! head -c 1 /dev/zero 2> /dev/null";
        using var shell = System.Diagnostics.Process.Start("sh", ["-c", script]);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    private static DeviceRule RandomRule(Random random) => new()
    {
        Allow = random.Next(2) == 0,
        Type = random.GetItems(["a", "b", "c", null], 1)[0],
        Major = random.Next(2) == 0 ? random.Next(3) : null,
        Minor = random.Next(2) == 0 ? random.Next(3) : -1,
        Access = random.GetItems(["r", "w", "m", "rw", "rwm", "wm", null], 1)[0],
    };

    /// <summary>Every kind of access asked for by itself: the last rule about it decides.</summary>
    private static bool ByHand(DeviceRule[] rules, uint kind, uint access, uint major, uint minor)
    {
        foreach (var (letter, bit) in new[] { ('m', Mknod), ('r', Read), ('w', Write) })
        {
            if ((access & bit) == 0)
                continue;
            var last = rules.LastOrDefault(rule =>
                (rule.Type is null or "a" || rule.Type == (kind == 1 ? "b" : "c"))
                && (rule.Major is null or -1 || rule.Major == major)
                && (rule.Minor is null or -1 || rule.Minor == minor)
                && (rule.Access ?? "rwm").Contains(letter));
            if (last is { Allow: false })
                return false;
        }
        return true;
    }

    private static bool Run(byte[] program, uint kind, uint access, uint major, uint minor)
    {
        var registers = new long[11];
        uint[] context = [access << 16 | kind, major, minor];
        for (var at = 0; ; at++)
        {
            var instruction = program.AsSpan(at * 8, 8);
            ref var to = ref registers[instruction[1] & 15];
            var from = instruction[1] >> 4;
            var offset = BinaryPrimitives.ReadInt16LittleEndian(instruction[2..]);
            var constant = BinaryPrimitives.ReadInt32LittleEndian(instruction[4..]);
            switch (instruction[0])
            {
                case 0x61: to = context[offset / 4]; break;
                case 0xbf: to = registers[from]; break;
                case 0xb7: to = constant; break;
                case 0x57: to &= constant; break;
                case 0x77: to = (long)((ulong)to >> constant); break;
                case 0x15: at += to == constant ? offset : 0; break;
                case 0x55: at += to != constant ? offset : 0; break;
                case 0x45: at += (to & constant) != 0 ? offset : 0; break;
                case 0x95: return registers[0] == 1;
                case var code: throw new InvalidOperationException($"instruction {at} has unknown code {code:x}");
            }
        }
    }
}
