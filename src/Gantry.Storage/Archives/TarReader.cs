namespace Gantry.Storage.Archives;

/// <summary>
/// Reads a tar archive forward: ustar, pax (global headers too), GNU long names, base-256 numbers, and the sparse files of GNU tar in all
/// their forms. Written for hostile input: whatever the bytes are, the answer is an entry or an <see cref="InvalidDataException"/>, in
/// memory bounded by <see cref="MaxHeaderData"/>. The framework's reader is not used: it turns names into text and knows no sparse files.
/// </summary>
public sealed class TarReader(Stream archive)
{
    /// <summary>Longest pax header or GNU long name that is taken, in bytes.</summary>
    public const int MaxHeaderData = 1 << 20;

    private readonly byte[] _block = new byte[TarHeader.BlockSize];
    private readonly PaxRecords _global = new();
    private long _remaining;
    private int _padding;

    /// <summary>Bytes of the current entry's data that have not been read: without holes.</summary>
    public long Remaining => _remaining;

    /// <summary>The next entry, or null at the end of the archive. Data of the one before that was not read is skipped.</summary>
    /// <exception cref="InvalidDataException">The archive is damaged or cut short.</exception>
    public TarEntry? Next()
    {
        SkipData();
        PaxRecords? local = null;
        byte[]? longName = null, longLink = null;
        while (ReadHeader())
        {
            var type = TarHeader.TypeFlag(_block);
            switch (type)
            {
                case (byte)'g':
                    _global.Parse(ReadHeaderData());
                    break;
                case (byte)'x' or (byte)'X':
                    (local = new PaxRecords()).Parse(ReadHeaderData());
                    break;
                case (byte)'L':
                    longName = TarHeader.Text(ReadHeaderData());
                    break;
                case (byte)'K':
                    longLink = TarHeader.Text(ReadHeaderData());
                    break;
                default:
                    return ReadEntry(type, local, longName, longLink);
            }
        }
        return local is null && longName is null && longLink is null
            ? null
            : throw new InvalidDataException("tar archive ends after an extended header");
    }

    /// <summary>Reads data of the current entry; 0 at its end. Of a sparse file only the data, without the holes.</summary>
    /// <exception cref="InvalidDataException">The archive is cut short.</exception>
    public int Read(Span<byte> buffer)
    {
        if (_remaining == 0 || buffer.IsEmpty)
            return 0;
        var count = archive.Read(buffer[..(int)Math.Min(buffer.Length, _remaining)]);
        if (count == 0)
            throw new InvalidDataException("tar archive is cut short within a file");
        _remaining -= count;
        return count;
    }

    private TarEntry ReadEntry(byte type, PaxRecords? local, byte[]? longName, byte[]? longLink)
    {
        // 1. The block, over it GNU's long names, over these the global and the local pax header.
        var entry = TarHeader.Parse(_block);
        entry.Name = longName ?? entry.Name;
        entry.LinkName = longLink ?? entry.LinkName;
        _global.ApplyTo(entry);
        local?.ApplyTo(entry);
        if (entry.Name.Length == 0)
            throw new InvalidDataException("tar entry without a name");
        // 2. What it is, and how much data follows.
        entry.Kind = Kind(type, entry);
        if (entry.Kind != TarEntryKind.File)
        {
            entry.Size = 0;
            return entry;
        }
        var size = local?.Number("size") ?? _global.Number("size") ?? entry.Size;
        SetData(size);
        entry.Size = size;
        // 3. Where its data lies, when it is sparse.
        ReadSparse(type, entry, local);
        return entry;
    }

    private static TarEntryKind Kind(byte type, TarEntry entry) => type switch
    {
        // Tars older than POSIX mark a directory by a slash behind the name.
        0 or (byte)'0' when entry.Name[^1] == '/' => TarEntryKind.Directory,
        0 or (byte)'0' or (byte)'7' or (byte)'S' => TarEntryKind.File,
        >= (byte)'1' and <= (byte)'6' => (TarEntryKind)type,
        _ => throw new InvalidDataException($"tar entry {entry.DisplayName} is of unknown type '{(char)type}'"),
    };

    private void ReadSparse(byte type, TarEntry entry, PaxRecords? pax)
    {
        if (type == 'S')
            entry.Sparse = SparseMaps.ReadOldGnu(_block, entry, ReadSparseBlock);
        else if (pax?["GNU.sparse.major"] is { } major && major.AsSpan().SequenceEqual("1"u8))
            entry.Sparse = SparseMaps.ReadInData(ReadDataBlock);
        else if (pax is { SparseMap.Count: > 0 } || pax?["GNU.sparse.numblocks"] is not null)
            entry.Sparse = pax.SparseMap;
        if (entry.Sparse is null)
            return;
        entry.Name = pax?["GNU.sparse.name"] is { Length: > 0 } name ? name : entry.Name;
        entry.Size = pax?.Number("GNU.sparse.realsize") ?? pax?.Number("GNU.sparse.size") ?? entry.Size;
        SparseMaps.Verify(entry, _remaining);
    }

    // The blocks that continue an old GNU map stand before the data and are not counted in the header's size.
    private ReadOnlySpan<byte> ReadSparseBlock()
    {
        if (archive.ReadAtLeast(_block, _block.Length, throwOnEndOfStream: false) < _block.Length)
            throw new InvalidDataException("tar archive is cut short within a sparse map");
        return _block;
    }

    // A version 1.0 map is at the start of the data and counted in it.
    private ReadOnlySpan<byte> ReadDataBlock()
    {
        if (_remaining < _block.Length)
            throw new InvalidDataException("tar archive: sparse map is longer than the data");
        _remaining -= _block.Length;
        return ReadSparseBlock();
    }

    private bool ReadHeader()
    {
        var length = archive.ReadAtLeast(_block, _block.Length, throwOnEndOfStream: false);
        // Two zero blocks end an archive; some writers leave them out, and readers in the field stop at the first.
        if (length == 0)
            return false;
        if (length < _block.Length)
            throw new InvalidDataException("tar archive is cut short within a header");
        if (TarHeader.IsZero(_block))
        {
            Drain();
            return false;
        }
        TarHeader.Verify(_block);
        return true;
    }

    private byte[] ReadHeaderData()
    {
        var size = TarHeader.DataSize(_block);
        if (size > MaxHeaderData)
            throw new InvalidDataException($"tar archive: extended header of {size} bytes");
        SetData(size);
        var data = new byte[size];
        var filled = 0;
        while (filled < data.Length)
            filled += Read(data.AsSpan(filled));
        SkipData();
        return data;
    }

    private void SetData(long size)
    {
        if (size < 0)
            throw new InvalidDataException("tar header: negative size");
        _remaining = size;
        _padding = (int)(-size & (TarHeader.BlockSize - 1));
    }

    private void SkipData()
    {
        Span<byte> waste = stackalloc byte[4096];
        while (_remaining > 0)
            Read(waste);
        // It says nothing, and docker's client leaves it out behind the last file of a classic build's context.
        if (_padding > 0)
            archive.ReadAtLeast(waste[.._padding], _padding, throwOnEndOfStream: false);
        _padding = 0;
    }

    // What stands behind the end is part of the bytes that a layer's diff ID is made from.
    private void Drain()
    {
        Span<byte> waste = stackalloc byte[4096];
        while (archive.Read(waste) > 0)
        {
        }
    }
}
