using System.Text;

namespace Gantry.Storage.Archives;

/// <summary>
/// Writes a tar archive: POSIX ustar headers, with a pax header before those that ustar cannot hold (long or non-ASCII names, large
/// numbers, extended attributes). Times are whole seconds, as in the layers of other builders, so that the same files give the same bytes.
/// </summary>
public sealed class TarWriter(Stream archive)
{
    private static readonly byte[] _zeros = new byte[1 << 16];
    private readonly byte[] _block = new byte[TarHeader.BlockSize];
    private long _remaining;
    private int _padding;

    /// <summary>Writes an entry's header. <see cref="TarEntry.Size"/> bytes of data have to follow by <see cref="WriteData"/>.</summary>
    /// <exception cref="InvalidOperationException">The data of the entry before is not complete.</exception>
    public void WriteHeader(TarEntry entry)
    {
        FinishEntry();
        var pax = new MemoryStream();
        BuildBlock(entry, pax);
        if (pax.Length > 0)
        {
            // The pax header takes the block, so the entry's own is built once more.
            WritePax(entry, pax);
            BuildBlock(entry, new MemoryStream());
        }
        archive.Write(_block);
        SetData(entry.Kind == TarEntryKind.File ? entry.Size : 0);
    }

    /// <summary>Writes data of the entry.</summary>
    /// <exception cref="InvalidOperationException">It is more than the header announced.</exception>
    public void WriteData(ReadOnlySpan<byte> data)
    {
        if (data.Length > _remaining)
            throw new InvalidOperationException("more data than the tar header announced");
        archive.Write(data);
        _remaining -= data.Length;
    }

    /// <summary>Writes zeros as data of the entry: a hole of a file.</summary>
    /// <exception cref="InvalidOperationException">It is more than the header announced.</exception>
    public void WriteZeros(long length)
    {
        for (; length > 0; length -= Math.Min(length, _zeros.Length))
            WriteData(_zeros.AsSpan(0, (int)Math.Min(length, _zeros.Length)));
    }

    /// <summary>Fills the rest of the entry with zeros: for a hole at the end of a file, or one that became shorter while it was read.</summary>
    public void FillData() => WriteZeros(_remaining);

    /// <summary>Writes the end of the archive. The stream stays open.</summary>
    public void Finish()
    {
        FinishEntry();
        archive.Write(_zeros.AsSpan(0, 2 * TarHeader.BlockSize));
    }

    private void FinishEntry()
    {
        if (_remaining > 0)
            throw new InvalidOperationException("less data than the tar header announced");
        archive.Write(_zeros.AsSpan(0, _padding));
        _padding = 0;
    }

    private void SetData(long size)
    {
        _remaining = size;
        _padding = (int)(-size & (TarHeader.BlockSize - 1));
    }

    private void BuildBlock(TarEntry entry, MemoryStream pax)
    {
        var block = _block.AsSpan();
        block.Clear();
        WriteName(block, entry.Name, pax);
        WriteText(block.Slice(157, 100), entry.LinkName, "linkpath", pax);
        TarNumber.TryWriteOctal(block.Slice(100, 8), entry.Permissions);
        WriteNumber(block.Slice(108, 8), entry.UserId, "uid", pax);
        WriteNumber(block.Slice(116, 8), entry.GroupId, "gid", pax);
        WriteNumber(block.Slice(124, 12), entry.Kind == TarEntryKind.File ? entry.Size : 0, "size", pax);
        WriteNumber(block.Slice(136, 12), entry.Modified.Seconds, "mtime", pax);
        block[156] = (byte)entry.Kind;
        "ustar\0"u8.CopyTo(block[257..]);
        "00"u8.CopyTo(block[263..]);
        WriteNumber(block.Slice(329, 8), entry.Device.Major, "SCHILY.devmajor", pax);
        WriteNumber(block.Slice(337, 8), entry.Device.Minor, "SCHILY.devminor", pax);
        foreach (var attribute in entry.Attributes)
            AddRecord(pax, $"SCHILY.xattr.{Encoding.Latin1.GetString(attribute.Name)}", attribute.Value);
        WriteChecksum(block);
    }

    // ustar splits a name at a slash: up to 155 bytes before it, up to 100 behind.
    private static void WriteName(Span<byte> block, byte[] name, MemoryStream pax)
    {
        if (name.Length > 100 && IsAscii(name))
        {
            var split = name.AsSpan(0, Math.Min(name.Length - 1, 156)).LastIndexOf((byte)'/');
            if (split > 0 && name.Length - split - 1 <= 100)
            {
                name.AsSpan(0, split).CopyTo(block[345..]);
                name.AsSpan(split + 1).CopyTo(block);
                return;
            }
        }
        WriteText(block[..100], name, "path", pax);
    }

    private static void WriteText(Span<byte> field, byte[] text, string key, MemoryStream pax)
    {
        text.AsSpan(0, Math.Min(text.Length, field.Length)).CopyTo(field);
        if (text.Length > field.Length || !IsAscii(text))
            AddRecord(pax, key, text);
    }

    private static void WriteNumber(Span<byte> field, long value, string key, MemoryStream pax)
    {
        if (TarNumber.TryWriteOctal(field, value))
            return;
        TarNumber.TryWriteOctal(field, 0);
        AddRecord(pax, key, Encoding.ASCII.GetBytes(value.ToString()));
    }

    private void WritePax(TarEntry entry, MemoryStream records)
    {
        var name = entry.Name.AsSpan().TrimEnd((byte)'/');
        name = name[(name.LastIndexOf((byte)'/') + 1)..];
        byte[] paxName = [.. "PaxHeaders.0/"u8, .. name[..Math.Min(name.Length, 80)]];
        var block = _block.AsSpan();
        block.Clear();
        paxName.CopyTo(block);
        TarNumber.TryWriteOctal(block.Slice(100, 8), 0x1a4 /* 0644 */);
        TarNumber.TryWriteOctal(block.Slice(108, 8), 0);
        TarNumber.TryWriteOctal(block.Slice(116, 8), 0);
        TarNumber.TryWriteOctal(block.Slice(124, 12), records.Length);
        TarNumber.TryWriteOctal(block.Slice(136, 12), 0);
        block[156] = (byte)'x';
        "ustar\0"u8.CopyTo(block[257..]);
        "00"u8.CopyTo(block[263..]);
        WriteChecksum(block);
        archive.Write(block);
        SetData(records.Length);
        WriteData(records.GetBuffer().AsSpan(0, (int)records.Length));
        FinishEntry();
    }

    // Its length counts its own digits.
    private static void AddRecord(MemoryStream pax, string key, ReadOnlySpan<byte> value)
    {
        var rest = key.Length + value.Length + 3;
        var length = rest + rest.ToString().Length;
        if (rest + length.ToString().Length != length)
            length = rest + length.ToString().Length;
        pax.Write(Encoding.Latin1.GetBytes($"{length} {key}="));
        pax.Write(value);
        pax.WriteByte((byte)'\n');
    }

    private static void WriteChecksum(Span<byte> block)
    {
        var field = block.Slice(148, 8);
        field.Fill((byte)' ');
        long sum = 0;
        foreach (var value in block)
            sum += value;
        TarNumber.TryWriteOctal(field[..7], sum);
    }

    private static bool IsAscii(ReadOnlySpan<byte> text) => Ascii.IsValid(text);
}
