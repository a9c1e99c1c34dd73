using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Runtime.Seccomp;

namespace Gantry.Runtime.Tests.Seccomp;

public class SeccompCompilerTests
{
    private const uint X64 = SeccompArchitecture.AuditArchX64, X86 = SeccompArchitecture.AuditArchX86;
    private static readonly ulong[] NoArguments = new ulong[6];

    [Fact]
    public void Random_profiles_answer_as_their_rules_say()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var profile = RandomProfile(random);
            var program = SeccompCompiler.Compile(profile);
            foreach (var architecture in SeccompArchitecture.Select(profile.Architectures))
                for (var i = 0; i < 300; i++)
                {
                    var number = RandomNumber(random, architecture);
                    var arguments = Enumerable.Range(0, 6).Select(_ => RandomValue(random) & (architecture.Words == 1 ? uint.MaxValue : ulong.MaxValue))
                        .ToArray();
                    var expected = NaiveSeccomp.Evaluate(profile, architecture, number, arguments);
                    var actual = ClassicBpfInterpreter.Run(program, architecture.AuditArch, number, arguments);
                    Assert.True(expected == actual, $"seed {seed}, {architecture.Name}, call {number:x}: {actual:x} instead of {expected:x}");
                }
        }
    }

    [Fact]
    public void Every_call_of_every_architecture_is_answered_as_the_default_profile_says()
    {
        var profile = Default("CAP_CHOWN");
        var program = SeccompCompiler.Compile(profile);
        foreach (var architecture in SeccompArchitecture.Select(profile.Architectures))
            for (uint i = 0; i < 700; i++)
            {
                var number = i | (architecture.IsX32 ? SyscallNumbers.X32Bit : 0);
                foreach (var first in new ulong[] { 0, 1, 8, 40, 0x10000000, 0xffffffff })
                {
                    ulong[] arguments = [first, 0, 0, 0, 0, 0];
                    Assert.Equal(
                        NaiveSeccomp.Evaluate(profile, architecture, number, arguments),
                        ClassicBpfInterpreter.Run(program, architecture.AuditArch, number, arguments));
                }
            }
    }

    [Fact]
    public void The_default_filter_is_a_search_tree()
    {
        var program = SeccompCompiler.Compile(Default());
        Assert.True(program.Length / 8 < 1200, $"{program.Length / 8} instructions");
        ClassicBpfInterpreter.Run(program, X64, SyscallNumbers.X64()["write"], NoArguments, out var steps);
        Assert.InRange(steps, 1, 16);
    }

    [Fact]
    public void Capabilities_open_calls()
    {
        var mount = SyscallNumbers.X64()["mount"];
        Assert.Equal(SeccompAction.Errno | 1, Answer(Default(), mount));
        Assert.Equal(SeccompAction.Allow, Answer(Default("CAP_SYS_ADMIN"), mount));
        var clone3 = SyscallNumbers.X64()["clone3"];
        Assert.Equal(SeccompAction.NotImplemented, Answer(Default(), clone3));
        Assert.Equal(SeccompAction.Allow, Answer(Default("CAP_SYS_ADMIN"), clone3));
    }

    [Fact]
    public void Calls_newer_than_the_profile_fail_with_ENOSYS_and_unnamed_ones_with_the_default()
    {
        var program = SeccompCompiler.Compile(Default());
        Assert.Equal(SeccompAction.NotImplemented, ClassicBpfInterpreter.Run(program, X64, 1000, NoArguments));
        Assert.Equal(SeccompAction.NotImplemented, ClassicBpfInterpreter.Run(program, X64, SyscallNumbers.X32Bit | 1000, NoArguments));
        Assert.Equal(SeccompAction.Errno | 1, ClassicBpfInterpreter.Run(program, X64, SyscallNumbers.X64()["swapon"], NoArguments));
    }

    [Fact]
    public void Calls_of_another_architecture_end_the_thread()
    {
        var program = SeccompCompiler.Compile(Default() with { Architectures = null });
        Assert.Equal(SeccompAction.KillThread, ClassicBpfInterpreter.Run(program, X86, 3, NoArguments));
        Assert.Equal(SeccompAction.KillThread, ClassicBpfInterpreter.Run(program, X64, SyscallNumbers.X32Bit | 1, NoArguments));
        Assert.Equal(SeccompAction.NotImplemented, ClassicBpfInterpreter.Run(program, X64, uint.MaxValue, NoArguments));
    }

    [Fact]
    public void A_denied_socket_is_denied_through_socketcall_too()
    {
        var profile = new LinuxSeccomp
        {
            DefaultAction = "SCMP_ACT_ALLOW",
            Architectures = ["SCMP_ARCH_X86"],
            Syscalls = [new SeccompRule { Names = ["socket"], Action = "SCMP_ACT_KILL_PROCESS" }],
        };
        var program = SeccompCompiler.Compile(profile);
        var socketcall = SyscallNumbers.X86()["socketcall"];
        Assert.Equal(SeccompAction.KillProcess, ClassicBpfInterpreter.Run(program, X86, socketcall, [1, 0, 0, 0, 0, 0]));
        Assert.Equal(SeccompAction.Allow, ClassicBpfInterpreter.Run(program, X86, socketcall, [2, 0, 0, 0, 0, 0]));
    }

    [Theory]
    [InlineData("SCMP_ACT_NOTIFY", ErrorKind.NotImplemented)]
    [InlineData("SCMP_ACT_PARTY", ErrorKind.InvalidArgument)]
    [InlineData("", ErrorKind.InvalidArgument)]
    public void Actions_that_cannot_be_are_refused(string action, ErrorKind kind) =>
        Assert.Equal(kind, Assert.Throws<GantryException>(() => SeccompCompiler.Compile(new LinuxSeccomp { DefaultAction = action })).Kind);

    [Fact]
    public void Flags_are_the_kernels()
    {
        var profile = new LinuxSeccomp { Flags = ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"] };
        Assert.Equal(6u, SeccompCompiler.Flags(profile));
        Assert.Throws<GantryException>(() => SeccompCompiler.Flags(new LinuxSeccomp { Flags = ["SECCOMP_FILTER_FLAG_X"] }));
    }

    [Fact]
    public void The_kernel_takes_the_default_filter_and_answers_by_it() =>
        SeccompThread.Run(SeccompCompiler.Compile(Default()), call =>
        {
            Assert.Equal(0, call(SyscallNumbers.X64()["sched_yield"], 0));
            Assert.Equal(-1, call(SyscallNumbers.X64()["unshare"], 0));
            Assert.Equal(-38, call(900, 0));
            Assert.Equal(-1, call(SyscallNumbers.X64()["personality"], 0x1234));
        });

    private static LinuxSeccomp Default(params string[] capabilities) =>
        SeccompProfile.LoadDefault().Resolve(capabilities, "amd64", new KernelVersion(6, 18));

    private static uint Answer(LinuxSeccomp profile, uint number) =>
        ClassicBpfInterpreter.Run(SeccompCompiler.Compile(profile), X64, number, NoArguments);

    private static LinuxSeccomp RandomProfile(Random random)
    {
        string[] actions = ["SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP", "SCMP_ACT_LOG", "SCMP_ACT_TRACE"];
        string[] operators = ["SCMP_CMP_EQ", "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_GT", "SCMP_CMP_GE", "SCMP_CMP_MASKED_EQ"];
        string[] names = [.. SyscallNumbers.X64().Keys.Union(SyscallNumbers.X86().Keys).Order()];
        string[][] architectures = [[], ["SCMP_ARCH_X86_64"], ["SCMP_ARCH_X86", "SCMP_ARCH_X86_64", "SCMP_ARCH_X32"], ["SCMP_ARCH_S390X", "SCMP_ARCH_X86"]];

        SeccompRule Rule() => new()
        {
            Names = [.. Enumerable.Range(0, random.Next(1, 25)).Select(_ => random.GetItems(names, 1)[0])
                .Append(random.GetItems(["socket", "read", "semop"], 1)[0])],
            Action = random.GetItems(actions, 1)[0],
            ErrnoRet = random.Next(3) == 0 ? (uint)random.Next(200) : null,
            Args = random.Next(2) == 0 ? null : [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ =>
                new SeccompCondition((uint)random.Next(6), RandomValue(random), random.GetItems(operators, 1)[0], RandomValue(random)))],
        };

        return new LinuxSeccomp
        {
            DefaultAction = random.GetItems(actions, 1)[0],
            Architectures = random.GetItems(architectures, 1)[0],
            Syscalls = [.. Enumerable.Range(0, random.Next(8)).Select(_ => Rule())],
        };
    }

    private static ulong RandomValue(Random random) => random.Next(4) switch
    {
        0 => (ulong)random.Next(4),
        1 => (ulong)random.NextInt64(),
        2 => (ulong)random.Next(3) << 32 | (uint)random.Next(3),
        _ => 0x7E020000,
    };

    private static uint RandomNumber(Random random, SeccompArchitecture architecture)
    {
        string[] edgy = ["socket", "read", "semop", "socketcall", "ipc"];
        if (random.Next(4) == 0 && architecture.Numbers.Value.TryGetValue(random.GetItems(edgy, 1)[0], out var known))
            return known;
        return (uint)random.Next(700) | (architecture.IsX32 ? SyscallNumbers.X32Bit : 0);
    }
}
