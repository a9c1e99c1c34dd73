using System.Buffers.Binary;

namespace Gantry.Os.Bpf;

/// <summary>A register of eBPF: <see cref="R0"/> holds the result, <see cref="R1"/> the context when the program begins.</summary>
public enum BpfRegister : byte
{
    /// <summary>The result.</summary>
    R0,

    /// <summary>The context.</summary>
    R1,

    /// <summary>Free to use.</summary>
    R2,

    /// <summary>Free to use.</summary>
    R3,

    /// <summary>Free to use.</summary>
    R4,

    /// <summary>Free to use.</summary>
    R5,
}

/// <summary>A place in a program that jumps go to, set once by <see cref="ExtendedBpfAssembler.Place"/>.</summary>
/// <param name="Id">Which.</param>
public readonly record struct BpfLabel(int Id);

/// <summary>
/// Assembles eBPF programs (Documentation/bpf/standardization/instruction-set.rst): the few instructions that a program needs which
/// decides by the fields of its context.
/// </summary>
public sealed class ExtendedBpfAssembler
{
    private const byte LoadWord = 0x61, MoveRegister = 0xbf, MoveConstant = 0xb7, AndConstant = 0x57, ShiftRightConstant = 0x77,
        JumpEqual = 0x15, JumpNotEqual = 0x55, JumpIfSet = 0x45, Exit = 0x95;

    private readonly List<ulong> _instructions = [];
    private readonly List<int> _places = [];
    private readonly List<(int Instruction, BpfLabel Label)> _jumps = [];

    /// <summary>A new label, to be placed later.</summary>
    public BpfLabel NewLabel()
    {
        _places.Add(-1);
        return new BpfLabel(_places.Count - 1);
    }

    /// <summary>Puts a label before the next instruction.</summary>
    public void Place(BpfLabel label) => _places[label.Id] = _instructions.Count;

    /// <summary><c>to = *(u32 *)(from + offset)</c>.</summary>
    public void Load(BpfRegister to, BpfRegister from, short offset) => Emit(LoadWord, to, from, offset, 0);

    /// <summary><c>to = from</c>.</summary>
    public void Move(BpfRegister to, BpfRegister from) => Emit(MoveRegister, to, from, 0, 0);

    /// <summary><c>to = constant</c>.</summary>
    public void Move(BpfRegister to, int constant) => Emit(MoveConstant, to, default, 0, constant);

    /// <summary><c>to &amp;= constant</c>.</summary>
    public void And(BpfRegister to, int constant) => Emit(AndConstant, to, default, 0, constant);

    /// <summary><c>to &gt;&gt;= bits</c>.</summary>
    public void ShiftRight(BpfRegister to, int bits) => Emit(ShiftRightConstant, to, default, 0, bits);

    /// <summary><c>if (value == constant) goto label</c>.</summary>
    public void JumpWhenEqual(BpfRegister value, int constant, BpfLabel label) => Jump(JumpEqual, value, constant, label);

    /// <summary><c>if (value != constant) goto label</c>.</summary>
    public void JumpWhenNotEqual(BpfRegister value, int constant, BpfLabel label) => Jump(JumpNotEqual, value, constant, label);

    /// <summary><c>if (value &amp; constant) goto label</c>.</summary>
    public void JumpWhenSet(BpfRegister value, int constant, BpfLabel label) => Jump(JumpIfSet, value, constant, label);

    /// <summary><c>return constant</c>.</summary>
    public void Return(int constant)
    {
        Move(BpfRegister.R0, constant);
        Emit(Exit, default, default, 0, 0);
    }

    /// <summary>The program: 8 bytes an instruction, in the byte order of this machine.</summary>
    /// <exception cref="InvalidOperationException">A label was not placed, or a jump is too far.</exception>
    public byte[] ToArray()
    {
        foreach (var (instruction, label) in _jumps)
        {
            var distance = _places[label.Id] - instruction - 1;
            if (_places[label.Id] < 0 || distance is < 0 or > short.MaxValue)
                throw new InvalidOperationException($"jump at {instruction} to {_places[label.Id]}");
            _instructions[instruction] |= (ulong)distance << 16;
        }
        _jumps.Clear();
        var image = new byte[_instructions.Count * sizeof(ulong)];
        for (var i = 0; i < _instructions.Count; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(i * sizeof(ulong)), _instructions[i]);
        return image;
    }

    private void Jump(byte code, BpfRegister value, int constant, BpfLabel label)
    {
        _jumps.Add((_instructions.Count, label));
        Emit(code, value, default, 0, constant);
    }

    // struct bpf_insn { u8 code; u8 dst:4, src:4; s16 off; s32 imm; }
    private void Emit(byte code, BpfRegister to, BpfRegister from, short offset, int constant) =>
        _instructions.Add(code | (ulong)to << 8 | (ulong)from << 12 | (ulong)(ushort)offset << 16 | (ulong)(uint)constant << 32);
}
