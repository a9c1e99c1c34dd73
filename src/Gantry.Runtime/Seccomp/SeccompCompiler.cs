using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os.Bpf;

namespace Gantry.Runtime.Seccomp;

/// <summary>Makes the program for the kernel of a filter: config-linux.md "Seccomp" to an array of <c>struct sock_filter</c>.</summary>
/// <remarks>
/// The numbers of the system calls are divided into ranges with equal answers, which a binary search finds. The kernel runs a new
/// filter once for every call that exists, to know those it always allows: with a search that takes microseconds, with a list of
/// comparisons most of a millisecond.
/// </remarks>
public static class SeccompCompiler
{
    /// <summary>The most instructions the kernel takes (BPF_MAXINSNS).</summary>
    public const int MaxInstructions = 4096;

    private const uint NumberOffset = 0, ArchitectureOffset = 4;

    /// <summary>The filter's program, 8 bytes an instruction.</summary>
    /// <exception cref="GantryException">The profile is not valid, names what is not supported, or is too large.</exception>
    public static byte[] Compile(LinuxSeccomp profile)
    {
        if (profile.ListenerPath is { Length: > 0 })
            throw GantryException.NotImplemented("seccomp: listenerPath is not supported");

        // 1. What every number of every architecture is answered with.
        var defaultAnswer = SeccompAction.Parse(profile.DefaultAction, profile.DefaultErrnoRet);
        var byAuditArch = SeccompArchitecture.Select(profile.Architectures).GroupBy(architecture => architecture.AuditArch)
            .Select(group => (AuditArch: group.Key, Ranges: AnswersByRange(profile, defaultAnswer, [.. group])));

        // 2. The program, from its end: a call of an architecture that the filter is not for ends the thread, as with libseccomp.
        var program = new ClassicBpfAssembler();
        var entry = program.Return(SeccompAction.KillThread);
        foreach (var (auditArch, ranges) in byAuditArch.Reverse())
        {
            var search = program.Load(NumberOffset, EmitSearch(program, ranges));
            entry = program.Branch(ClassicBpfComparison.Equal, auditArch, search, entry);
        }
        program.Load(ArchitectureOffset, entry);

        if (program.Count > MaxInstructions)
            throw GantryException.Invalid($"seccomp: the filter takes {program.Count} instructions, and the kernel takes {MaxInstructions} at most");
        return program.ToArray();
    }

    /// <summary>The flags for seccomp(2) SECCOMP_SET_MODE_FILTER that a profile asks for.</summary>
    /// <exception cref="GantryException">A flag is unknown or not supported.</exception>
    public static uint Flags(LinuxSeccomp profile)
    {
        uint flags = 0;
        foreach (var flag in profile.Flags ?? [])
            flags |= flag switch
            {
                // The filter is loaded while the process has one thread: there is none to synchronise with.
                "SECCOMP_FILTER_FLAG_TSYNC" => 0,
                "SECCOMP_FILTER_FLAG_LOG" => 1u << 1,
                "SECCOMP_FILTER_FLAG_SPEC_ALLOW" => 1u << 2,
                "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV" =>
                    throw GantryException.NotImplemented($"seccomp: {flag} is for listeners, which are not supported"),
                _ => throw GantryException.Invalid($"seccomp: unknown flag \"{flag}\""),
            };
        return flags;
    }

    private sealed record AnswerRange(uint First, SyscallVerdict Verdict, SeccompArchitecture Architecture);

    /// <summary>The ranges of all 32-bit numbers, ascending. Programs for x86-64 and x32 share one audit architecture.</summary>
    private static List<AnswerRange> AnswersByRange(LinuxSeccomp profile, uint defaultAnswer, SeccompArchitecture[] architectures)
    {
        var ranges = new List<AnswerRange>();
        var x32 = Array.Find(architectures, architecture => architecture.IsX32);
        var main = Array.Find(architectures, architecture => !architecture.IsX32);

        var beyond = AddRanges(ranges, profile, defaultAnswer, main, 0);
        if (architectures[0].AuditArch == SeccompArchitecture.AuditArchX64)
        {
            AddRanges(ranges, profile, defaultAnswer, x32, SyscallNumbers.X32Bit);
            // A tracer that skips a call sets its number to -1, which is neither ABI's.
            Add(ranges, new AnswerRange(uint.MaxValue, beyond, architectures[0]));
        }
        return ranges;
    }

    /// <summary>Adds the ranges of one ABI's numbers, from <paramref name="first"/> up, and returns the answer to those beyond all rules.</summary>
    private static SyscallVerdict AddRanges(
        List<AnswerRange> ranges, LinuxSeccomp profile, uint defaultAnswer, SeccompArchitecture? architecture, uint first)
    {
        if (architecture is null)
        {
            var refused = new SyscallVerdict([], SeccompAction.KillThread);
            Add(ranges, new AnswerRange(first, refused, SeccompArchitecture.Native));
            return refused;
        }
        var rules = SeccompRuleSet.Build(profile, defaultAnswer, architecture);
        var unnamed = new SyscallVerdict([], defaultAnswer);
        var beyond = rules.Newest is not null && SeccompAction.HidesNewCalls(defaultAnswer)
            ? new SyscallVerdict([], SeccompAction.NotImplemented)
            : unnamed;

        var next = first;
        foreach (var (number, verdict) in rules.Verdicts)
        {
            if (number > next)
                Add(ranges, new AnswerRange(next, unnamed, architecture));
            Add(ranges, new AnswerRange(number, verdict, architecture));
            next = number + 1;
        }
        if (rules.Newest is { } newest && newest >= next)
        {
            Add(ranges, new AnswerRange(next, unnamed, architecture));
            next = newest + 1;
        }
        Add(ranges, new AnswerRange(next, beyond, architecture));
        return beyond;
    }

    private static void Add(List<AnswerRange> ranges, AnswerRange range)
    {
        var continues = ranges.Count > 0 && ranges[^1].Verdict is { IsConstant: true } previous
            && range.Verdict.IsConstant && previous.Otherwise == range.Verdict.Otherwise;
        if (!continues)
            ranges.Add(range);
    }

    private static ClassicBpfLabel EmitSearch(ClassicBpfAssembler program, ReadOnlySpan<AnswerRange> ranges)
    {
        if (ranges.Length == 1)
            return SeccompConditionEmitter.Emit(program, ranges[0].Verdict, ranges[0].Architecture.Words);
        var middle = ranges.Length / 2;
        var upper = EmitSearch(program, ranges[middle..]);
        var lower = EmitSearch(program, ranges[..middle]);
        return program.Branch(ClassicBpfComparison.GreaterOrEqual, ranges[middle].First, upper, lower);
    }

    private static ClassicBpfLabel EmitSearch(ClassicBpfAssembler program, List<AnswerRange> ranges) =>
        EmitSearch(program, ranges.ToArray().AsSpan());
}
