using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os.Bpf;

namespace Gantry.Runtime.Seccomp;

/// <summary>Emits the comparisons of a call's arguments: 64-bit values, on a machine whose words have 32.</summary>
internal static class SeccompConditionEmitter
{
    private const uint ArgumentsOffset = 16;

    /// <summary>Answers one system call.</summary>
    /// <param name="program">What is being assembled.</param>
    /// <param name="verdict">The answer.</param>
    /// <param name="words">2, or 1 for 32-bit programs.</param>
    internal static ClassicBpfLabel Emit(ClassicBpfAssembler program, SyscallVerdict verdict, int words)
    {
        var next = program.Return(verdict.Otherwise);
        foreach (var clause in verdict.Clauses.Reverse())
        {
            var holds = program.Return(clause.Answer);
            foreach (var condition in clause.Conditions.Reverse())
                holds = EmitCondition(program, condition, words, holds, next);
            next = holds;
        }
        return next;
    }

    private static ClassicBpfLabel EmitCondition(
        ClassicBpfAssembler program, SeccompCondition condition, int words, ClassicBpfLabel holds, ClassicBpfLabel fails)
    {
        var argument = new Argument(program, ArgumentsOffset + condition.Index * 8, words, condition.Value);
        return condition.Op switch
        {
            "SCMP_CMP_EQ" => argument.Equal(holds, fails),
            "SCMP_CMP_NE" => argument.Equal(fails, holds),
            "SCMP_CMP_GT" => argument.Compare(ClassicBpfComparison.Greater, holds, fails),
            "SCMP_CMP_LE" => argument.Compare(ClassicBpfComparison.Greater, fails, holds),
            "SCMP_CMP_GE" => argument.Compare(ClassicBpfComparison.GreaterOrEqual, holds, fails),
            "SCMP_CMP_LT" => argument.Compare(ClassicBpfComparison.GreaterOrEqual, fails, holds),
            "SCMP_CMP_MASKED_EQ" => argument.MaskedEqual(condition.ValueTwo, holds, fails),
            _ => throw GantryException.Invalid($"seccomp: unknown comparison \"{condition.Op}\""),
        };
    }

    /// <summary>An argument at an offset of <c>seccomp_data</c> (low half first) and what it is compared with.</summary>
    private readonly struct Argument(ClassicBpfAssembler program, uint offset, int words, ulong value)
    {
        private uint Low => (uint)value;

        private uint High => (uint)(value >> 32);

        internal ClassicBpfLabel Equal(ClassicBpfLabel holds, ClassicBpfLabel fails)
        {
            var low = program.Load(offset, program.Branch(ClassicBpfComparison.Equal, Low, holds, fails));
            return words == 1 ? low : program.Load(offset + 4, program.Branch(ClassicBpfComparison.Equal, High, low, fails));
        }

        internal ClassicBpfLabel Compare(ClassicBpfComparison comparison, ClassicBpfLabel holds, ClassicBpfLabel fails)
        {
            var low = program.Load(offset, program.Branch(comparison, Low, holds, fails));
            if (words == 1)
                return low;
            var sameHigh = program.Branch(ClassicBpfComparison.Equal, High, low, fails);
            return program.Load(offset + 4, program.Branch(ClassicBpfComparison.Greater, High, holds, sameHigh));
        }

        /// <summary>Here <c>value</c> is the mask. Bits of <paramref name="datum"/> outside it do not count.</summary>
        internal ClassicBpfLabel MaskedEqual(ulong datum, ClassicBpfLabel holds, ClassicBpfLabel fails)
        {
            datum &= value;
            var low = program.Load(offset, program.And(Low, program.Branch(ClassicBpfComparison.Equal, (uint)datum, holds, fails)));
            if (words == 1 || High == 0)
                return low;
            return program.Load(offset + 4,
                program.And(High, program.Branch(ClassicBpfComparison.Equal, (uint)(datum >> 32), low, fails)));
        }
    }
}
