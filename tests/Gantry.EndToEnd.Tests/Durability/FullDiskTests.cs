using System.Globalization;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Durability;

/// <summary>
/// A file system without free space, or without free inodes, under <c>--root</c> or <c>--run</c>: what needs some is refused with the
/// reason and the place, the rest goes on, and with room everything works again.
/// </summary>
[Trait("Only", "Gantry")]
public sealed class FullDiskTests : IDisposable
{
    private const string Image = Engine.Image;
    private const string WritesLines = "i=0; while [ ! -e /tmp/stop ]; do i=$((i+1)); echo line $i; sleep 0.02; done; exit 7";

    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-e2e-full-").FullName;
    private readonly LoopDisk _disk;

    public FullDiskTests() => _disk = new LoopDisk(Path.Combine(_folder, "disk.img"), Path.Combine(_folder, "disk"), mebibytes: 32, inodes: 2000);

    public void Dispose()
    {
        _disk.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_root_without_space_refuses_with_the_reason_and_containers_go_on()
    {
        using var daemon = new DiskDaemon(_folder, Path.Combine(_disk.Folder, "root"), Path.Combine(_folder, "run")).Ready();
        var gantry = daemon.Gantry;
        gantry.Run("load", "-i", TestEnvironment.ImageArchive).Succeeded();
        gantry.Run("run", "-d", "--name", "writes", "--tmpfs", "/tmp", Image, "sh", "-c", WritesLines).Succeeded();
        gantry.Run("create", "--name", "made", Image, "sleep", "600").Succeeded();
        FillSpace();

        // 1. What needs room is refused.
        foreach (var command in (string[][])
            [
                ["load", "-i", TestEnvironment.ImageArchive], ["create", Image, "true"], ["run", "--rm", Image, "true"], ["volume", "create", "refused"],
                ["tag", Image, "other:name"], ["rename", "made", "renamed"], ["update", "--restart", "always", "made"], ["start", "made"],
            ])
            AssertRefused(gantry.Run(command));

        // 2. What needs none works; the output of containers is dropped and never waits.
        Assert.Equal("inside", gantry.Text("exec", "writes", "echo", "inside"));
        Assert.Equal("running", gantry.Inspect("writes", "{{.State.Status}}"));
        WaitForLoss(gantry);
        gantry.Run("rm", "-f", "made").Succeeded();

        // 3. With room everything works again, and the log tells what it lacks.
        FreeSpace();
        Eventually.True(
            () => gantry.Run("logs", "writes") is { ExitCode: 0 } logs
                && logs.Error.Contains("bytes of this log could not be written here", StringComparison.Ordinal),
            () => gantry.Run("logs", "--tail", "5", "writes").ToString());
        gantry.Run("exec", "writes", "touch", "/tmp/stop").Succeeded();
        Assert.Equal("7", gantry.Text("wait", "writes"));
        AssertWorks(gantry);
        gantry.Run("rm", "writes").Succeeded();
        daemon.Stop();
    }

    [Fact]
    public void A_container_that_ends_on_a_full_disk_has_ended_also_for_the_next_daemon()
    {
        using var daemon = new DiskDaemon(_folder, Path.Combine(_disk.Folder, "root"), Path.Combine(_folder, "run")).Ready();
        daemon.Gantry.Run("load", "-i", TestEnvironment.ImageArchive).Succeeded();
        daemon.Gantry.Run("run", "-d", "--name", "ends", "--restart", "on-failure:1", "--tmpfs", "/tmp", Image, "sh", "-c",
            "until [ -e /tmp/stop ]; do sleep 0.05; done").Succeeded();
        FillSpace();
        daemon.Gantry.Run("exec", "ends", "touch", "/tmp/stop").Succeeded();
        Assert.Equal("0", daemon.Gantry.Text("wait", "ends"));
        Assert.Equal("exited 0", daemon.Gantry.Inspect("ends", "{{.State.Status}} {{.State.ExitCode}}"));
        FreeSpace();
        var state = Directory.EnumerateFiles(Path.Combine(_disk.Folder, "root", "containers"), "state.json", SearchOption.AllDirectories).Single();
        Eventually.True(() => File.ReadAllText(state).Contains("FinishedAt\": \"", StringComparison.Ordinal), () => File.ReadAllText(state) + daemon.Log);
        daemon.Gantry.Run("rm", "ends").Succeeded();
        daemon.Stop();
    }

    [Fact]
    public void A_root_without_inodes_refuses_with_the_reason()
    {
        using var daemon = new DiskDaemon(_folder, Path.Combine(_disk.Folder, "root"), Path.Combine(_folder, "run")).Ready();
        var gantry = daemon.Gantry;
        gantry.Run("load", "-i", TestEnvironment.ImageArchive).Succeeded();
        var files = Directory.CreateDirectory(Path.Combine(_disk.Folder, "files")).FullName;
        for (var i = 0; TryMake(Path.Combine(files, i.ToString(CultureInfo.InvariantCulture))); i++)
            continue;
        AssertRefused(gantry.Run("create", Image, "true"));
        AssertRefused(gantry.Run("volume", "create", "refused"));
        AssertRefused(gantry.Run("tag", Image, "other:name"));
        Directory.Delete(files, recursive: true);
        AssertWorks(gantry);
        daemon.Stop();
    }

    [Fact]
    public void A_run_folder_without_space_refuses_starts_and_running_containers_end_well()
    {
        using var daemon = new DiskDaemon(_folder, Path.Combine(_folder, "root"), Path.Combine(_disk.Folder, "run")).Ready();
        var gantry = daemon.Gantry;
        gantry.Run("load", "-i", TestEnvironment.ImageArchive).Succeeded();
        gantry.Run("run", "-d", "--name", "runs", "--tmpfs", "/tmp", Image, "sh", "-c", "until [ -e /tmp/stop ]; do sleep 0.05; done; exit 9").Succeeded();
        gantry.Run("create", "--name", "made", Image, "true").Succeeded();
        FillSpace();
        AssertRefused(gantry.Run("start", "made"));
        Assert.Equal("inside", gantry.Text("exec", "runs", "echo", "inside"));
        gantry.Run("exec", "runs", "touch", "/tmp/stop").Succeeded();
        Assert.Equal("9", gantry.Text("wait", "runs"));
        gantry.Run("rm", "runs").Succeeded();
        FreeSpace();
        gantry.Run("start", "-a", "made").Succeeded();
        gantry.Run("rm", "made").Succeeded();
        AssertWorks(gantry);
        daemon.Stop();
    }

    private static void AssertRefused(CommandResult result)
    {
        Assert.True(result.ExitCode != 0, result.ToString());
        Assert.Contains("no space left on device", result.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("no free inodes (df -h, df -i); make room", result.Error, StringComparison.Ordinal);
        Assert.Contains("/gantry-e2e-full-", result.Error, StringComparison.Ordinal);
    }

    private static void AssertWorks(Client gantry)
    {
        gantry.Run("load", "-i", TestEnvironment.ImageArchive).Succeeded();
        gantry.Run("volume", "create", "after").Succeeded();
        Assert.Equal("works", gantry.Text("run", "--rm", "-v", "after:/after", Image, "sh", "-c", "echo works >/after/file; cat /after/file"));
        gantry.Run("volume", "rm", "after").Succeeded();
    }

    /// <summary>The log has not grown for a while though lines are written: the file is as large as it can be.</summary>
    private void WaitForLoss(Client gantry)
    {
        // Each look gives the container time for more lines than the last block of the file can hold.
        var log = Directory.EnumerateFiles(Path.Combine(_disk.Folder, "root", "containers"), "*-json.log", SearchOption.AllDirectories).Single();
        Eventually.True(
            () =>
            {
                var before = new FileInfo(log).Length;
                gantry.Run("exec", "writes", "sh", "-c", "sleep 0.3").Succeeded();
                return new FileInfo(log).Length == before;
            },
            () => "the log still grows");
        gantry.Run("exec", "writes", "true").Succeeded();
    }

    private void FillSpace()
    {
        foreach (var block in (int[])[1 << 20, 4096, 1024])
        {
            using var file = new FileStream(Path.Combine(_disk.Folder, $"fill-{block}"), FileMode.Create, FileAccess.Write, FileShare.None, 0);
            while (TryWrite(file, block))
                continue;
        }
    }

    private void FreeSpace()
    {
        foreach (var file in Directory.EnumerateFiles(_disk.Folder, "fill-*"))
            File.Delete(file);
    }

    private static bool TryWrite(FileStream file, int count)
    {
        try
        {
            file.Write(new byte[count]);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static bool TryMake(string path)
    {
        try
        {
            File.WriteAllBytes(path, []);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
