using System.Text.Json;
using Gantry.Oci;
using Gantry.Os.Files;

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
                DirectoryTree.Remove(folder);
            else if (VolumeName.IsValid(name) && Directory.Exists(Path.Combine(folder, DataName)))
            {
                var volume = Read(name);
                VolumeFiller.UndoInterrupted(volume);
                volumes.Add(volume);
            }
        }
        return volumes;
    }

    internal Volume Create(string name, VolumeDocument document, LocalOptions options, bool sync)
    {
        var temporary = Temporary("new");
        try
        {
            MakeFolder(temporary, Passable);
            MakeFolder(Path.Combine(temporary, DataName), Readable);
            AtomicFile.Write(Path.Combine(temporary, DocumentName), JsonSerializer.SerializeToUtf8Bytes(document, VolumeJson.Default.VolumeDocument), sync);
            FileNodes.Rename(null, KernelPath.FromText(temporary), null, KernelPath.FromText(Path.Combine(path, name)), replace: false);
        }
        catch
        {
            DirectoryTree.Remove(temporary);
            throw;
        }
        if (sync)
            AtomicFile.SyncFolder(path);
        return Describe(name, document, options);
    }

    /// <summary>Takes the volume out of sight; <see cref="DeleteRemoved"/> of the result deletes it.</summary>
    internal string Remove(string name, bool sync)
    {
        var removed = Temporary("removed");
        FileNodes.Rename(null, KernelPath.FromText(Path.Combine(path, name)), null, KernelPath.FromText(removed), replace: false);
        if (sync)
            AtomicFile.SyncFolder(path);
        return removed;
    }

    internal static void DeleteRemoved(string removed) => DirectoryTree.Remove(removed);

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
            Source = options.Device ?? data,
            ReadOnly = options.ReadOnly,
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
