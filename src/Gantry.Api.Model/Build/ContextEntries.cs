using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Gantry.Api.Model;

/// <summary>A file of a context as the client sees it, without its content.</summary>
/// <param name="Path">Relative, with slashes between names.</param>
/// <param name="Mode">Kind and permissions, as the kernel has them (inode(7)).</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="ModifiedSeconds">When its content changed, since 1970.</param>
/// <param name="ModifiedNanoseconds">The rest of it.</param>
/// <param name="Identity">Changes whenever the content may have: of inode, device and the time of the last change of anything. 0: nobody knows.</param>
/// <param name="LinkText">Where a link leads.</param>
public readonly record struct ContextEntry(
    string Path, uint Mode, long Size, long ModifiedSeconds, uint ModifiedNanoseconds, ulong Identity, string LinkText);

/// <summary>Entries of contexts as bytes.</summary>
public static class ContextEntries
{
    private const int FixedLength = 4 + 8 + 8 + 4 + 8 + 4 + 4;

    /// <summary>Appends one.</summary>
    public static void Write(IBufferWriter<byte> output, in ContextEntry entry)
    {
        var pathLength = Encoding.UTF8.GetByteCount(entry.Path);
        var linkLength = Encoding.UTF8.GetByteCount(entry.LinkText);
        var span = output.GetSpan(FixedLength + pathLength + linkLength);
        BinaryPrimitives.WriteUInt32LittleEndian(span, entry.Mode);
        BinaryPrimitives.WriteInt64LittleEndian(span[4..], entry.Size);
        BinaryPrimitives.WriteInt64LittleEndian(span[12..], entry.ModifiedSeconds);
        BinaryPrimitives.WriteUInt32LittleEndian(span[20..], entry.ModifiedNanoseconds);
        BinaryPrimitives.WriteUInt64LittleEndian(span[24..], entry.Identity);
        BinaryPrimitives.WriteInt32LittleEndian(span[32..], pathLength);
        BinaryPrimitives.WriteInt32LittleEndian(span[36..], linkLength);
        Encoding.UTF8.GetBytes(entry.Path, span[FixedLength..]);
        Encoding.UTF8.GetBytes(entry.LinkText, span[(FixedLength + pathLength)..]);
        output.Advance(FixedLength + pathLength + linkLength);
    }

    /// <summary>Takes the first of several.</summary>
    /// <exception cref="InvalidDataException">It is cut short.</exception>
    public static ContextEntry Read(ref ReadOnlySpan<byte> input)
    {
        if (input.Length < FixedLength)
            throw new InvalidDataException("a context's entry is cut short");
        var pathLength = BinaryPrimitives.ReadInt32LittleEndian(input[32..]);
        var linkLength = BinaryPrimitives.ReadInt32LittleEndian(input[36..]);
        if (pathLength < 0 || linkLength < 0 || pathLength > 1 << 16 || linkLength > 1 << 16 || input.Length < FixedLength + pathLength + linkLength)
            throw new InvalidDataException("a context's entry is cut short");
        var entry = new ContextEntry(
            Encoding.UTF8.GetString(input.Slice(FixedLength, pathLength)),
            BinaryPrimitives.ReadUInt32LittleEndian(input), BinaryPrimitives.ReadInt64LittleEndian(input[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(input[12..]), BinaryPrimitives.ReadUInt32LittleEndian(input[20..]),
            BinaryPrimitives.ReadUInt64LittleEndian(input[24..]), Encoding.UTF8.GetString(input.Slice(FixedLength + pathLength, linkLength)));
        input = input[(FixedLength + pathLength + linkLength)..];
        return entry;
    }
}
