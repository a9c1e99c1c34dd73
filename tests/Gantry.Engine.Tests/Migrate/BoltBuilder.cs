using System.Buffers.Binary;
using System.Text;

namespace Gantry.Engine.Tests.Migrate;

/// <summary>Databases of bbolt, made by hand.</summary>
public static class BoltBuilder
{
    public const int PageSize = 4096;
    private const int HeaderSize = 16;

    /// <summary>A database with one bucket.</summary>
    /// <param name="bucket">Its name.</param>
    /// <param name="inline">Whether its page is within the value, as with a small one.</param>
    /// <param name="items">What is in it; of one that is not inline each is on a page of its own, below a branch.</param>
    public static byte[] Build(string bucket, bool inline, params (string Key, byte[] Value)[] items)
    {
        var pages = new List<byte[]> { new byte[PageSize], new byte[PageSize], new byte[PageSize], new byte[PageSize] };
        byte[] value;
        if (inline)
        {
            value = [.. new byte[HeaderSize], .. Leaf(0, [.. items.Select(item => (Encoding.UTF8.GetBytes(item.Key), item.Value, 0u))])];
        }
        else
        {
            foreach (var (key, content) in items)
                pages.Add(Padded(Leaf((ulong)pages.Count, [(Encoding.UTF8.GetBytes(key), content, 0u)])));
            value = new byte[HeaderSize];
            BinaryPrimitives.WriteUInt64LittleEndian(value, (ulong)pages.Count);
            pages.Add(Padded(Branch((ulong)pages.Count, [.. items.Select((item, i) => (Encoding.UTF8.GetBytes(item.Key), (ulong)(4 + i)))])));
        }
        pages[3] = Padded(Leaf(3, [(Encoding.UTF8.GetBytes(bucket), value, 1u)]));
        // The older of the two roots leads nowhere.
        Meta(pages[0], 0, root: 1000, transaction: 6);
        Meta(pages[1], 1, root: 3, transaction: 7);
        return [.. pages.SelectMany(page => page)];
    }

    private static void Meta(byte[] page, ulong id, ulong root, ulong transaction)
    {
        Header(page, id, 4, 0);
        var meta = page.AsSpan(HeaderSize, 64);
        BinaryPrimitives.WriteUInt32LittleEndian(meta, 0xED0CDAED);
        BinaryPrimitives.WriteUInt32LittleEndian(meta[4..], 2);
        BinaryPrimitives.WriteUInt32LittleEndian(meta[8..], PageSize);
        BinaryPrimitives.WriteUInt64LittleEndian(meta[16..], root);
        BinaryPrimitives.WriteUInt64LittleEndian(meta[48..], transaction);
        var hash = 0xcbf29ce484222325;
        foreach (var one in meta[..56])
            hash = (hash ^ one) * 0x100000001b3;
        BinaryPrimitives.WriteUInt64LittleEndian(meta[56..], hash);
    }

    private static byte[] Leaf(ulong id, (byte[] Key, byte[] Value, uint Flags)[] items)
    {
        var page = new byte[HeaderSize + 16 * items.Length + items.Sum(item => item.Key.Length + item.Value.Length)];
        Header(page, id, 2, items.Length);
        var at = HeaderSize + 16 * items.Length;
        for (var i = 0; i < items.Length; i++)
        {
            var (start, (key, value, flags)) = (HeaderSize + 16 * i, items[i]);
            BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(start), flags);
            BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(start + 4), (uint)(at - start));
            BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(start + 8), (uint)key.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(start + 12), (uint)value.Length);
            key.CopyTo(page, at);
            value.CopyTo(page, at + key.Length);
            at += key.Length + value.Length;
        }
        return page;
    }

    private static byte[] Branch(ulong id, (byte[] Key, ulong Page)[] items)
    {
        var page = new byte[HeaderSize + 16 * items.Length + items.Sum(item => item.Key.Length)];
        Header(page, id, 1, items.Length);
        for (var i = 0; i < items.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(HeaderSize + 16 * i + 8), items[i].Page);
        return page;
    }

    private static void Header(byte[] page, ulong id, ushort kind, int count)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(page, id);
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(8), kind);
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(10), (ushort)count);
    }

    private static byte[] Padded(byte[] page) => [.. page, .. new byte[PageSize - page.Length]];
}
