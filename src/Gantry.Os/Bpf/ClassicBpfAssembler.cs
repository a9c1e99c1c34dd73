using System.Buffers.Binary;

namespace Gantry.Os.Bpf;

/// <summary>What a conditional jump of classic BPF compares the accumulator with its constant for (unsigned).</summary>
public enum ClassicBpfComparison
{
    /// <summary>The accumulator equals the constant (BPF_JEQ).</summary>
    Equal = 0x10,

    /// <summary>The accumulator is greater than the constant (BPF_JGT).</summary>
    Greater = 0x20,

    /// <summary>The accumulator is greater than or equal to the constant (BPF_JGE).</summary>
    GreaterOrEqual = 0x30,
}

/// <summary>An instruction that has been assembled, as the target of others.</summary>
/// <param name="FromEnd">How many instructions follow it.</param>
public readonly record struct ClassicBpfLabel(int FromEnd);

/// <summary>
/// Assembles classic BPF programs (bpf(4), linux/filter.h) as seccomp(2) takes them: an array of <c>struct sock_filter</c>.
/// </summary>
/// <remarks>
/// Classic BPF jumps forward only, so a program is written from its end to its beginning: every instruction is given those it goes on
/// with, which exist already. All distances are then known at once, and the one limit of the format (a conditional jump reaches 255
/// instructions) is met by putting an unconditional jump in between.
/// </remarks>
public sealed class ClassicBpfAssembler
{
    private const ushort LoadWord = 0x20, AndConstant = 0x54, JumpAlways = 0x05, JumpOnConstant = 0x05, ReturnConstant = 0x06;

    /// <summary>What a conditional jump reaches, less the two jumps that may still come between it and its targets.</summary>
    private const int Reach = 255 - 2;

    private readonly List<ulong> _backwards = [];
    private readonly Dictionary<uint, ClassicBpfLabel> _returns = [];

    /// <summary>How many instructions there are.</summary>
    public int Count => _backwards.Count;

    /// <summary>Ends the program with <paramref name="value"/>. An equal instruction within reach is used again.</summary>
    public ClassicBpfLabel Return(uint value)
    {
        if (_returns.TryGetValue(value, out var earlier) && Distance(earlier) <= Reach / 2)
            return earlier;
        return _returns[value] = Emit(ReturnConstant, 0, 0, value);
    }

    /// <summary>Loads the 32 bits at <paramref name="offset"/> of the input into the accumulator and goes on at <paramref name="next"/>.</summary>
    public ClassicBpfLabel Load(uint offset, ClassicBpfLabel next) => Before(next, LoadWord, offset);

    /// <summary>Masks the accumulator and goes on at <paramref name="next"/>.</summary>
    public ClassicBpfLabel And(uint mask, ClassicBpfLabel next) => Before(next, AndConstant, mask);

    /// <summary>Compares the accumulator with <paramref name="constant"/> and branches.</summary>
    public ClassicBpfLabel Branch(ClassicBpfComparison comparison, uint constant, ClassicBpfLabel whenTrue, ClassicBpfLabel whenFalse)
    {
        if (whenTrue == whenFalse)
            return whenTrue;
        whenTrue = WithinReach(whenTrue);
        whenFalse = WithinReach(whenFalse);
        return Emit((ushort)(JumpOnConstant | (ushort)comparison), (byte)Distance(whenTrue), (byte)Distance(whenFalse), constant);
    }

    /// <summary>The program that begins with the instruction assembled last, in the byte order of this machine.</summary>
    public byte[] ToArray()
    {
        var image = new byte[_backwards.Count * sizeof(ulong)];
        for (var i = 0; i < _backwards.Count; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(image.Length - (i + 1) * sizeof(ulong)), _backwards[i]);
        return image;
    }

    private int Distance(ClassicBpfLabel target) => _backwards.Count - 1 - target.FromEnd;

    private ClassicBpfLabel WithinReach(ClassicBpfLabel target) =>
        Distance(target) <= Reach ? target : Emit(JumpAlways, 0, 0, (uint)Distance(target));

    private ClassicBpfLabel Before(ClassicBpfLabel next, ushort code, uint constant)
    {
        if (Distance(next) != 0)
            Emit(JumpAlways, 0, 0, (uint)Distance(next));
        return Emit(code, 0, 0, constant);
    }

    // struct sock_filter { u16 code; u8 jt; u8 jf; u32 k; }: little-endian, as are all machines Gantry runs on.
    private ClassicBpfLabel Emit(ushort code, byte whenTrue, byte whenFalse, uint constant)
    {
        _backwards.Add(code | (ulong)whenTrue << 16 | (ulong)whenFalse << 24 | (ulong)constant << 32);
        return new ClassicBpfLabel(_backwards.Count - 1);
    }
}
