using System.Text;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Trees;

namespace Gantry.Storage.Tests;

/// <summary>A fresh folder on the disk (not tmpfs: overlay's attributes are to be the real thing), deleted with whatever is in it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private static readonly string _base = Directory.Exists("/var/tmp") ? "/var/tmp" : System.IO.Path.GetTempPath();

    public TemporaryFolder()
    {
        Path = System.IO.Path.Combine(_base, $"gantry-storage-{Guid.NewGuid():n}");
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public Fd Open(string name)
    {
        Directory.CreateDirectory(this[name]);
        return FileOpener.Open(this[name], OpenFlags.Directory);
    }

    public void Dispose()
    {
        using var parent = FileOpener.Open(_base, OpenFlags.Directory);
        TreeDeleter.Delete(parent, Encoding.UTF8.GetBytes(System.IO.Path.GetFileName(Path)));
    }
}
