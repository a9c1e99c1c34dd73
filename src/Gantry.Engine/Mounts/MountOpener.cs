using Gantry.Engine.Containers;
using Gantry.Engine.Create;
using Gantry.Engine.Spec;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Mounts;
using Gantry.Os.Namespaces;
using Gantry.Storage.Snapshots;
using Gantry.Volumes;

namespace Gantry.Engine.Mounts;

/// <summary>Opens what a container mounts: binds, volumes and images. Volumes with a device are mounted on their folders for it.</summary>
/// <param name="paths">The engine's folders.</param>
/// <param name="volumes">The volumes.</param>
/// <param name="images">The images.</param>
/// <param name="unpacker">Makes sure that an image's layers are there.</param>
/// <param name="namespaces">Knows whose namespaces a container shares.</param>
/// <param name="snapshots">Mounts them.</param>
internal sealed class MountOpener(EnginePaths paths, VolumeMounts volumes, ImageStore images, ImageUnpacker unpacker, SpecNamespaces namespaces,
    ISnapshotter snapshots)
{
    private const string SharedMemory = "/dev/shm";

    /// <summary>Opens all of them, or none.</summary>
    /// <param name="container">The container.</param>
    /// <param name="readText">Reads a file of its root filesystem.</param>
    /// <exception cref="GantryException">One is missing, cannot be mounted, or lies outside of what it is a part of.</exception>
    public async Task<MountSources> OpenAsync(Container container, Func<string, string> readText)
    {
        var sources = new MountSources();
        try
        {
            foreach (var mount in container.Mounts)
            {
                switch (mount.Type)
                {
                    case "bind":
                        sources.Add(mount.Destination, OpenBind(mount, container, readText));
                        break;
                    case "volume":
                        await AddVolumeAsync(mount, sources);
                        break;
                    case "image":
                        sources.Add(mount.Destination, new OpenedSource(await OpenImageAsync(mount)));
                        break;
                }
            }
            if (namespaces.Other(container.HostConfig.IpcMode) is { State.IsRunning: true } other)
                sources.Add(SharedMemory, new OpenedSource(OpenSharedMemory(other)));
            return sources;
        }
        catch
        {
            sources.Dispose();
            throw;
        }
    }

    /// <summary>The shared memory of another container, as it is mounted there.</summary>
    private static Fd OpenSharedMemory(Container other)
    {
        try
        {
            return MountNamespace.Run(other.State.Pid, static () =>
            {
                using var root = FileOpener.Open("/", OpenFlags.Path | OpenFlags.Directory);
                using var place = FileOpener.TryOpenWithin(root, KernelPath.FromText(SharedMemory[1..]), OpenFlags.Path | OpenFlags.Directory,
                    ResolveFlags.Beneath | ResolveFlags.NoSymlinks, 0, out var error)
                    ?? throw new OsException($"open {SharedMemory}", error);
                return DetachedMount.Clone(place, []);
            });
        }
        catch (OsException error)
        {
            throw GantryException.Conflict($"cannot join the ipc namespace of container {other.Name}: {error.Message}");
        }
    }

    private static OpenedSource OpenBind(ContainerMount mount, Container container, Func<string, string> readText)
    {
        Fd source;
        try
        {
            source = DetachedMount.Clone(null, KernelPath.FromText(mount.Source), mount.Recursive);
        }
        catch (OsException e) when (e.Errno == Errno.ENOENT || e.Errno == Errno.ENOTDIR)
        {
            throw GantryException.Invalid($"invalid mount config for type \"bind\": bind source path does not exist: {mount.Source}", e);
        }
        try
        {
            CheckPropagation(mount);
            var map = mount.IdMapping is { } mapping ? BindIdMap.Resolve(mapping, FileStatusReader.Read(source), container, readText) : null;
            return new OpenedSource(source, map);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Mounts spread only from and to a place that spreads them; a mount that would silently not do what was asked for is refused, as docker does.
    /// </summary>
    private static void CheckPropagation(ContainerMount mount)
    {
        if (!MountPropagation.IsShared(mount.Propagation) && !MountPropagation.IsSlave(mount.Propagation))
            return;
        using var opened = FileOpener.Open(mount.Source, OpenFlags.Path);
        var place = Path.GetFullPath(File.ResolveLinkTarget(opened.ProcPath, returnFinalTarget: false)?.FullName ?? mount.Source);
        var below = MountTable.Find(MountTable.Read(), place);
        if (below is null || below.IsShared || (below.IsSlave && !MountPropagation.IsShared(mount.Propagation)))
            return;
        var wanted = MountPropagation.IsShared(mount.Propagation) ? "shared" : "shared or slave";
        throw GantryException.Invalid($"path {mount.Source} is mounted on {below.MountPoint} but it is not a {wanted} mount");
    }

    private async Task AddVolumeAsync(ContainerMount mount, MountSources sources)
    {
        // To mount a filesystem of another machine may take long.
        var use = await Task.Run(() => volumes.Open(mount.Name!));
        sources.Add(use);
        using var part = mount.Subpath is { Length: > 0 } ? OpenPart(use.Folder, mount.Source, mount.Subpath) : use.Folder.Duplicate();
        sources.Add(mount.Destination, new OpenedSource(DetachedMount.Clone(part, [], mount.Recursive)));
    }

    private async Task<Fd> OpenImageAsync(ContainerMount mount)
    {
        var image = images.Resolve(mount.Image!);
        var layers = await unpacker.EnsureUnpackedAsync(image, CancellationToken.None)
            ?? throw GantryException.Invalid($"image {mount.Name} cannot be mounted: it has no layers");
        var root = snapshots.OpenMount(layers, readOnly: true);
        if (mount.Subpath is not { Length: > 0 })
            return root;
        using (root)
        {
            // A part of a mount that is attached nowhere cannot be bound before Linux 6.15: so it is attached where nobody sees it.
            return PrivateMounts.Run(() =>
            {
                DetachedMount.Attach(root, paths.RootMountPoint);
                using var attached = FileOpener.Open(paths.RootMountPoint, OpenFlags.Path | OpenFlags.Directory);
                using var part = OpenPart(attached, mount.Name!, mount.Subpath);
                return DetachedMount.Clone(part, []);
            });
        }
    }

    /// <summary>A file or folder below another, and nowhere else, whatever links are on the way (openat2(2), RESOLVE_BENEATH).</summary>
    private static Fd OpenPart(Fd folder, string name, string subpath) =>
        FileOpener.TryOpenWithin(folder, KernelPath.FromText(subpath), OpenFlags.Path, ResolveFlags.Beneath | ResolveFlags.NoMagicLinks, 0, out var error)
        ?? throw GantryException.Invalid(error == Errno.EXDEV
            ? $"path concatenation escapes the base directory, base: {name}, subpath: {subpath}"
            : $"cannot access path {name}/{subpath}: lstat {name}/{subpath}: {error.Description}");
}
