using Gantry.Os.Files;

namespace Gantry.Storage.Archives;

/// <summary>The kind of an entry: the type flag of its header (pax(1), "ustar Interchange Format").</summary>
public enum TarEntryKind
{
    /// <summary>A regular file.</summary>
    File = '0',

    /// <summary>Another name of an earlier entry.</summary>
    HardLink = '1',

    /// <summary>A symbolic link.</summary>
    SymbolicLink = '2',

    /// <summary>A character device.</summary>
    CharacterDevice = '3',

    /// <summary>A block device.</summary>
    BlockDevice = '4',

    /// <summary>A directory.</summary>
    Directory = '5',

    /// <summary>A FIFO.</summary>
    Fifo = '6',
}

/// <summary>An extended attribute.</summary>
/// <param name="Name">Its name with the class, e.g. <c>security.capability</c>.</param>
/// <param name="Value">Its value.</param>
public readonly record struct TarAttribute(byte[] Name, byte[] Value);

/// <summary>A stretch of data in a sparse file; everything else is a hole.</summary>
/// <param name="Offset">Where it is in the file.</param>
/// <param name="Length">How many bytes.</param>
public readonly record struct SparseExtent(long Offset, long Length);

/// <summary>An entry of a tar archive: everything but the data. Names are bytes, as they are on disk.</summary>
public sealed class TarEntry
{
    /// <summary>The name as the archive has it, without trailing slashes' meaning removed.</summary>
    public byte[] Name { get; set; } = [];

    /// <summary>Target of a symbolic or hard link.</summary>
    public byte[] LinkName { get; set; } = [];

    /// <summary>What it is.</summary>
    public TarEntryKind Kind { get; set; } = TarEntryKind.File;

    /// <summary>Permission bits (07777).</summary>
    public uint Permissions { get; set; }

    /// <summary>Owner.</summary>
    public uint UserId { get; set; }

    /// <summary>Group.</summary>
    public uint GroupId { get; set; }

    /// <summary>Size of the file in bytes, holes included; 0 for all that is no file.</summary>
    public long Size { get; set; }

    /// <summary>Time of the last change.</summary>
    public FileTime Modified { get; set; }

    /// <summary>The device of a device node.</summary>
    public DeviceNumber Device { get; set; }

    /// <summary>Extended attributes.</summary>
    public List<TarAttribute> Attributes { get; } = [];

    /// <summary>The data of a sparse file, in order; null: the file is all data.</summary>
    public IReadOnlyList<SparseExtent>? Sparse { get; set; }

    /// <summary>The name for messages.</summary>
    public string DisplayName => KernelPath.ToText(Name);
}
