using System.Text.Json;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Mounts;

namespace Gantry.Volumes;

/// <summary>
/// The folder <c>volumes</c>: in it one folder a volume, with <c>volume.json</c> and <c>_data</c>. A volume appears and disappears by one
/// rename; what is half made or half removed has a name that begins with a dot, and is deleted at the next start.
/// </summary>
internal sealed class VolumeFolder(string path)
{
    private const string DocumentName = "volume.json";
    private const string DataName = "_data";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Passable = OwnerOnly | UnixFileMode.OtherExecute;
    private const UnixFileMode Readable = Passable | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead;

    /// <summary>Makes the folder and reads the volumes in it; leftovers are deleted.</summary>
    internal List<Volume> Open()
    {
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, Passable);
        var volumes = new List<Volume>();
        foreach (var folder in Directory.EnumerateDirectories(path))
        {
            var name = Path.GetFileName(folder);
            if (name.StartsWith('.'))
                DeleteRemoved(folder);
            else if (VolumeName.IsValid(name) && Directory.Exists(Path.Combine(folder, DataName)))
            {
                var volume = Read(name);
                if (!volume.IsMounted)
                    VolumeFiller.UndoInterrupted(volume);
                volumes.Add(volume);
            }
        }
        return volumes;
    }

    /// <summary>Makes a volume.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="document">What is kept of it.</param>
    /// <param name="options">The options of <paramref name="document"/>.</param>
    /// <param name="sync">Whether it is on the disk when this returns.</param>
    /// <param name="owner">The container that it is being made for, if any.</param>
    internal Volume Create(string name, VolumeDocument document, LocalOptions options, bool sync, string? owner)
    {
        if (options.QuotaBytes > 0)
            VolumeQuota.Check(name, path);
        var temporary = BeginNew();
        try
        {
            if (options.QuotaBytes > 0)
                document.Project = VolumeQuota.Set(DataOf(temporary), options.QuotaBytes);
            if (owner is not null)
                VolumeOwners.Write(temporary, owner);
            return Publish(temporary, name, document, options, sync);
        }
        catch
        {
            DirectoryTree.Remove(temporary);
            if (document.Project != 0)
                VolumeQuota.Clear(path, document.Project);
            throw;
        }
    }

    /// <summary>Makes the folder of a volume that has no name yet; a crash leaves nothing of it.</summary>
    /// <returns>Its path.</returns>
    internal string BeginNew()
    {
        var temporary = Temporary("new");
        MakeFolder(temporary, Passable);
        MakeFolder(DataOf(temporary), Readable);
        return temporary;
    }

    /// <summary>Waits until all that was written to new volumes is on the disk.</summary>
    internal void Synchronize()
    {
        using var folder = FileOpener.Open(path, OpenFlags.ReadOnly | OpenFlags.Directory);
        FileSynchronization.SynchronizeFileSystem(folder);
    }

    /// <summary>Where the files of a volume are.</summary>
    internal static string DataOf(string folder) => Path.Combine(folder, DataName);

    /// <summary>Gives a new folder its name: from then on it is a volume.</summary>
    /// <exception cref="GantryException">Something has that name.</exception>
    internal Volume Publish(string temporary, string name, VolumeDocument document, LocalOptions options, bool sync)
    {
        AtomicFile.Write(Path.Combine(temporary, DocumentName), JsonSerializer.SerializeToUtf8Bytes(document, VolumeJson.Default.VolumeDocument), sync);
        try
        {
            FileNodes.Rename(null, KernelPath.FromText(temporary), null, KernelPath.FromText(Path.Combine(path, name)), replace: false);
        }
        catch (OsException e) when (e.Errno == Errno.EEXIST)
        {
            throw GantryException.Conflict($"create {name}: {Path.Combine(path, name)} exists: choose another name, or move it away", e);
        }
        if (sync)
            AtomicFile.SyncFolder(path);
        return Describe(name, document, options);
    }

    /// <summary>The container that a volume was being made for when the daemon died.</summary>
    internal string? OwnerOf(string name) => VolumeOwners.Read(Path.Combine(path, name));

    /// <summary>The container that the volume was made for exists.</summary>
    internal void Settle(string name) => VolumeOwners.Settle(Path.Combine(path, name));

    /// <summary>Takes the volume out of sight; <see cref="DeleteRemoved"/> of the result deletes it.</summary>
    internal string Remove(string name, bool sync)
    {
        var removed = Temporary("removed");
        FileNodes.Rename(null, KernelPath.FromText(Path.Combine(path, name)), null, KernelPath.FromText(removed), replace: false);
        if (sync)
            AtomicFile.SyncFolder(path);
        return removed;
    }

    /// <summary>
    /// Deletes what is out of sight. What somebody mounted in it is not entered but unmounted: it is not the volume's.
    /// </summary>
    internal static void DeleteRemoved(string removed)
    {
        foreach (var mount in MountTable.Read().Where(mount => mount.MountPoint.StartsWith(removed + "/", StringComparison.Ordinal)).Reverse())
            HostMount.TryUnmount(mount.MountPoint, detach: true);
        DirectoryTree.Remove(removed);
    }

    /// <summary>Gives back a limit.</summary>
    internal void ClearQuota(Volume volume)
    {
        if (volume.Project != 0)
            VolumeQuota.Clear(path, volume.Project);
    }

    internal long Usage(string name) => DirectoryTree.Usage(Path.Combine(path, name, DataName));

    private Volume Read(string name)
    {
        var document = ReadDocument(Path.Combine(path, name));
        return Describe(name, document, LocalOptions.Parse(name, document.Options));
    }

    /// <summary>
    /// The document; when a power cut took it (which can only happen to what was made without a sync), what is known without: the
    /// data is kept, as it may be all that is left.
    /// </summary>
    private static VolumeDocument ReadDocument(string folder)
    {
        var file = Path.Combine(folder, DocumentName);
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), VolumeJson.Default.VolumeDocument) ?? throw new JsonException("the document is null");
        }
        catch (Exception e) when (e is FileNotFoundException or JsonException)
        {
            var anonymous = VolumeName.IsAnonymous(Path.GetFileName(folder));
            return new VolumeDocument
            {
                CreatedAt = Directory.GetLastWriteTimeUtc(folder),
                Labels = anonymous ? new Dictionary<string, string> { [Volume.AnonymousLabel] = "" } : null,
            };
        }
    }

    private Volume Describe(string name, VolumeDocument document, LocalOptions options)
    {
        var data = Path.Combine(path, name, DataName);
        return new Volume
        {
            Name = name,
            CreatedAt = document.CreatedAt,
            Mountpoint = data,
            Local = options,
            Project = document.Project,
            Labels = document.Labels,
            Options = document.Options,
        };
    }

    private string Temporary(string kind) => Path.Combine(path, $".{kind}-{Guid.NewGuid():N}");

    private static void MakeFolder(string folder, UnixFileMode mode)
    {
        FileNodes.MakeDirectory(null, KernelPath.FromText(folder), (uint)OwnerOnly);
        // The mode of mkdir is subject to the umask, which is the user's.
        File.SetUnixFileMode(folder, mode);
    }
}
