namespace Gantry.Storage.Archives;

/// <summary>The maps of sparse files (GNU tar manual, "Storing Sparse Files").</summary>
internal static class SparseMaps
{
    private const int MaxExtents = 1 << 20;

    internal delegate ReadOnlySpan<byte> BlockSource();

    /// <summary>Old GNU form (type S): 4 extents in the header, 21 in each block that follows.</summary>
    /// <exception cref="InvalidDataException">The map is malformed.</exception>
    internal static List<SparseExtent> ReadOldGnu(ReadOnlySpan<byte> header, TarEntry entry, BlockSource next)
    {
        const int extentsInHeader = 4, extentsInBlock = 21;
        var extents = new List<SparseExtent>();
        entry.Size = TarNumber.Parse(header.Slice(483, 12), "real size");
        var more = header[482] != 0;
        AddExtents(header[386..], extentsInHeader, extents);
        while (more)
        {
            var block = next();
            AddExtents(block, extentsInBlock, extents);
            more = block[504] != 0;
        }
        return extents;
    }

    /// <summary>Version 1.0: decimal numbers, a line each, at the start of the data: how many extents, then offset and length of each.</summary>
    /// <exception cref="InvalidDataException">The map is malformed.</exception>
    internal static List<SparseExtent> ReadInData(BlockSource next)
    {
        var lines = new MapLines(next);
        var count = lines.Next();
        if (count is < 0 or > MaxExtents)
            throw new InvalidDataException("tar archive: impossible sparse map");
        var extents = new List<SparseExtent>();
        for (var i = 0; i < count; i++)
            extents.Add(new SparseExtent(lines.Next(), lines.Next()));
        return extents;
    }

    /// <summary>Extents are in order, inside the file, and as long as the data that follows.</summary>
    /// <exception cref="InvalidDataException">They are not.</exception>
    internal static void Verify(TarEntry entry, long dataSize)
    {
        long end = 0, sum = 0;
        foreach (var (offset, length) in entry.Sparse!)
        {
            if (offset < end || length < 0 || length > entry.Size || offset > entry.Size - length)
                throw new InvalidDataException($"tar entry {entry.DisplayName}: impossible sparse map");
            end = offset + length;
            sum += length;
        }
        if (sum != dataSize)
            throw new InvalidDataException($"tar entry {entry.DisplayName}: its sparse map and its data differ in length");
    }

    private static void AddExtents(ReadOnlySpan<byte> fields, int count, List<SparseExtent> extents)
    {
        for (var i = 0; i < count && fields[i * 24] != 0; i++)
            extents.Add(new(TarNumber.Parse(fields.Slice(i * 24, 12), "sparse offset"), TarNumber.Parse(fields.Slice(i * 24 + 12, 12), "sparse length")));
        if (extents.Count > MaxExtents)
            throw new InvalidDataException("tar archive: impossible sparse map");
    }

    private ref struct MapLines(BlockSource next)
    {
        private ReadOnlySpan<byte> _rest = [];

        internal long Next()
        {
            long value = 0;
            while (true)
            {
                if (_rest.IsEmpty)
                    _rest = next();
                var digit = _rest[0];
                _rest = _rest[1..];
                if (digit == '\n')
                    return value;
                if (digit is < (byte)'0' or > (byte)'9' || value > long.MaxValue / 10 - 10)
                    throw new InvalidDataException("tar archive: malformed sparse map");
                value = value * 10 + (digit - '0');
            }
        }
    }
}
