using System.Buffers.Binary;

namespace Gantry.Runtime.Tests.Seccomp;

/// <summary>Runs a classic BPF program on a <c>struct seccomp_data</c>, as the kernel does, for the instructions that filters use.</summary>
internal static class ClassicBpfInterpreter
{
    internal static uint Run(byte[] program, uint architecture, uint number, ReadOnlySpan<ulong> arguments) =>
        Run(program, architecture, number, arguments, out _);

    internal static uint Run(byte[] program, uint architecture, uint number, ReadOnlySpan<ulong> arguments, out int steps)
    {
        Span<byte> data = stackalloc byte[64];
        BinaryPrimitives.WriteUInt32LittleEndian(data, number);
        BinaryPrimitives.WriteUInt32LittleEndian(data[4..], architecture);
        for (var i = 0; i < arguments.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(data[(16 + i * 8)..], arguments[i]);

        uint accumulator = 0;
        steps = 0;
        for (var at = 0; ; at++)
        {
            steps++;
            var instruction = program.AsSpan(at * 8, 8);
            var constant = BinaryPrimitives.ReadUInt32LittleEndian(instruction[4..]);
            switch (BinaryPrimitives.ReadUInt16LittleEndian(instruction))
            {
                case 0x20: accumulator = BinaryPrimitives.ReadUInt32LittleEndian(data[(int)constant..]); break;
                case 0x54: accumulator &= constant; break;
                case 0x05: at += (int)constant; break;
                case 0x15: at += accumulator == constant ? instruction[2] : instruction[3]; break;
                case 0x25: at += accumulator > constant ? instruction[2] : instruction[3]; break;
                case 0x35: at += accumulator >= constant ? instruction[2] : instruction[3]; break;
                case 0x06: return constant;
                case var code: throw new InvalidOperationException($"instruction {at} has unknown code {code:x}");
            }
        }
    }
}
