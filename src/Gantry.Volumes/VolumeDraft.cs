using Gantry.Os.Files;

namespace Gantry.Volumes;

/// <summary>A volume that is being filled. It appears as a whole with <see cref="Publish"/>, or not at all: what a crash leaves of it is deleted.</summary>
public sealed class VolumeDraft : IDisposable
{
    private readonly VolumeFolder _folder;
    private readonly string _temporary;
    private readonly Func<string, Volume> _publish;
    private bool _published;

    internal VolumeDraft(VolumeFolder folder, string temporary, Func<string, Volume> publish)
    {
        _folder = folder;
        _temporary = temporary;
        _publish = publish;
    }

    /// <summary>The folder to fill, empty at first.</summary>
    public string Folder => VolumeFolder.DataOf(_temporary);

    /// <summary>Makes a volume of it, once its files are on the disk.</summary>
    /// <exception cref="Oci.GantryException">Somebody else took the name (Conflict).</exception>
    public Volume Publish()
    {
        _folder.Synchronize();
        var volume = _publish(_temporary);
        _published = true;
        return volume;
    }

    /// <summary>Deletes it, unless it was published.</summary>
    public void Dispose()
    {
        if (!_published)
            DirectoryTree.Remove(_temporary);
    }
}
