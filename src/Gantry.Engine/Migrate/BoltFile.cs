using System.Buffers.Binary;

namespace Gantry.Engine.Migrate;

/// <summary>
/// Reads a database of bbolt (go.etcd.io/bbolt, page.go, bucket.go, node.go), the file in which Docker keeps the list of its volumes and networks: pages of a
/// B+ tree that are never
/// changed in place, and two pages that in turn name its root.
/// </summary>
/// <param name="file">The whole file.</param>
internal sealed class BoltFile(ReadOnlyMemory<byte> file)
{
    private const uint Magic = 0xED0CDAED;
    private const int HeaderSize = 16;
    private const int ElementSize = 16;
    private const int MetaSize = 64;
    private const int MinPageSize = 512;
    private const int MaxPageSize = 1 << 16;
    private const int MaxDepth = 32;
    private const ushort BranchPage = 1;
    private const ushort LeafPage = 2;
    private const uint IsBucket = 1;

    /// <summary>The keys and values of a bucket of the first level; none when it does not exist.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public IReadOnlyList<(byte[] Key, byte[] Value)> ReadBucket(ReadOnlySpan<byte> name)
    {
        try
        {
            var (pageSize, root) = FindRoot();
            var reading = new Reading(file, pageSize);
            reading.Walk(root, 0);
            foreach (var (key, value, isBucket) in reading.Found)
            {
                if (!isBucket || !key.Span.SequenceEqual(name))
                    continue;
                var bucket = new Reading(file, pageSize);
                // A small bucket has its only page within its value.
                if (BinaryPrimitives.ReadUInt64LittleEndian(value.Span) is > 0 and var page)
                    bucket.Walk(page, 0);
                else
                    bucket.WalkPage(value[HeaderSize..], 0);
                return [.. bucket.Found.Where(static item => !item.IsBucket).Select(static item => (item.Key.ToArray(), item.Value.ToArray()))];
            }
            return [];
        }
        catch (ArgumentOutOfRangeException error)
        {
            throw new InvalidDataException("the database is cut short or damaged", error);
        }
    }

    private (int PageSize, ulong Root) FindRoot()
    {
        (ulong Transaction, int PageSize, ulong Root)? newest = null;
        // The second page is at a place that the first one tells; when that one is torn, the usual sizes are tried.
        foreach (var at in new[] { 0 }.Concat(PageSizes()))
        {
            if (file.Length < at + HeaderSize + MetaSize)
                continue;
            var meta = file.Span.Slice(at + HeaderSize, MetaSize);
            var pageSize = BinaryPrimitives.ReadUInt32LittleEndian(meta[8..]);
            if (BinaryPrimitives.ReadUInt32LittleEndian(meta) != Magic || pageSize is < MinPageSize or > MaxPageSize || !HasChecksum(meta))
                continue;
            var transaction = BinaryPrimitives.ReadUInt64LittleEndian(meta[48..]);
            if (newest is not { } known || transaction > known.Transaction)
                newest = (transaction, (int)pageSize, BinaryPrimitives.ReadUInt64LittleEndian(meta[16..]));
        }
        return newest is { } found ? (found.PageSize, found.Root) : throw new InvalidDataException("the file is no database of bbolt");
    }

    private static IEnumerable<int> PageSizes()
    {
        for (var size = MinPageSize; size <= MaxPageSize; size *= 2)
            yield return size;
    }

    /// <summary>FNV-1a, 64 bits, of all before it.</summary>
    private static bool HasChecksum(ReadOnlySpan<byte> meta)
    {
        const int length = MetaSize - sizeof(ulong);
        var hash = 0xcbf29ce484222325;
        foreach (var one in meta[..length])
            hash = (hash ^ one) * 0x100000001b3;
        return hash == BinaryPrimitives.ReadUInt64LittleEndian(meta[length..]);
    }

    /// <summary>What was found below a page.</summary>
    private sealed class Reading(ReadOnlyMemory<byte> file, int pageSize)
    {
        private readonly int _mostPages = file.Length / pageSize;
        private int _pages;

        public List<(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value, bool IsBucket)> Found { get; } = [];

        public void Walk(ulong page, int depth)
        {
            // Each page has one parent: more than there are means that they go in a circle.
            if (page >= (ulong)_mostPages || depth > MaxDepth || ++_pages > _mostPages)
                throw new InvalidDataException("the database is damaged");
            WalkPage(file[(int)((long)page * pageSize)..], depth);
        }

        public void WalkPage(ReadOnlyMemory<byte> page, int depth)
        {
            var header = page.Span;
            var kind = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]);
            int count = BinaryPrimitives.ReadUInt16LittleEndian(header[10..]);
            for (var i = 0; i < count; i++)
            {
                var element = page[(HeaderSize + i * ElementSize)..];
                if (kind == BranchPage)
                    Walk(BinaryPrimitives.ReadUInt64LittleEndian(element.Span[8..]), depth + 1);
                else if (kind == LeafPage)
                    Found.Add(ReadLeaf(element));
                else
                    throw new InvalidDataException("the database is damaged");
            }
        }

        private static (ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value, bool IsBucket) ReadLeaf(ReadOnlyMemory<byte> element)
        {
            var fields = element.Span;
            var flags = BinaryPrimitives.ReadUInt32LittleEndian(fields);
            var at = Length(fields[4..]);
            var key = element.Slice(at, Length(fields[8..]));
            return (key, element.Slice(at + key.Length, Length(fields[12..])), (flags & IsBucket) != 0);
        }

        private static int Length(ReadOnlySpan<byte> field) =>
            BinaryPrimitives.ReadUInt32LittleEndian(field) is <= int.MaxValue and var length ? (int)length
                : throw new InvalidDataException("the database is damaged");
    }
}
