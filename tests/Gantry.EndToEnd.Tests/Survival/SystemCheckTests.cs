using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Survival;

/// <summary><c>gantry system check</c> against a daemon that runs.</summary>
public sealed class SystemCheckTests(Engine engine) : IClassFixture<Engine>
{
    private Client Gantry => engine.Client("gantry");

    [Fact]
    public void A_sound_engine_with_containers_has_no_problems()
    {
        engine.RunShell("sleep 600");
        Assert.EndsWith("1 container checked: no problems", Gantry.Run("system", "check").ExitsWith(0).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_is_told_and_repaired()
    {
        // A blob that nothing refers to, one that lies about its content, and the folder of a container that is not there.
        var blobs = Path.Combine(engine.Daemon.Root, "images/blobs/sha256");
        var layer = Directory.GetFiles(blobs).MaxBy(file => new FileInfo(file).Length)!;
        var sound = File.ReadAllBytes(layer);
        var orphan = Path.Combine(engine.Daemon.Root, "containers", new string('0', 64));
        File.WriteAllText(Path.Combine(blobs, new string('a', 64)), "nothing");
        File.WriteAllBytes(layer, [.. sound[..^1], (byte)(sound[^1] ^ 1)]);
        Directory.CreateDirectory(orphan);

        var told = Gantry.Run("system", "check").ExitsWith(1).Output;
        Assert.Contains($"blob sha256:{Path.GetFileName(layer)}: its content is damaged\n  --repair: deleted", told, StringComparison.Ordinal);
        Assert.Contains($"file {orphan}: it is the folder of no container", told, StringComparison.Ordinal);
        Assert.True(File.Exists(layer) && Directory.Exists(orphan));

        var repaired = Gantry.Run("system", "check", "--repair").ExitsWith(0).Output;
        Assert.Contains("3 problems, 3 repaired", repaired, StringComparison.Ordinal);
        Assert.False(Directory.Exists(orphan));

        // What was deleted is missing now, until the image is loaded again; it runs meanwhile.
        Assert.Contains("the archive of its layer", Gantry.Run("system", "check", "--format", "{{.Problem}}").ExitsWith(1).Output, StringComparison.Ordinal);
        Assert.Equal("hi", engine.Docker.Text("run", "--rm", Engine.Image, "echo", "hi"));
        engine.Docker.Run("load", "-i", TestEnvironment.ImageArchive).Succeeded();
        Gantry.Run("system", "check").ExitsWith(0);
        Assert.Equal(sound, File.ReadAllBytes(layer));
    }
}
