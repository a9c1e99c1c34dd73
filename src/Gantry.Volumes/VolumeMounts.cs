using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Mounts;

namespace Gantry.Volumes;

/// <summary>
/// What of the volumes is mounted: one with a device is mounted on its folder for its first user and unmounted after its last, and cannot be removed meanwhile.
/// What is mounted the kernel knows;
/// who uses it is told again after a restart (<see cref="Adopt"/>), and what nobody uses then is unmounted (<see cref="UnmountUnused"/>). Safe for use by
/// several threads; a mount that
/// does not come about (a server that is down) holds up those who want the same volume, and nobody else.
/// </summary>
/// <param name="volumes">The volumes.</param>
/// <param name="copyTree">Copies the content and attributes of one directory to another, empty one.</param>
public sealed class VolumeMounts(VolumeStore volumes, Action<Fd, Fd> copyTree)
{
    private readonly VolumeFiller _filler = new(copyTree);
    private readonly Dictionary<string, MountedVolume> _mounted = [];
    private readonly Lock _gate = new();

    /// <summary>Begins to use a volume.</summary>
    /// <param name="name">The volume.</param>
    /// <returns>Its folder, as long as this is not disposed.</returns>
    /// <exception cref="GantryException">There is no such volume, or it cannot be mounted.</exception>
    public VolumeUse Open(string name)
    {
        var volume = volumes.Get(name);
        if (!volume.IsMounted)
            return new VolumeUse(OpenFolder(volume), null);
        var hold = volumes.Hold(name);
        try
        {
            var mounted = Of(volume);
            lock (mounted)
            {
                if (mounted.Users == 0 && !IsMountPoint(volume))
                {
                    LocalMount.Make(volume);
                    VolumeFiller.UndoInterrupted(volume);
                }
                mounted.Users++;
            }
            return Use(mounted, hold);
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }

    /// <summary>Takes over the use of a volume by a container that an earlier daemon started; it is mounted if it still was.</summary>
    /// <returns>Null when there is nothing to give back.</returns>
    public VolumeUse? Adopt(string name)
    {
        if (volumes.Find(name) is not { IsMounted: true } volume || !IsMountPoint(volume))
            return null;
        var mounted = Of(volume);
        var hold = volumes.Hold(name);
        lock (mounted)
            mounted.Users++;
        return Use(mounted, hold);
    }

    /// <summary>Unmounts what an earlier daemon mounted and nobody uses any more. To be called when all uses have been adopted.</summary>
    public void UnmountUnused()
    {
        foreach (var volume in volumes.List(Oci.Filters.ObjectFilters.None).Where(static volume => volume.IsMounted))
        {
            var mounted = Of(volume);
            lock (mounted)
            {
                if (mounted.Users == 0)
                    Unmount(volume.Mountpoint);
            }
        }
    }

    /// <summary>
    /// Fills an empty volume with what the image has where it will be mounted, as docker does for the first container of a volume. A tmpfs is not: what is put
    /// there now would be gone when the
    /// container starts.
    /// </summary>
    /// <param name="name">The volume.</param>
    /// <param name="imageRoot">The root of the image's files.</param>
    /// <param name="path">The absolute path in the container; symbolic links in it stay within the image.</param>
    /// <param name="sync">Whether the volume outlives a power cut; false for one that goes with its container.</param>
    /// <returns>Whether it was filled.</returns>
    /// <exception cref="GantryException">The volume cannot be mounted, or the image has a file there.</exception>
    public bool Fill(string name, Fd imageRoot, string path, bool sync)
    {
        var volume = volumes.Get(name);
        using var source = VolumeFiller.OpenSource(imageRoot, path);
        if (source is null || volume.Local.Type is "tmpfs")
            return false;
        using var use = Open(name);
        return _filler.Fill(volume, source, use.Folder, sync);
    }

    /// <summary>Has an empty volume filled.</summary>
    /// <param name="name">The volume.</param>
    /// <param name="fill">Is given its folder. When it fails, or this process dies meanwhile, the volume is emptied.</param>
    /// <exception cref="GantryException">There is no such volume, it cannot be mounted, or something is in it (Conflict).</exception>
    public async Task FillAsync(string name, Func<Fd, Task> fill)
    {
        var volume = volumes.Get(name);
        using var hold = volumes.Hold(name);
        using var use = Open(name);
        using var target = FileOpener.Open(use.Folder, "."u8, OpenFlags.ReadOnly | OpenFlags.Directory);
        await _filler.FillAsync(volume, target, () => fill(target));
    }

    private MountedVolume Of(Volume volume)
    {
        lock (_gate)
        {
            if (!_mounted.TryGetValue(volume.Name, out var mounted) || mounted.Mountpoint != volume.Mountpoint)
                _mounted[volume.Name] = mounted = new MountedVolume(volume.Mountpoint);
            return mounted;
        }
    }

    private static VolumeUse Use(MountedVolume mounted, VolumeHold hold)
    {
        // Not the folder that is mounted on, which other descriptors may be open on, but what is there now.
        return new VolumeUse(
            FileOpener.Open(mounted.Mountpoint, OpenFlags.Path | OpenFlags.Directory | OpenFlags.NoFollow),
            () =>
            {
                lock (mounted)
                {
                    if (--mounted.Users == 0)
                        Unmount(mounted.Mountpoint);
                }
                hold.Dispose();
            });
    }

    /// <summary>All that is mounted there: somebody may have mounted one over the other. Who still is inside keeps what is there until he leaves.</summary>
    internal static void Unmount(string mountpoint)
    {
        while (HostMount.TryUnmount(mountpoint, detach: true).Value == 0)
        {
        }
    }

    private static bool IsMountPoint(Volume volume) => MountTable.Read().Any(mount => mount.MountPoint == volume.Mountpoint);

    private static Fd OpenFolder(Volume volume) =>
        FileOpener.Open(volume.Mountpoint, OpenFlags.Path | OpenFlags.Directory | OpenFlags.NoFollow);

    private sealed class MountedVolume(string mountpoint)
    {
        public string Mountpoint { get; } = mountpoint;

        public int Users { get; set; }
    }
}

/// <summary>The use of a volume: while it is not disposed, the volume is mounted.</summary>
public sealed class VolumeUse : IDisposable
{
    private Action? _release;

    internal VolumeUse(Fd folder, Action? release)
    {
        Folder = folder;
        _release = release;
        IsMounted = release is not null;
    }

    /// <summary>The volume's root folder (O_PATH); this object's own.</summary>
    public Fd Folder { get; }

    /// <summary>Whether something is unmounted after the last use: then a user has to keep this object as long as it uses the volume.</summary>
    public bool IsMounted { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Folder.Dispose();
        Interlocked.Exchange(ref _release, null)?.Invoke();
    }
}
