using Gantry.Os.Files;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Storage.Layers;

namespace Gantry.Storage.Snapshots;

/// <summary>
/// Keeps unpacked layers and the writable trees of containers.
/// <para>
/// A snapshot has a <em>key</em> and at most one parent. Its life: <see cref="Prepare"/> makes a writable snapshot that shows its
/// parent's files. To unpack a layer, its archive is applied to the <see cref="LayerTarget"/> of <see cref="OpenTarget"/>, and
/// <see cref="Commit"/> turns the snapshot into a <em>layer</em> under its final name: from then on it does not change and others may
/// have it as their parent. A container's snapshot stays writable: <see cref="OpenMount"/> gives its files as a mount, any number of
/// times, and <see cref="WriteDiff"/> and <see cref="ListChanges"/> tell what it changed. <see cref="Remove"/> ends either.
/// </para>
/// <para>
/// Each step happens or does not: a crash in the middle leaves nothing that is listed. Layers are a cache of image blobs. After the
/// machine went down uncleanly, layers that are not known to be on disk are gone at the next start: before a snapshot is used, its
/// user asks <see cref="Exists"/> for the parent and unpacks it again, under the same name, when it is missing. Writable snapshots are
/// never discarded but by <see cref="Remove"/>; one that was prepared and not used since is not on the disk, and who wants it after a restart
/// makes it known again by <see cref="Restore"/>.
/// </para>
/// <para>
/// Keys are made of letters, digits, <c>.</c>, <c>-</c>, <c>_</c> and <c>:</c> and do not begin with a dot: chain IDs for layers,
/// container IDs for writable ones. All methods may be called from any thread. <c>tests/Gantry.Storage.Tests/Snapshots</c> has the
/// conformance suite that every implementation passes.
/// </para>
/// </summary>
public interface ISnapshotter : IDisposable
{
    /// <summary>The name of the kind, e.g. <c>overlay</c>.</summary>
    string Name { get; }

    /// <summary>The file system below, as docker names it, e.g. <c>extfs</c>.</summary>
    string BackingFileSystem { get; }

    /// <summary>Makes a writable snapshot. Its parent stays from now on; nothing is on the disk before it is opened for the first time.</summary>
    /// <param name="key">Its key, unused so far.</param>
    /// <param name="parent">The key of a layer; null: it is empty.</param>
    /// <param name="forLayer">Whether the archive of a layer will be applied to it: it is placed on the disk for many files.</param>
    /// <exception cref="GantryException">The key is taken or malformed (Conflict, InvalidArgument); no such parent (NotFound).</exception>
    void Prepare(string key, string? parent, bool forLayer = false);

    /// <summary>
    /// Makes a writable snapshot known that an earlier process has prepared and not used: nothing of it is on the disk. Its parent may be missing.
    /// </summary>
    /// <param name="key">Its key.</param>
    /// <param name="parent">What it was prepared on.</param>
    /// <exception cref="GantryException">The key is taken or malformed (Conflict, InvalidArgument).</exception>
    void Restore(string key, string? parent);

    /// <summary>Where the archive of a layer is applied to a writable snapshot.</summary>
    /// <exception cref="GantryException">No writable snapshot has the key.</exception>
    LayerTarget OpenTarget(string key);

    /// <summary>Turns the writable snapshot <paramref name="key"/>, which nobody uses any more, into the layer <paramref name="name"/>.</summary>
    /// <returns>False when the layer exists already (somebody else was faster): the snapshot was then removed.</returns>
    /// <exception cref="GantryException">No writable snapshot has the key.</exception>
    bool Commit(string name, string key);

    /// <summary>Removes a snapshot; its files are deleted in the background. A layer that others are built on is refused.</summary>
    /// <returns>False when it does not exist.</returns>
    /// <exception cref="GantryException">Another snapshot has it as its parent (Conflict).</exception>
    bool Remove(string key);

    /// <summary>Whether the snapshot and everything it is built on are there.</summary>
    bool Exists(string key);

    /// <summary>What is known of a snapshot, or null.</summary>
    SnapshotInformation? Find(string key);

    /// <summary>All snapshots, by key.</summary>
    IReadOnlyList<SnapshotInformation> List();

    /// <summary>
    /// A mount of the snapshot's files, attached nowhere: it lives as long as the descriptor or what it is attached to. A layer can only be
    /// mounted read-only. A writable snapshot has one writable mount at a time.
    /// </summary>
    /// <exception cref="GantryException">The snapshot, or a layer below it, is missing (NotFound); it has too many layers.</exception>
    /// <exception cref="OsException">The kernel refused.</exception>
    Fd OpenMount(string key, bool readOnly);

    /// <summary>What a snapshot changed relative to its parent, by path: <c>docker diff</c>.</summary>
    /// <param name="key">The snapshot.</param>
    /// <param name="placeholders">What does not count.</param>
    /// <exception cref="GantryException">No such snapshot.</exception>
    IReadOnlyList<PathChange> ListChanges(string key, MountPlaceholders? placeholders = null);

    /// <summary>Writes what a snapshot changed as the archive of a layer: with whiteouts, uncompressed, in a fixed order.</summary>
    /// <param name="key">The snapshot.</param>
    /// <param name="output">Where to; left open.</param>
    /// <param name="placeholders">What is left out.</param>
    /// <param name="newest">The latest time that a file has; null: any.</param>
    /// <param name="late">Files whose content is still elsewhere; null: there are none.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="GantryException">No such snapshot.</exception>
    void WriteDiff(
        string key, Stream output, MountPlaceholders? placeholders = null, FileTime? newest = null, LateContents? late = null,
        CancellationToken cancellation = default);

    /// <summary>The space that a snapshot takes by itself, without what it is built on.</summary>
    /// <exception cref="GantryException">No such snapshot.</exception>
    SnapshotUsage MeasureUsage(string key);

    /// <summary>The disk space that a snapshot's folder occupies in bytes: what it frees when it is removed.</summary>
    /// <exception cref="GantryException">No such snapshot.</exception>
    long MeasureDiskSpace(string key);

    /// <summary>
    /// Compares what is on the disk with what is known. While snapshots are made and removed, one that is half made may be told of: what a second
    /// look still finds is true.
    /// </summary>
    IReadOnlyList<SnapshotProblem> Check();

    /// <summary>Throws away what <see cref="Check"/> found and nothing is lost with. A layer that others are built on is to be unpacked again.</summary>
    void Discard(SnapshotProblem problem);

    /// <summary>Waits until the layers committed so far are known to be on disk, and removed ones are deleted: for an orderly end.</summary>
    Task FlushAsync();
}

/// <summary>What is known of a snapshot.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Parent">What it is built on, if anything.</param>
/// <param name="Writable">False for layers.</param>
public sealed record SnapshotInformation(string Key, string? Parent, bool Writable);

/// <summary>The space that a snapshot takes.</summary>
/// <param name="Bytes">Sum of the sizes of its files; a file with several names counts once.</param>
/// <param name="Files">How many files, directories and other nodes.</param>
public readonly record struct SnapshotUsage(long Bytes, long Files);
