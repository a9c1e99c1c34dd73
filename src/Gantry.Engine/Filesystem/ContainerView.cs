using Gantry.Engine.Containers;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Mounts;
using Gantry.Storage.Copies;
using Gantry.Storage.Snapshots;

namespace Gantry.Engine.Filesystem;

/// <summary>
/// The files of a container as its processes see them, volumes and binds included. Of a running one it is what its first process has as its root; of
/// a stopped one a tree of mounts that no namespace shows. A stopped container cannot be started while somebody writes into it.
/// </summary>
internal sealed class ContainerView : IDisposable
{
    private readonly IDisposable? _gate;

    private ContainerView(Fd root, IDisposable? gate)
    {
        Root = root;
        _gate = gate;
    }

    /// <summary>The root, opened with O_PATH. Everything below is to be found by <see cref="RootPath"/>.</summary>
    public Fd Root { get; }

    /// <summary>Opens it.</summary>
    /// <exception cref="Oci.GantryException">A layer of its image is missing (NotFound).</exception>
    /// <exception cref="OsException">Something that is mounted into it cannot be.</exception>
    public static async Task<ContainerView> OpenAsync(
        Container container, ISnapshotter snapshots, string mountPoint, bool forWriting, CancellationToken cancellation)
    {
        var gate = await ContainerGate.EnterAsync(container, cancellation);
        var keepGate = false;
        try
        {
            if (container.State.IsRunning)
                return new ContainerView(ContainerRoot.Open(container), null);
            var mounts = container.Mounts.Where(mount => mount.Type is not "tmpfs").OrderBy(mount => mount.Destination.Count(c => c == '/')).ToList();
            if (!forWriting)
                MakePlaces(container, snapshots, mounts);
            using var root = snapshots.OpenMount(container.Id, readOnly: !forWriting);
            var view = PrivateMounts.Run(() => Assemble(root, mounts, mountPoint));
            keepGate = forWriting;
            return new ContainerView(view, forWriting ? gate : null);
        }
        finally
        {
            if (!keepGate)
                gate.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Root.Dispose();
        _gate?.Dispose();
    }

    /// <summary>A container that was never started has nothing yet to mount its volumes on; what is read through a read-only mount cannot make it.</summary>
    private static void MakePlaces(Container container, ISnapshotter snapshots, List<ContainerMount> mounts)
    {
        using (var root = snapshots.OpenMount(container.Id, readOnly: true))
        {
            if (mounts.TrueForAll(mount => IsThere(root, mount)))
                return;
        }
        using var writable = snapshots.OpenMount(container.Id, readOnly: false);
        foreach (var mount in mounts)
            MakePlace(writable, mount);
    }

    private static bool IsThere(Fd root, ContainerMount mount)
    {
        using var place = RootPath.Find(root, mount.Destination);
        return place is not null;
    }

    private static void MakePlace(Fd root, ContainerMount mount)
    {
        if (!IsThere(root, mount))
            MountPlace.Make(root, mount.Destination, Directory.Exists(mount.Source));
    }

    /// <summary>On a thread with mounts of its own: puts the root somewhere, the volumes into it, and takes a copy of the tree.</summary>
    private static Fd Assemble(Fd root, List<ContainerMount> mounts, string mountPoint)
    {
        DetachedMount.Attach(root, mountPoint);
        using var top = FileOpener.Open(mountPoint, OpenFlags.Path | OpenFlags.Directory);
        foreach (var mount in mounts)
        {
            using var source = DetachedMount.Clone(null, KernelPath.FromText(mount.Source), mount.Recursive);
            if (mount.ReadOnly)
                DetachedMount.SetAttributes(source, MountAttributes.ReadOnly, recursive: true);
            MakePlace(top, mount);
            using var place = RootPath.Find(top, mount.Destination) ?? throw new OsException($"find {mount.Destination} in the container", Errno.ENOENT);
            DetachedMount.Attach(source, place);
        }
        return DetachedMount.Clone(top, [], recursive: true);
    }
}
