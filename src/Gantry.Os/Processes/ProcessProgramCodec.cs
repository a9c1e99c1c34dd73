using System.Buffers;
using System.Buffers.Binary;

namespace Gantry.Os.Processes;

/// <summary>
/// A program as bytes, for the way from the daemon to the keeper: little-endian, without the stages, which the daemon keeps. Reading
/// checks every offset, so that what was read can be relocated without looking again.
/// </summary>
public static class ProcessProgramCodec
{
    private const int HeaderSize = 40;
    private const int MaximumImage = 16 << 20;

    /// <summary>Writes a program.</summary>
    public static void Write(ProcessProgram program, IBufferWriter<byte> writer)
    {
        var length = HeaderSize + program.Image.Length + program.PointerRelocations.Count * 4 + program.DescriptorRelocations.Count * 8;
        var span = writer.GetSpan(length)[..length];
        BinaryPrimitives.WriteUInt64LittleEndian(span, program.CloneFlags);
        BinaryPrimitives.WriteInt32LittleEndian(span[8..], program.Image.Length);
        BinaryPrimitives.WriteInt32LittleEndian(span[12..], program.OperationCount);
        BinaryPrimitives.WriteInt32LittleEndian(span[16..], program.PointerRelocations.Count);
        BinaryPrimitives.WriteInt32LittleEndian(span[20..], program.DescriptorRelocations.Count);
        BinaryPrimitives.WriteInt32LittleEndian(span[24..], program.CgroupDescriptor ?? -1);
        BinaryPrimitives.WriteInt32LittleEndian(span[28..], program.BirthOperation ?? -1);
        BinaryPrimitives.WriteInt64LittleEndian(span[32..], 0);
        program.Image.Span.CopyTo(span[HeaderSize..]);
        var rest = span[(HeaderSize + program.Image.Length)..];
        foreach (var pointer in program.PointerRelocations)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, pointer);
            rest = rest[4..];
        }
        foreach (var (offset, descriptor) in program.DescriptorRelocations)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, offset);
            BinaryPrimitives.WriteInt32LittleEndian(rest[4..], descriptor);
            rest = rest[8..];
        }
        writer.Advance(length);
    }

    /// <summary>Reads a program. Its stages are empty.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a program.</exception>
    public static ProcessProgram Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderSize)
            throw new InvalidDataException("read a process program: it is cut off");
        var imageLength = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        var operations = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        var pointerCount = BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]);
        var descriptorCount = BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]);
        var cgroup = BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]);
        var birth = BinaryPrimitives.ReadInt32LittleEndian(bytes[28..]);
        if (imageLength is < 0 or > MaximumImage || operations < 0 || (long)operations * Operation.Size > imageLength
            || pointerCount < 0 || descriptorCount < 0 || cgroup < -1 || birth < -1 || birth >= operations
            || HeaderSize + imageLength + pointerCount * 4L + descriptorCount * 8L != bytes.Length)
            throw new InvalidDataException("read a process program: its lengths contradict each other");

        var image = bytes.Slice(HeaderSize, imageLength).ToArray();
        var rest = bytes[(HeaderSize + imageLength)..];
        return new ProcessProgram
        {
            CloneFlags = BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            Image = image,
            OperationCount = operations,
            PointerRelocations = ReadPointers(rest, pointerCount, image),
            DescriptorRelocations = ReadDescriptors(rest[(pointerCount * 4)..], descriptorCount, image),
            CgroupDescriptor = cgroup < 0 ? null : cgroup,
            BirthOperation = birth < 0 ? null : birth,
            Stages = [],
        };
    }

    private static int[] ReadPointers(ReadOnlySpan<byte> bytes, int count, byte[] image)
    {
        var pointers = new int[count];
        for (var i = 0; i < count; i++)
        {
            pointers[i] = CheckedOffset(BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * 4)..]), image);
            var target = BinaryPrimitives.ReadInt64LittleEndian(image.AsSpan(pointers[i]));
            if (target < 0 || target > image.Length)
                throw new InvalidDataException($"read a process program: the pointer at {pointers[i]} leads outside of it");
        }
        return pointers;
    }

    private static (int, int)[] ReadDescriptors(ReadOnlySpan<byte> bytes, int count, byte[] image)
    {
        var descriptors = new (int, int)[count];
        for (var i = 0; i < count; i++)
        {
            var offset = CheckedOffset(BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * 8)..]), image);
            var index = BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * 8 + 4)..]);
            descriptors[i] = index >= 0 ? (offset, index) : throw new InvalidDataException("read a process program: a descriptor's index is negative");
        }
        return descriptors;
    }

    private static int CheckedOffset(int offset, byte[] image) => offset >= 0 && offset <= image.Length - 8
        ? offset
        : throw new InvalidDataException($"read a process program: the relocation at {offset} is outside of it");
}
