using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Archives;
using Gantry.Storage.Trees;

namespace Gantry.Storage.Layers;

/// <summary>Writes what a walk visits as the entries of a layer's archive.</summary>
/// <param name="archive">Where to.</param>
/// <param name="placeholders">What is left out.</param>
/// <param name="top">What the root is called; null: names begin below it.</param>
/// <param name="newest">The latest time that an entry has; null: any.</param>
/// <param name="late">Files whose content is still elsewhere; null: there are none.</param>
internal sealed class LayerPacker(TarWriter archive, MountPlaceholders? placeholders, byte[]? top = null, FileTime? newest = null, LateContents? late = null)
{
    private const int SectorSize = 512;
    private readonly Dictionary<(DeviceNumber, ulong), byte[]> _firstNames = [];
    private readonly byte[] _buffer = new byte[1 << 18];

    /// <summary>Writes one visited file.</summary>
    /// <exception cref="OsException">It cannot be read.</exception>
    internal void Add(TreeChange change)
    {
        if (change.Status is not { } status)
        {
            WriteWhiteout(change.Path, WhiteoutApplier.Prefix, change.Name);
            return;
        }
        // A tar archive cannot hold sockets; they mean nothing without their process.
        if (status.Kind == FileKind.Socket || placeholders?.Covers(change) == true)
            return;
        var file = late?.Find(status);
        var entry = Describe(change, file is null ? status : status with { Modified = file.Modified });
        if (entry.Kind == TarEntryKind.File && status.Size > 0)
            WriteFile(entry, change, file);
        else
            archive.WriteHeader(entry);
        if (change.IsOpaque)
            WriteWhiteout([.. change.Path, (byte)'/'], WhiteoutApplier.Opaque, []);
    }

    internal void Finish() => archive.Finish();

    private TarEntry Describe(TreeChange change, in FileStatus status)
    {
        var path = PathOf(change);
        var entry = new TarEntry
        {
            Name = status.IsDirectory && !path.AsSpan().EndsWith("/"u8) ? [.. path, (byte)'/'] : path,
            Kind = Kind(status),
            Permissions = status.Permissions,
            UserId = status.UserId,
            GroupId = status.GroupId,
            Modified = new FileTime(newest is { } limit ? Math.Min(status.Modified.Seconds, limit.Seconds) : status.Modified.Seconds, 0),
            Device = status.Kind is FileKind.CharacterDevice or FileKind.BlockDevice ? status.Target : default,
        };
        if (status.LinkCount > 1 && !status.IsDirectory && !_firstNames.TryAdd((status.Device, status.Inode), path))
        {
            entry.Kind = TarEntryKind.HardLink;
            entry.LinkName = _firstNames[(status.Device, status.Inode)];
            return entry;
        }
        entry.Size = status.IsRegular ? status.Size : 0;
        if (status.IsSymbolicLink)
            entry.LinkName = FileNodes.TryReadLink(change.Directory, change.Name, out var error)
                ?? throw new OsException($"read link {KernelPath.ToText(change.Path)}", error);
        AddAttributes(entry, change);
        return entry;
    }

    private byte[] PathOf(TreeChange change)
    {
        if (top is null)
            return change.Path.Length == 0 ? "."u8.ToArray() : change.Path;
        return change.Path.Length == 0 ? top : top.AsSpan().EndsWith("/"u8) ? [.. top, .. change.Path] : [.. top, (byte)'/', .. change.Path];
    }

    // Labels of the machine's security modules and of its integrity checks say nothing on another machine.
    private static void AddAttributes(TarEntry entry, TreeChange change)
    {
        foreach (var name in ExtendedAttributes.List(change.Directory, change.Name))
            if (!OverlayMarks.IsOverlayAttribute(name) && !IsLocal(name)
                && ExtendedAttributes.TryGet(change.Directory, change.Name, name, out _) is { } value)
                entry.Attributes.Add(new TarAttribute(name, value));
    }

    private static bool IsLocal(ReadOnlySpan<byte> attribute)
        => attribute.StartsWith("security."u8) && !attribute.SequenceEqual("security.capability"u8);

    private void WriteFile(TarEntry entry, TreeChange change, LateFile? late)
    {
        using var file = late?.TryOpenSource() ?? FileOpener.Open(
            change.Directory, change.Name, OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking);
        archive.WriteHeader(entry);
        // A running container may change the length meanwhile: what was announced is written.
        if (change.Status!.Value.Blocks * SectorSize < entry.Size && entry.Size >= SparseWriter.SmallestHole)
            WriteExtents(file, entry.Size);
        else
            WriteData(file, entry.Size);
        archive.FillData();
    }

    /// <summary>Of a file with holes: what is a hole is not read.</summary>
    private void WriteExtents(Fd file, long size)
    {
        long position = 0;
        for (var start = FileData.NextData(file, 0); start >= 0 && start < size; start = FileData.NextData(file, position))
        {
            archive.WriteZeros(start - position);
            position = Math.Min(size, FileData.NextHole(file, start));
            FileData.Seek(file, start);
            if (!WriteData(file, position - start))
                return;
        }
    }

    /// <returns>False: the file ended before.</returns>
    private bool WriteData(Fd file, long length)
    {
        int count;
        while (length > 0 && (count = FileData.Read(file, _buffer.AsSpan(0, (int)Math.Min(length, _buffer.Length)))) > 0)
        {
            archive.WriteData(_buffer.AsSpan(0, count));
            length -= count;
        }
        return length == 0;
    }

    private void WriteWhiteout(ReadOnlySpan<byte> path, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> name)
    {
        var directory = path[..(path.LastIndexOf((byte)'/') + 1)];
        archive.WriteHeader(new TarEntry { Name = [.. directory, .. prefix, .. name], Permissions = 0x180 /* 0600 */ });
    }

    private static TarEntryKind Kind(in FileStatus status) => status.Kind switch
    {
        FileKind.Directory => TarEntryKind.Directory,
        FileKind.SymbolicLink => TarEntryKind.SymbolicLink,
        FileKind.CharacterDevice => TarEntryKind.CharacterDevice,
        FileKind.BlockDevice => TarEntryKind.BlockDevice,
        FileKind.Fifo => TarEntryKind.Fifo,
        _ => TarEntryKind.File,
    };
}
