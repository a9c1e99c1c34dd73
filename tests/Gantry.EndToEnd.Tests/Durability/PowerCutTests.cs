using System.Text.Json;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Durability;

/// <summary>
/// The power goes at any moment: what was acknowledged and is durable is there after it, everything is whole or absent, and the engine works.
/// <c>GANTRY_TEST_EVERY_CUT</c> set to anything takes every moment of the second test, too, in place of a sample (minutes).
/// </summary>
[Trait("Only", "Gantry")]
public sealed class PowerCutTests : IDisposable
{
    private const int SampleOf = 16;

    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-e2e-cut-").FullName;

    private string Disk => Path.Combine(_folder, "disk");

    private string Root => Path.Combine(Disk, "root");

    /// <summary>The disk holds what was synced and nothing else, whatever came before or after the cut.</summary>
    [Fact]
    public void What_was_acknowledged_is_there_though_nothing_but_the_synced_was_written() => Try(_ => () => true);

    /// <summary>
    /// Names reach the disk in order and at once, content only when it is synced: files that were renamed or reported too early are empty.
    /// </summary>
    [Fact]
    public void Nothing_is_torn_though_all_names_were_written()
    {
        var every = Environment.GetEnvironmentVariable("GANTRY_TEST_EVERY_CUT") is { Length: > 0 } ? 1 : SampleOf;
        var calls = 0;
        Try(disk => () =>
        {
            WriteJournal(disk);
            return calls++ % every == 0;
        });
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Try(Func<LoopDisk, Func<bool>> isLookedAt)
    {
        IReadOnlyList<PowerCutScenario.DiskCopy> copies;
        using (var disk = new LoopDisk(Path.Combine(_folder, "disk.img"), Disk, mebibytes: 48, inodes: 2000))
            copies = PowerCutScenario.Run(_folder, disk, isLookedAt(disk));
        Assert.True(copies.Count > 20, $"the disk had only {copies.Count} states");
        File.WriteAllText(Path.Combine(_folder, "boot_id"), Guid.NewGuid().ToString());
        foreach (var copy in copies)
        {
            try
            {
                CheckAfterCut(copy);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(
                    $"after a cut with {copy.Acknowledged} steps acknowledged (copy {Path.GetFileName(copy.File)} of {copies.Count})", e);
            }

            File.Delete(copy.File);
        }
    }

    /// <summary>An fsync of any file commits all names that were changed before, and the content of that file only.</summary>
    private static void WriteJournal(LoopDisk disk)
    {
        using var file = File.OpenHandle(Path.Combine(disk.Folder, "journal"), FileMode.OpenOrCreate, FileAccess.Write);
        RandomAccess.Write(file, "x"u8, RandomAccess.GetLength(file));
        RandomAccess.FlushToDisk(file);
    }

    private void CheckAfterCut(PowerCutScenario.DiskCopy copy)
    {
        var run = Directory.CreateDirectory(Path.Combine(_folder, "run-" + Path.GetFileName(copy.File))).FullName;
        // Another boot, with the disk as it was.
        var boot = $"mount -o loop {copy.File} {Disk} && mount --bind {_folder}/boot_id /proc/sys/kernel/random/boot_id";
        using var daemon = new DiskDaemon(_folder, Root, run, boot).Ready();
        var (before, after) = (PowerCutScenario.After(copy.Acknowledged), PowerCutScenario.After(copy.Acknowledged + 1));
        var containers = CheckObjects(daemon.Gantry, before, after, [.. PowerCutScenario.ContainersBefore(copy.Acknowledged)]);
        CheckFiles(daemon, containers);
        CheckUse(daemon.Gantry, containers);
        CheckFiles(daemon, []);
        daemon.Stop();
        var defects = daemon.Log.IndexOf("fail:", StringComparison.Ordinal);
        Assert.True(defects < 0, defects < 0 ? "" : daemon.Log[defects..]);
    }

    /// <summary>What was there before and after the step that was under way is there; what that step made or removed may be.</summary>
    private static string[] CheckObjects(Client gantry, DurableWorld before, DurableWorld after, string[] removable)
    {
        var images = gantry.Run("images", "--format", "{{.Repository}}:{{.Tag}}").Lines;
        Assert.Superset(before.Images.Intersect(after.Images).ToHashSet(), images.ToHashSet());
        // An image whose last name is being removed has none for a moment; then a prune removes it.
        var nameless = before.Images.Except(after.Images).IsEmpty ? [] : (string[])["<none>:<none>"];
        Assert.Subset(before.Images.Union(after.Images).Union(nameless).ToHashSet(), images.ToHashSet());

        var volumes = gantry.Run("volume", "ls", "--format", "{{.Name}}={{.Label \"kept\"}}").Lines.Where(v => v.Length < 65).ToHashSet();
        Assert.Superset(Pairs(before.Volumes).Intersect(Pairs(after.Volumes)).ToHashSet(), volumes);
        Assert.Subset(Pairs(before.Volumes).Union(Pairs(after.Volumes)).ToHashSet(), volumes);

        var ids = gantry.Run("ps", "-aq", "--no-trunc").Lines;
        var found = ids.Length == 0
            ? []
            : gantry.Run(["inspect", "--format", "{{slice .Name 1}}={{.HostConfig.RestartPolicy.Name}}", .. ids]).Lines.ToHashSet();
        Assert.Superset(Pairs(before.Containers).Intersect(Pairs(after.Containers)).ToHashSet(), found);
        Assert.Subset(removable.Concat(after.Containers.Keys).ToHashSet(), found.Select(c => c.Split('=')[0]).ToHashSet());
        return ids;
    }

    private static HashSet<string> Pairs(IEnumerable<KeyValuePair<string, string>> objects) => [.. objects.Select(o => $"{o.Key}={o.Value}")];

    /// <summary>Nothing half made or half removed is left on the disk.</summary>
    private void CheckFiles(DiskDaemon daemon, string[] containers)
    {
        var root = $"/proc/{daemon.Pid}/root{Root}";
        Eventually.True(
            () => Leftovers(root, containers).Count == 0,
            () => $"containers {string.Join(' ', containers)}; left on the disk: {string.Join('\n', Leftovers(root, containers))}\n{daemon.Log}");
        foreach (var document in Directory.EnumerateFiles(root, "*.json", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/snapshots/", StringComparison.Ordinal)))
            JsonDocument.Parse(File.ReadAllBytes(document)).Dispose();
    }

    private static List<string> Leftovers(string root, string[] containers) =>
    [
        .. Names(root, "containers").Where(name => !File.Exists(Path.Combine(root, "containers", name, "removed.json")))
            .Concat(Names(root, "snapshots/overlay/writable")).Where(name => !containers.Contains(name)),
        .. Names(root, "snapshots/overlay/trash"),
        .. Names(root, "images/ingest").Where(name => name != ".lock"),
        .. Names(root, "volumes").Where(name => name.StartsWith('.')),
        .. Directory.EnumerateFiles(Path.Combine(root, "containers"), "*.new", SearchOption.AllDirectories),
    ];

    private static IEnumerable<string> Names(string root, string folder) =>
        Directory.Exists(Path.Combine(root, folder)) ? new DirectoryInfo(Path.Combine(root, folder)).EnumerateFileSystemInfos().Select(f => f.Name) : [];

    /// <summary>What is there can be used, and everything can be removed.</summary>
    private static void CheckUse(Client gantry, string[] containers)
    {
        if (containers.Length > 0)
        {
            gantry.Run(["start", .. containers]).Succeeded();
            gantry.Run(["rm", "-f", .. containers]).Succeeded();
        }

        foreach (var image in gantry.Run("images", "-q").Lines.Distinct())
            Assert.Equal("works", gantry.Text("run", "--rm", image, "echo", "works"));
    }
}
