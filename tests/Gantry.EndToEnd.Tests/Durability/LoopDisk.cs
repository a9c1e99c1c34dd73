using System.Globalization;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Durability;

/// <summary>
/// A small ext4 of its own: a file that a loop device makes a disk of. What the kernel has not written to the device is not in the file: a
/// copy of the file is the disk after a power cut.
/// </summary>
internal sealed class LoopDisk : IDisposable
{
    private readonly string _file;
    private readonly string _device;

    /// <param name="file">The file to make.</param>
    /// <param name="folder">Where it is mounted; made.</param>
    /// <param name="mebibytes">Its size.</param>
    /// <param name="inodes">How many files it can hold.</param>
    public LoopDisk(string file, string folder, int mebibytes, int inodes)
    {
        (_file, Folder) = (file, folder);
        Directory.CreateDirectory(folder);
        // Everything initialized now: no thread of the kernel writes to it later.
        Command.Shell($"truncate -s {mebibytes}M {file} && mkfs.ext4 -q -F -m 0 -N {inodes} -J size=4 -E lazy_itable_init=0,lazy_journal_init=0 {file}");
        _device = Command.Shell($"losetup --find --show {file}");
        // Nothing goes to the disk by itself for ten minutes, nor because a rename replaced a file (auto_da_alloc): only what is synced.
        Command.Shell($"mount -o commit=600,noauto_da_alloc {_device} {folder}");
    }

    /// <summary>Where it is mounted.</summary>
    public string Folder { get; }

    /// <summary>Copies what is on the disk, not what is in the page cache; null when that has not changed since <paramref name="version"/>.</summary>
    /// <param name="target">The file to make.</param>
    /// <param name="version">What the last copy gave; empty at first.</param>
    public string? CopyIfChanged(string target, string version)
    {
        while (true)
        {
            var before = Writes();
            if (before.InFlight == 0 && before.Count == version)
                return null;
            if (before.InFlight == 0)
            {
                Command.Shell($"cp --sparse=always {_file} {target}");
                if (Writes() == before)
                    return before.Count;
            }

            Thread.Sleep(1); // Somebody's sync is under way: half of it is no state that a journal has to cope with in any order.
        }
    }

    public void Dispose()
    {
        Command.Shell($"umount {Folder} || umount -l {Folder}; losetup -d {_device}");
        File.Delete(_file);
    }

    /// <summary>Fields 5 and 9 of /sys/block/LOOP/stat (Documentation/block/stat.rst).</summary>
    private (string Count, int InFlight) Writes()
    {
        var fields = File.ReadAllText($"/sys/block/{Path.GetFileName(_device)}/stat").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (fields[4], int.Parse(fields[8], CultureInfo.InvariantCulture));
    }
}
