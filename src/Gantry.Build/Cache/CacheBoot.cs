using Gantry.Images;
using Gantry.Os.Files;

namespace Gantry.Build.Cache;

/// <summary>
/// Throws the cache away after the machine went down: nothing in it was synced, so its files may be torn. A death of the daemon alone leaves it, as what
/// the kernel has is whole.
/// </summary>
public static class CacheBoot
{
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";

    /// <summary>Checks a builder's folder before anything in it is opened.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="images">Knows which archives of layers images need: those were synced; the others go.</param>
    public static void Check(string root, ImageStore images)
    {
        var path = Path.Combine(root, "boot");
        var current = File.ReadAllText(BootIdFile).Trim();
        if (File.Exists(path) && File.ReadAllText(path) == current)
            return;
        foreach (var folder in (ReadOnlySpan<string>)["cache", "files", "contexts"])
        {
            if (Directory.Exists(Path.Combine(root, folder)))
                DirectoryTree.Remove(Path.Combine(root, folder));
        }
        images.CollectGarbage();
        AtomicFile.Write(path, System.Text.Encoding.ASCII.GetBytes(current), sync: true);
    }
}
