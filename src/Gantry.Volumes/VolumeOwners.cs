using Gantry.Os.Files;

namespace Gantry.Volumes;

/// <summary>
/// For which container a volume is being made: a file beside the data, until that container exists. So a daemon that dies between the two leaves no volume of
/// nobody. It says in which boot, too: after a power cut the removal of the file may be undone, and the volume, which its container may have left behind, is
/// kept.
/// </summary>
internal static class VolumeOwners
{
    private const string FileName = "made-for";

    private static readonly string s_boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    internal static void Write(string folder, string container) =>
        AtomicFile.WriteNew(Path.Combine(folder, FileName), KernelPath.FromText($"{s_boot} {container}"), sync: false);

    /// <summary>The container that a volume was being made for in this boot; null when it is nobody's alone.</summary>
    internal static string? Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        if (!File.Exists(file))
            return null;
        if (File.ReadAllText(file).Split(' ') is [var boot, var container] && boot == s_boot)
            return container;
        File.Delete(file);
        return null;
    }

    internal static void Settle(string folder) => File.Delete(Path.Combine(folder, FileName));
}
