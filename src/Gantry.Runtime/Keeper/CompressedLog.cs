using System.Buffers.Binary;

namespace Gantry.Runtime.Keeper;

/// <summary>
/// What a compressed log file begins with: an empty member of gzip (RFC 1952, section 2.2: a file is a series of them) whose extra field tells which file it
/// was. By that who follows a log knows a file again that has been compressed meanwhile; other programs unpack it as any.
/// </summary>
public static class CompressedLog
{
    /// <summary>Its length.</summary>
    public const int Length = 34;

    // ID1, ID2, deflate, FEXTRA; time, flags, system; length of the extra field; identifier "GL" and length of what follows: the inode.
    private static ReadOnlySpan<byte> Start => [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 3, 12, 0, (byte)'G', (byte)'L', 8, 0];

    // An empty block, and CRC and length of nothing.
    private static ReadOnlySpan<byte> End => [3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Writes it.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="inode">The original's inode.</param>
    public static void Write(Span<byte> destination, ulong inode)
    {
        Start.CopyTo(destination);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[Start.Length..], inode);
        End.CopyTo(destination[(Start.Length + sizeof(ulong))..]);
    }

    /// <summary>The inode of the original; null: it was compressed by somebody else.</summary>
    public static ulong? ReadInode(ReadOnlySpan<byte> source) =>
        source.Length >= Length && source.StartsWith(Start) ? BinaryPrimitives.ReadUInt64LittleEndian(source[Start.Length..]) : null;
}
