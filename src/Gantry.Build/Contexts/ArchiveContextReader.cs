using System.Buffers;
using System.Text;
using Gantry.Oci;
using Gantry.Os.Files;
using Gantry.Storage.Archives;
using Gantry.Storage.Compression;

namespace Gantry.Build.Contexts;

/// <summary>Reads a context that comes as a tar archive, plain or compressed: the classic way of clients.</summary>
/// <param name="store">Where the files' content goes.</param>
public sealed class ArchiveContextReader(FileStore store)
{
    private readonly Dictionary<string, FileSetEntry> _entries = [];

    /// <summary>Reads an archive to its end.</summary>
    /// <param name="archive">The archive; read by a thread of the pool.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="GantryException">It is damaged.</exception>
    public async Task<FileSet> ReadAsync(Stream archive, CancellationToken cancellation)
    {
        var (plain, _) = await Decompression.OpenAsync(new BlockingStream(archive, cancellation), cancellation);
        return await BlockingStream.RunAsync(() => Read(plain, cancellation));
    }

    private FileSet Read(Stream archive, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 17);
        try
        {
            var reader = new TarReader(archive);
            while (reader.Next() is { } entry)
            {
                cancellation.ThrowIfCancellationRequested();
                Take(reader, entry, buffer, cancellation);
            }
            return new FileSet(_entries.Values);
        }
        catch (InvalidDataException error)
        {
            throw GantryException.Invalid($"the build context is no proper tar archive: {error.Message}", error);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Take(TarReader reader, TarEntry entry, byte[] buffer, CancellationToken cancellation)
    {
        var path = CleanPath(entry.Name);
        if (path.Length == 0)
            return;
        var taken = new FileSetEntry
        {
            Path = path,
            Kind = FileKind.Directory,
            Permissions = entry.Permissions,
            Modified = entry.Modified,
        };
        switch (entry.Kind)
        {
            case TarEntryKind.Directory:
                _entries[path] = taken;
                break;
            case TarEntryKind.SymbolicLink:
                _entries[path] = taken with { Kind = FileKind.SymbolicLink, LinkText = Encoding.UTF8.GetString(entry.LinkName) };
                break;
            case TarEntryKind.HardLink:
                var target = CleanPath(entry.LinkName);
                _entries[path] = _entries.TryGetValue(target, out var linked)
                    ? linked with { Path = path }
                    : throw GantryException.Invalid($"the build context has {path} as a link to {target}, which is not before it");
                break;
            case TarEntryKind.File:
                _entries[path] = taken with { Kind = FileKind.Regular, Size = entry.Size, Content = ReadContent(reader, entry, buffer, cancellation) };
                break;
            default:
                // Devices and FIFOs do not belong to a context; docker's own clients leave them out.
                break;
        }
    }

    private Oci.Images.Digest ReadContent(TarReader reader, TarEntry entry, byte[] buffer, CancellationToken cancellation)
    {
        using var writer = store.Create();
        // What is told of a file with holes are its parts with something in them.
        foreach (var (offset, length) in entry.Sparse ?? [new SparseExtent(0, entry.Size)])
        {
            WriteZeros(writer, offset - writer.Length, cancellation);
            for (var rest = length; rest > 0;)
            {
                var count = reader.Read(buffer.AsSpan(0, (int)Math.Min(rest, buffer.Length)));
                if (count == 0)
                    throw new InvalidDataException($"{entry.DisplayName} ends too early");
                writer.Write(buffer.AsSpan(0, count));
                rest -= count;
            }
        }
        WriteZeros(writer, entry.Size - writer.Length, cancellation);
        return writer.Commit();
    }

    private static void WriteZeros(FileStoreWriter writer, long length, CancellationToken cancellation)
    {
        ReadOnlySpan<byte> zeros = new byte[1 << 16];
        for (; length > 0; length -= Math.Min(length, zeros.Length))
        {
            cancellation.ThrowIfCancellationRequested();
            writer.Write(zeros[..(int)Math.Min(length, zeros.Length)]);
        }
    }

    /// <summary>The path without <c>.</c> and <c>..</c>: nothing leaves the root.</summary>
    private static string CleanPath(byte[] name)
    {
        var parts = new List<string>();
        foreach (var part in Encoding.UTF8.GetString(name).Split('/'))
        {
            if (part == ".." && parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else if (part is not ("" or "." or ".."))
                parts.Add(part);
        }
        return string.Join('/', parts);
    }
}
