using Gantry.Os.Files;

namespace Gantry.Storage.Archives;

/// <summary>The 512-byte header block in its dialects: v7, POSIX ustar, GNU, star.</summary>
internal static class TarHeader
{
    internal const int BlockSize = 512;

    internal static bool IsZero(ReadOnlySpan<byte> block) => !block.ContainsAnyExcept((byte)0);

    /// <summary>Verifies the checksum: the sum of all bytes with its own field as spaces, of unsigned or (old tars) signed bytes.</summary>
    /// <exception cref="InvalidDataException">It is wrong: this is no tar header.</exception>
    internal static void Verify(ReadOnlySpan<byte> block)
    {
        long unsignedSum = 0, signedSum = 0;
        for (var i = 0; i < BlockSize; i++)
        {
            var value = i is >= 148 and < 156 ? (byte)' ' : block[i];
            unsignedSum += value;
            signedSum += (sbyte)value;
        }
        var stored = TarNumber.Parse(block.Slice(148, 8), "checksum");
        if (stored != unsignedSum && stored != signedSum)
            throw new InvalidDataException("tar header: wrong checksum");
    }

    internal static byte TypeFlag(ReadOnlySpan<byte> block) => block[156];

    internal static long DataSize(ReadOnlySpan<byte> block)
        => TarNumber.Parse(block.Slice(124, 12), "size") is >= 0 and var size ? size : throw new InvalidDataException("tar header: negative size");

    /// <summary>Everything that the block itself tells; <see cref="TarEntry.Kind"/> is left to the reader.</summary>
    internal static TarEntry Parse(ReadOnlySpan<byte> block) => new()
    {
        Name = Name(block),
        LinkName = Text(block.Slice(157, 100)),
        Permissions = (uint)TarNumber.Parse(block.Slice(100, 8), "mode") & 0xfff,
        UserId = Identity(TarNumber.Parse(block.Slice(108, 8), "uid"), "uid"),
        GroupId = Identity(TarNumber.Parse(block.Slice(116, 8), "gid"), "gid"),
        Size = DataSize(block),
        Modified = new FileTime(TarNumber.Parse(block.Slice(136, 12), "mtime"), 0),
        Device = IsExtended(block)
            ? new DeviceNumber((uint)TarNumber.Parse(block.Slice(329, 8), "devmajor"), (uint)TarNumber.Parse(block.Slice(337, 8), "devminor"))
            : default,
    };

    internal static uint Identity(long value, string what)
        => value is >= 0 and <= uint.MaxValue ? (uint)value : throw new InvalidDataException($"tar header: {what} {value} is out of range");

    internal static byte[] Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return (end < 0 ? field : field[..end]).ToArray();
    }

    private static bool IsExtended(ReadOnlySpan<byte> block) => block.Slice(257, 5).SequenceEqual("ustar"u8);

    // The prefix exists in POSIX's form only ("ustar\0"); GNU's ("ustar  ") keeps times and a sparse map there, star's ends in "tar\0"
    // and keeps times behind 131 bytes of prefix.
    private static byte[] Name(ReadOnlySpan<byte> block)
    {
        var name = Text(block[..100]);
        if (!block.Slice(257, 6).SequenceEqual("ustar\0"u8))
            return name;
        var isStar = block.Slice(508, 4).SequenceEqual("tar\0"u8);
        var prefix = Text(block.Slice(345, isStar ? 131 : 155));
        return prefix.Length == 0 ? name : [.. prefix, (byte)'/', .. name];
    }
}
