using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Escapes;

/// <summary>Ways out through cp: links of the container, standing or exchanged while the copy runs, and archives that a container answers with.</summary>
[Trait("Only", "Gantry")]
public sealed class CopyEscapeTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private readonly Canary _canary = new();

    public void Dispose() => _canary.Dispose();

    /// <summary>CVE-2018-15664: a directory of the path is exchanged for a link to the host's root, in the moment between look and use.</summary>
    [Fact]
    public void A_directory_of_the_path_is_swapped_for_a_link()
    {
        var shared = engine.HostFolderAsSeenHere + "/shared";
        Directory.CreateDirectory(shared + "/x" + _canary.Folder);
        File.CreateSymbolicLink(shared + "/link", "/");
        var name = engine.RunShell("exec sleep 600", "-v", engine.HostFolder + "/shared:/v");
        using var work = new WorkFolder();
        File.WriteAllText(work.File("evil"), "evil");
        using var swapper = new Swapper(shared + "/x", shared + "/link");
        var results = new List<CommandResult>();
        for (var i = 0; i < 20; i++)
        {
            results.Add(engine.Docker.Run("cp", $"{name}:/v/x{_canary.Folder}", "-"));
            results.Add(engine.Docker.Run("cp", work.File("evil"), $"{name}:/v/x{_canary.File}"));
            results.Add(engine.Docker.Run("cp", work.File("evil"), $"{name}:/v/x{_canary.Folder}/made"));
        }
        Assert.InRange(swapper.Swaps, 20, long.MaxValue);
        _canary.AssertSafe(results);
        Assert.False(File.Exists(_canary.Folder + "/made"));
    }

    /// <summary>Links that stand there, absolute, climbing, and through /proc: they lead to places in the container.</summary>
    [Theory]
    [InlineData("{0}")]
    [InlineData("../../../../../../../../../..{0}")]
    [InlineData("/proc/1/root{0}")]
    [InlineData("/proc/self/root{0}")]
    public void Links_of_the_container_lead_nowhere_else(string target)
    {
        target = string.Format(System.Globalization.CultureInfo.InvariantCulture, target, _canary.Folder);
        var name = engine.RunShell($"ln -s {target} /link; exec sleep 600");
        using var work = new WorkFolder();
        File.WriteAllText(work.File("secret"), "evil");
        foreach (var stopped in (bool[])[false, true])
        {
            if (stopped) engine.Docker.Run("kill", name).Succeeded();
            _canary.AssertSafe(
                engine.Docker.Run("cp", name + ":/link/secret", "-"), engine.Docker.Run("cp", "-L", name + ":/link", "-"),
                engine.Docker.Run("cp", work.File("secret"), name + ":/link/secret"), engine.Docker.Run("cp", work.File("secret"), name + ":/link"));
        }
    }

    /// <summary>CVE-2019-14271: nothing of the container's is loaded or run by who copies.</summary>
    [Fact]
    public void Libraries_of_the_container_are_not_loaded()
    {
        var name = engine.RunShell(
            $"mkdir -p /lib/x86_64-linux-gnu; for l in libnss_files.so.2 libnss_compat.so.2 libc.so.6 libz.so.1; do echo evil >/lib/x86_64-linux-gnu/$l; done; echo x >/f; exec sleep 600");
        Assert.Contains("x", engine.Docker.Text("cp", name + ":/f", "-"), StringComparison.Ordinal);
        _canary.AssertSafe(engine.Docker.Run("cp", name + ":/etc", "-"));
    }

    /// <summary>An archive of a container has a link and then something through it: the user's files beside the copy stay as they are.</summary>
    [Fact]
    public void Links_in_an_archive_do_not_lead_out_of_the_users_folder()
    {
        using var work = new WorkFolder();
        var name = engine.RunShell($"mkdir /d; ln -s {_canary.Folder} /d/out; ln -s ../../../../../../../..{_canary.Folder} /d/up; exec sleep 600");
        Directory.CreateDirectory(work.File("to"));
        var gantry = engine.Client("gantry");
        gantry.Run("cp", name + ":/d/.", work.File("to")).Succeeded();
        engine.Docker.Run("exec", name, "sh", "-c", "rm /d/out /d/up; mkdir /d/out /d/up; echo evil >/d/out/secret; echo evil >/d/up/secret").Succeeded();
        _canary.AssertSafe(gantry.Run("cp", name + ":/d/.", work.File("to")));
    }
}
