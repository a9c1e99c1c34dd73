using System.Buffers.Binary;

namespace Gantry.Runtime.Keeper;

/// <summary>
/// The log format of the driver <c>local</c>, and of what is kept locally of logs that are sent elsewhere: entries without escapes, in pages whose headers
/// tell what came before. So a reader finds a time, or the last so many lines, by a few reads of headers, however large the file is.
/// </summary>
/// <remarks>
/// A page is 64 KiB of the file, the last one less. It begins with a header: magic, length of the header, position in the page at which the first entry begins
/// (4 bytes each), lines before the page, latest time before the page (8 bytes each), the attributes that hold here (JSON). What follows the headers, put
/// together, is a sequence of entries: length of the text and kind (4 bytes), time in nanoseconds since 1970 (8 bytes), text. All numbers are little-endian.
/// Lines and times count an entry for the page in which it begins. The latest time is of all lines before, so it never falls, even where the clock did.
/// </remarks>
public static class PagedLog
{
    /// <summary>Bytes of a page.</summary>
    public const int PageSize = 64 * 1024;

    /// <summary>Bytes of a page's header without attributes.</summary>
    public const int PageHeaderSize = 32;

    /// <summary>Bytes of an entry before its text.</summary>
    public const int EntryHeaderSize = 12;

    /// <summary>The longest text of an entry.</summary>
    public const int LongestText = 16 * 1024;

    /// <summary>The longest attributes of a page.</summary>
    public const int LongestAttributes = 4096;

    private const uint Magic = 0x31504c47; // "GLP1"
    private const int LengthMask = 0xffffff;

    /// <summary>Writes a page's header and returns its length.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="restOfEntry">How many bytes of an entry that began before come first in the page.</param>
    /// <param name="linesBefore">How many lines begin before it.</param>
    /// <param name="latestBefore">The latest time of these.</param>
    /// <param name="attributes">The attributes that hold.</param>
    public static int WritePage(Span<byte> destination, int restOfEntry, long linesBefore, long latestBefore, ReadOnlySpan<byte> attributes)
    {
        var length = PageHeaderSize + attributes.Length;
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(destination[4..], length);
        BinaryPrimitives.WriteInt32LittleEndian(destination[8..], length + restOfEntry);
        BinaryPrimitives.WriteInt32LittleEndian(destination[12..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(destination[16..], linesBefore);
        BinaryPrimitives.WriteInt64LittleEndian(destination[24..], latestBefore);
        attributes.CopyTo(destination[PageHeaderSize..]);
        return length;
    }

    /// <summary>Reads a page's header without its attributes; false: there is none, or not all of it.</summary>
    public static bool TryReadPage(ReadOnlySpan<byte> source, out PagedLogPage page)
    {
        page = default;
        if (source.Length < PageHeaderSize || BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic)
            return false;
        page = new PagedLogPage(
            BinaryPrimitives.ReadInt32LittleEndian(source[4..]), BinaryPrimitives.ReadInt32LittleEndian(source[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[16..]), BinaryPrimitives.ReadInt64LittleEndian(source[24..]));
        return page.HeaderLength is >= PageHeaderSize and <= PageHeaderSize + LongestAttributes && page.FirstEntry >= page.HeaderLength
            && page.FirstEntry <= page.HeaderLength + EntryHeaderSize + LongestText && page.LinesBefore >= 0;
    }

    /// <summary>Writes an entry's header.</summary>
    public static void WriteEntry(Span<byte> destination, PagedLogKind kind, int length, long time)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, length | (int)kind << 24);
        BinaryPrimitives.WriteInt64LittleEndian(destination[4..], time);
    }

    /// <summary>Reads an entry's header; false: not all of it is there, or it is none.</summary>
    public static bool TryReadEntry(ReadOnlySpan<byte> source, out PagedLogEntry entry)
    {
        entry = default;
        if (source.Length < EntryHeaderSize)
            return false;
        var number = BinaryPrimitives.ReadInt32LittleEndian(source);
        entry = new PagedLogEntry((PagedLogKind)(number >>> 24), number & LengthMask, BinaryPrimitives.ReadInt64LittleEndian(source[4..]));
        // No line is empty: what a power cut left as zeros is none.
        return entry.Kind <= PagedLogKind.Attributes && entry.TextLength <= LongestText && (entry.TextLength > 0 || entry.Kind == PagedLogKind.Attributes);
    }
}

/// <summary>What an entry of a <see cref="PagedLog"/> is.</summary>
public enum PagedLogKind : byte
{
    /// <summary>A line, or part of one, of the standard output.</summary>
    Output,

    /// <summary>The same of the standard error.</summary>
    Error,

    /// <summary>The attributes of the lines from here on, as a JSON object.</summary>
    Attributes,
}

/// <summary>The header of a page.</summary>
/// <param name="HeaderLength">Its length with the attributes.</param>
/// <param name="FirstEntry">Where in the page the first entry begins; what is before it ends an entry of the page before.</param>
/// <param name="LinesBefore">How many lines begin before the page.</param>
/// <param name="LatestBefore">The latest time of these, in nanoseconds since 1970.</param>
public readonly record struct PagedLogPage(int HeaderLength, int FirstEntry, long LinesBefore, long LatestBefore);

/// <summary>The header of an entry.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="TextLength">Bytes of its text.</param>
/// <param name="Time">Nanoseconds since 1970.</param>
public readonly record struct PagedLogEntry(PagedLogKind Kind, int TextLength, long Time)
{
    /// <summary>Bytes of it all.</summary>
    public int Length => PagedLog.EntryHeaderSize + TextLength;
}
