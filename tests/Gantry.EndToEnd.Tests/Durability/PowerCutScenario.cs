using System.Globalization;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Durability;

/// <summary>
/// A life of an engine, while copies of its disk are taken: each with the number of steps that had been acknowledged before, so that it is known
/// what a power cut at that moment may have lost.
/// </summary>
internal sealed class PowerCutScenario
{
    private const string Image = Engine.Image;

    private static readonly (Action<Client> Do, Func<DurableWorld, DurableWorld> Effect)[] s_steps =
    [
        (c => c.Run("load", "-i", TestEnvironment.ImageArchive).Succeeded(), w => w.WithImage(Image)),
        (c => c.Run("tag", Image, "cut:one").Succeeded(), w => w.WithImage("cut:one")),
        (c => c.Run("volume", "create", "--label", "kept=yes", "data").Succeeded(), w => w.WithVolume("data", "yes")),
        (c => c.Run("create", "--name", "first", "-v", "data:/data", Image, "true").Succeeded(), w => w.WithContainer("first")),
        (c => c.Run("run", "-d", "--name", "lives", Image, "sh", "-c", "echo hello; exec sleep 600").Succeeded(), w => w.WithContainer("lives")),
        (c => c.Run("create", "--name", "ends", "--restart", "on-failure:1", "-v", "/anonymous", Image, "sh", "-c", "exit 0").Succeeded(), w =>
            w.WithContainer("ends", "on-failure")),
        (c => c.Run("start", "-a", "ends").Succeeded(), w => w),
        (c => c.Run("update", "--restart", "unless-stopped", "lives").Succeeded(), w => w.WithContainer("lives", "unless-stopped")),
        (c => c.Run("rename", "first", "renamed").Succeeded(), w => w.WithoutContainer("first").WithContainer("renamed")),
        (c => c.Run("run", "--rm", Image, "true").Succeeded(), w => w),
        (c => c.Run("rm", "ends").Succeeded(), w => w.WithoutContainer("ends")),
        (c => c.Run("create", "--name", "ends", Image, "true").Succeeded(), w => w.WithContainer("ends")),
        (c => c.Run("tag", "cut:one", "cut:two").Succeeded(), w => w.WithImage("cut:two")),
        (c => c.Run("rmi", "cut:one").Succeeded(), w => w.WithoutImage("cut:one")),
        (c => c.Run("volume", "create", "--label", "kept=no", "gone").Succeeded(), w => w.WithVolume("gone", "no")),
        (c => c.Run("volume", "clone", "data", "copy").Succeeded(), w => w.WithVolume("copy", "yes")),
        (c => c.Run("volume", "rm", "gone").Succeeded(), w => w.WithoutVolume("gone")),
        (c => c.Run("rm", "-f", "lives", "renamed", "ends").Succeeded(), w => w.WithoutContainer("lives").WithoutContainer("renamed").WithoutContainer("ends")),
        (c => c.Run("rmi", "cut:two").Succeeded(), w => w.WithoutImage("cut:two")),
        (c => c.Run("rmi", Image).Succeeded(), w => w.WithoutImage(Image)),
    ];

    private readonly Lock _gate = new();
    private readonly LoopDisk _disk;
    private readonly string _copies;
    private readonly Func<bool> _isLookedAt;
    private readonly List<DiskCopy> _taken = [];
    private string _version = "";
    private int _acknowledged;

    private PowerCutScenario(LoopDisk disk, string copies, Func<bool> isLookedAt) => (_disk, _copies, _isLookedAt) = (disk, copies, isLookedAt);

    /// <summary>A copy of the disk.</summary>
    /// <param name="File">The copy.</param>
    /// <param name="Acknowledged">How many steps had been acknowledged while the disk was still like this.</param>
    public sealed record DiskCopy(string File, int Acknowledged);

    /// <summary>What has to be there after that many steps.</summary>
    public static DurableWorld After(int steps) => s_steps.Take(steps).Aggregate(new DurableWorld(), (world, step) => step.Effect(world));

    /// <summary>All names of containers that were removed in the first <paramref name="steps"/> steps: a removal is not synced.</summary>
    public static IEnumerable<string> ContainersBefore(int steps) => Enumerable.Range(0, steps + 1).SelectMany(s => After(s).Containers.Keys).Distinct();

    /// <summary>Lives it on a disk.</summary>
    /// <param name="folder">A folder to work in.</param>
    /// <param name="disk">The disk; the engine's root is the folder <c>root</c> on it.</param>
    /// <param name="isLookedAt">Asked before each call that changes something: whether a copy is to be taken, if the disk has changed.</param>
    public static IReadOnlyList<DiskCopy> Run(string folder, LoopDisk disk, Func<bool> isLookedAt)
    {
        var scenario = new PowerCutScenario(disk, Directory.CreateDirectory(Path.Combine(folder, "copies")).FullName, isLookedAt);
        DiskDaemon? daemon = null;
        try
        {
            using var tap = new ChangeTap(() => daemon = new DiskDaemon(folder, Path.Combine(disk.Folder, "root"), Path.Combine(folder, "run")), scenario.Look);
            daemon!.Ready();
            foreach (var step in s_steps)
            {
                step.Do(daemon.Gantry);
                Interlocked.Increment(ref scenario._acknowledged);
                scenario.Look();
            }

            daemon.Stop();
            Assert.True(tap.Calls > 100, $"only {tap.Calls} calls were seen");
        }
        finally
        {
            daemon?.Dispose();
        }

        return scenario._taken;
    }

    private void Look()
    {
        lock (_gate)
        {
            // Before the copy: what is acknowledged while it is taken is asked of the next.
            var acknowledged = Volatile.Read(ref _acknowledged);
            if (!_isLookedAt())
                return;
            var file = Path.Combine(_copies, _taken.Count.ToString(CultureInfo.InvariantCulture));
            if (_disk.CopyIfChanged(file, _version) is { } version)
            {
                _version = version;
                _taken.Add(new DiskCopy(file, acknowledged));
            }
            else
            {
                _taken[^1] = _taken[^1] with { Acknowledged = acknowledged };
            }
        }
    }
}
