using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os.Files;
using Gantry.Storage.Archives;
using Gantry.Storage.Content;

namespace Gantry.Images.Load;

/// <summary>
/// Reads an image archive from its first byte to its last, without seeking: what tells the meaning of its files stands at the end, so
/// each file becomes a blob as it comes by. Memory is bounded whatever the archive holds.
/// </summary>
internal sealed class ArchiveReceiver(ContentStore content, ContentLease lease)
{
    // Docker writes about five entries a layer.
    private const int MaxEntries = 1 << 16;
    private const int BufferSize = 1 << 18;
    private readonly byte[] _buffer = new byte[BufferSize];
    private readonly ReceivedArchive _received = new();

    internal ReceivedArchive Receive(Stream archive, CancellationToken cancellation)
    {
        var reader = new TarReader(archive);
        try
        {
            var entries = 0;
            while (reader.Next() is { } entry)
            {
                cancellation.ThrowIfCancellationRequested();
                if (++entries > MaxEntries)
                    throw GantryException.Invalid($"image archive: more than {MaxEntries} entries");
                Take(reader, entry);
            }
        }
        catch (InvalidDataException e)
        {
            throw GantryException.Invalid($"image archive: {e.Message}", e);
        }
        return _received;
    }

    private void Take(TarReader reader, TarEntry entry)
    {
        var path = ArchivePath.Normalize(entry.Name);
        switch (entry.Kind)
        {
            case TarEntryKind.Directory:
                return;
            case TarEntryKind.SymbolicLink:
                _received.Links[path] = ArchivePath.ResolveLink(path, entry.LinkName);
                return;
            case TarEntryKind.HardLink:
                _received.Links[path] = ArchivePath.Normalize(entry.LinkName);
                return;
            case TarEntryKind.File when entry.Sparse is null:
                TakeFile(reader, path, entry.Size);
                return;
            default:
                throw GantryException.Invalid($"image archive entry {path}: neither a file, a folder nor a link");
        }
    }

    private void TakeFile(TarReader reader, string path, long size)
    {
        if (path is "manifest.json" or "index.json" or "oci-layout")
            _received.Documents[path] = ReadDocument(reader, path, size);
        else if (!IsLegacy(path))
            _received.Files[path] = Store(reader, path, size);
    }

    /// <summary>What only engines before the image's configuration had a digest (docker 1.9) have use for.</summary>
    private static bool IsLegacy(string path) =>
        path == "repositories" || path.EndsWith("/VERSION", StringComparison.Ordinal) || path.EndsWith("/json", StringComparison.Ordinal);

    private static byte[] ReadDocument(TarReader reader, string path, long size)
    {
        if (size > ImageDocument.MaxLength)
            throw GantryException.Invalid($"image archive: {path} has {size} bytes, more than the {ImageDocument.MaxLength} allowed");
        var bytes = new byte[size];
        for (var filled = 0; filled < bytes.Length;)
            filled += reader.Read(bytes.AsSpan(filled));
        return bytes;
    }

    private ReceivedFile Store(TarReader reader, string path, long size)
    {
        var expected = ExpectedDigest(path);
        // Content is its digest: what is here already need not be compared with what the archive has under that name.
        if (!expected.IsEmpty && lease.TryHold(expected) && content.SizeOf(expected) == size)
        {
            _received.Known.Add(expected);
            return new ReceivedFile(expected, size);
        }
        using var writer = lease.CreateWriter(expected, size);
        while (reader.Remaining > 0)
            writer.Write(_buffer.AsSpan(0, reader.Read(_buffer)));
        return new ReceivedFile(writer.Commit(), size);
    }

    private static Digest ExpectedDigest(string path)
    {
        var parts = path.Split('/');
        if (parts is not ["blobs", var algorithm, var hex])
            return default;
        return Digest.TryParse($"{algorithm}:{hex}", out var digest)
            ? digest
            : throw GantryException.Invalid($"image archive entry {path}: the name is no digest");
    }
}
