using Gantry.Oci;

namespace Gantry.Storage.Snapshots;

/// <summary>Finds the snapshotter that works here.</summary>
public static class SnapshotterSelector
{
    /// <summary>Overlay when the kernel and the file system under <paramref name="root"/> can do it, else vfs (copies).</summary>
    /// <param name="root">The folder for all snapshots; each kind has a folder of its own in it.</param>
    /// <param name="name"><c>overlay</c> (or docker's <c>overlay2</c>) or <c>vfs</c> to insist on one; null: the best.</param>
    /// <exception cref="GantryException">The one asked for does not exist, or does not work here.</exception>
    public static ISnapshotter Open(string root, string? name = null) => throw GantryException.NotImplemented("open a snapshotter");
}
