using Gantry.Engine.Containers;
using Gantry.Engine.Spec;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Archives;
using Gantry.Storage.Compression;
using Gantry.Storage.Copies;
using Gantry.Storage.Snapshots;

namespace Gantry.Engine.Filesystem;

/// <summary>What is known of one path in a container.</summary>
/// <param name="Name">Its last component as it was asked for; <c>/</c> for the root.</param>
/// <param name="Status">What it is; a link is itself, unless the path ends with a slash.</param>
/// <param name="LinkTarget">Where a link leads, as a path in the container; else empty.</param>
public sealed record ContainerPath(string Name, FileStatus Status, string LinkTarget);

/// <summary>Files into and out of containers, running or not: <c>docker cp</c>.</summary>
public sealed class ContainerArchiver
{
    private const int BufferSize = 1 << 18;
    private readonly ISnapshotter _snapshots;
    private readonly string _mountPoint;
    private readonly ContainerEvents _events;

    internal ContainerArchiver(ISnapshotter snapshots, string mountPoint, ContainerEvents events)
    {
        _snapshots = snapshots;
        _mountPoint = mountPoint;
        _events = events;
    }

    /// <summary>Tells what is at a path.</summary>
    /// <param name="container">The container.</param>
    /// <param name="asked">The container as the user named it, for messages.</param>
    /// <param name="path">A path; one that does not begin with a slash starts at the root all the same.</param>
    /// <param name="cancellation">Ends the wait for the container.</param>
    /// <exception cref="GantryException">There is nothing (NotFound).</exception>
    public async Task<ContainerPath> StatAsync(Container container, string asked, string path, CancellationToken cancellation)
    {
        using var view = await ContainerView.OpenAsync(container, _snapshots, _mountPoint, forWriting: false, cancellation);
        return Describe(view, Place.Of(path), path, asked);
    }

    /// <summary>Writes an archive of what is at a path, under its last component's name. Links are not followed.</summary>
    /// <param name="container">The container.</param>
    /// <param name="asked">The container as the user named it, for messages.</param>
    /// <param name="path">A path; with a slash at its end a link is followed.</param>
    /// <param name="open">Told what it is; gives where the archive goes. Not called when there is nothing.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="GantryException">There is nothing (NotFound).</exception>
    public async Task ReadAsync(Container container, string asked, string path, Func<ContainerPath, Stream> open, CancellationToken cancellation)
    {
        using var view = await ContainerView.OpenAsync(container, _snapshots, _mountPoint, forWriting: false, cancellation);
        var place = Place.Of(path);
        var what = Describe(view, place, path, asked);
        var output = open(what);
        await BlockingStream.RunAsync(() =>
        {
            using var buffered = new BufferedStream(new BlockingStream(output, cancellation), BufferSize);
            Pack(view, place, path, asked, buffered, cancellation);
            buffered.Flush();
            return true;
        });
        _events.Publish(container, "archive-path");
    }

    /// <summary>Unpacks an archive into a directory of a container.</summary>
    /// <param name="container">The container.</param>
    /// <param name="asked">The container as the user named it, for messages.</param>
    /// <param name="path">The directory; links are followed.</param>
    /// <param name="archive">The archive, plain or compressed.</param>
    /// <param name="keepKinds">Whether a directory and something else may not replace each other.</param>
    /// <param name="toContainerUser">Whether everything is to belong to the container's user, if it has one.</param>
    /// <param name="cancellation">Stops it; what was unpacked stays.</param>
    /// <exception cref="GantryException">There is no such directory (NotFound), or it cannot be written to (InvalidArgument).</exception>
    public async Task WriteAsync(
        Container container, string asked, string path, Stream archive, bool keepKinds, bool toContainerUser, CancellationToken cancellation)
    {
        // 1. The directory, and whether it may be written to.
        using var view = await ContainerView.OpenAsync(container, _snapshots, _mountPoint, forWriting: true, cancellation);
        var resolved = RootPath.Resolve(view.Root, path);
        using (var place = RootPath.Find(view.Root, resolved) ?? throw NotFound(path, asked))
        {
            if (!FileStatusReader.Read(place).IsDirectory)
                throw GantryException.Invalid("extraction point is not a directory");
        }
        CheckWritable(container, resolved);

        // 2. Whose the files are to be.
        var options = new CopyOptions { KeepKinds = keepKinds, Owner = toContainerUser ? OwnerIn(container, view.Root) : null };

        // 3. Entry by entry.
        await BlockingStream.RunAsync(() =>
        {
            using var blocking = new BlockingStream(archive, cancellation);
            var (plain, _) = Decompression.OpenAsync(blocking, cancellation).GetAwaiter().GetResult();
            using (plain)
                CopyWriter.Unpack(view.Root, resolved, plain, options, cancellation);
            return true;
        });
        _events.Publish(container, "extract-to-dir");
    }

    private static ContainerPath Describe(ContainerView view, Place place, string path, string asked)
    {
        using var found = RootPath.Find(view.Root, place.Path, place.Flags) ?? throw NotFound(path, asked);
        var status = FileStatusReader.Read(found);
        return new ContainerPath(place.Name, status, status.IsSymbolicLink ? RootPath.Resolve(view.Root, place.Path) : "");
    }

    private static void Pack(ContainerView view, Place place, string path, string asked, Stream output, CancellationToken cancellation)
    {
        using var found = RootPath.Find(view.Root, place.Path, place.Flags) ?? throw NotFound(path, asked);
        if (FileStatusReader.Read(found).IsDirectory)
        {
            CopyReader.WriteDirectory(found, place.Name, output, cancellation);
            return;
        }
        using var parent = RootPath.Find(view.Root, place.Parent, OpenFlags.Directory) ?? throw NotFound(path, asked);
        CopyReader.WriteFile(parent, KernelPath.FromText(place.Name), place.Name, output);
    }

    private static void CheckWritable(Container container, string resolved)
    {
        var mount = container.Mounts.Where(mount => mount.Type is not "tmpfs" && IsBelow(resolved, mount.Destination)).MaxBy(mount => mount.Destination.Length);
        if (mount is { ReadOnly: true })
            throw GantryException.Invalid("mounted volume is marked read-only");
        if (mount is null && container.HostConfig.ReadonlyRootfs)
            throw GantryException.Invalid("container rootfs is marked read-only");
    }

    private static bool IsBelow(string path, string directory) => path == directory || path.StartsWith(directory + "/", StringComparison.Ordinal);

    private static (uint User, uint Group)? OwnerIn(Container container, Fd root)
    {
        if (container.Config.User.Length == 0)
            return null;
        var user = new UserLookup(new RootFiles(root).ReadText).Resolve(container.Config.User, null);
        return (user.Uid, user.Gid);
    }

    private static GantryException NotFound(string path, string asked) => GantryException.NotFound($"Could not find the file {path} in container {asked}");

    /// <summary>A path as docker reads it: made clean by its text alone, but for a slash or <c>/.</c> at its end, which follow a link.</summary>
    private sealed record Place(string Path, string Parent, string Name, OpenFlags Flags)
    {
        public static Place Of(string text)
        {
            var clean = System.IO.Path.GetFullPath("/" + text).TrimEnd('/');
            if (clean.Length == 0)
                return new Place("/", "/", "/", OpenFlags.Directory);
            var slash = clean.LastIndexOf('/');
            var (parent, name) = (slash == 0 ? "/" : clean[..slash], clean[(slash + 1)..]);
            var endsWithDot = text.EndsWith("/.", StringComparison.Ordinal);
            return new Place(clean, parent, endsWithDot ? "." : name, endsWithDot || text.EndsWith('/') ? OpenFlags.Directory : OpenFlags.NoFollow);
        }
    }
}
