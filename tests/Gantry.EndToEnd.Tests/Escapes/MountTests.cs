using System.Text.Json.Nodes;
using Gantry.EndToEnd.Tests.Harness;
using Gantry.EndToEnd.Tests.Runtime;

namespace Gantry.EndToEnd.Tests.Escapes;

/// <summary>Ways out through the places where something is mounted, copied or read: links that lead to the host, standing or swapped.</summary>
[Trait("Only", "Gantry")]
public sealed class MountTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private const int Tries = 40;

    private readonly Canary _canary = new();

    public void Dispose() => _canary.Dispose();

    private string Shared => engine.HostFolderAsSeenHere + "/shared";

    // Reads the host's file wherever it may have been mounted, and lists what else is where it should not be.
    private string LookAround =>
        $"cat /v/x/secret /v/x/deep/secret /v/x/deep/*/secret {_canary.File} 2>/dev/null; find / -name proc -prune -o -name sys -prune -o -name secret -exec cat {{}} \\; 2>/dev/null; true";

    /// <summary>
    /// CVE-2021-30465, CVE-2024-45310: the place of a mount in a volume that two containers share is swapped for a link to the host, to have
    /// the mount made, or an empty file created, there.
    /// </summary>
    [Theory]
    [InlineData("/")]
    [InlineData("canary")]
    [InlineData("climbing")]
    public void The_place_of_a_mount_is_swapped_for_a_link(string target)
    {
        PutLink(target);
        using var swapper = new Swapper(Shared + "/x", Shared + "/link");
        var results = new List<CommandResult>();
        for (var i = 0; i < Tries; i++)
        {
            string[] inner = i % 2 == 0 ? ["-v", $"e2e-race:/v/x{_canary.Folder}/made{i}"] : ["-v", $"{TestEnvironment.ImageArchive}:/v/x/made{i}.tar"];
            results.Add(engine.Docker.Run(
                ["run", "--rm", "-v", engine.HostFolder + "/shared:/v", .. inner, "-v", "e2e-race:/v/x/deep", Engine.Image, "sh", "-c", LookAround]));
        }

        Assert.InRange(swapper.Swaps, Tries, long.MaxValue);
        Assert.Contains(results, result => result.ExitCode == 0); // Some went the ordinary way.
        _canary.AssertSafe(results);
    }

    /// <summary>CVE-2017-1002101, CVE-2021-25741's kind: the part of a volume that is to be mounted is swapped for a link to the host.</summary>
    [Theory]
    [InlineData("canary")]
    [InlineData("climbing")]
    public void The_part_of_a_volume_is_swapped_for_a_link(string target)
    {
        engine.Docker.Run("volume", "create", "e2e-part-race").Succeeded();
        var volume = engine.Docker.Text("volume", "inspect", "-f", "{{.Mountpoint}}", "e2e-part-race");
        Directory.CreateDirectory(volume + "/x");
        PutLink(target, volume);
        var results = new List<CommandResult>();
        using (var swapper = new Swapper(volume + "/x", volume + "/link"))
        {
            for (var i = 0; i < Tries; i++)
                results.Add(engine.Docker.Run("run", "--rm", "--mount", "type=volume,src=e2e-part-race,dst=/p,volume-subpath=x", Engine.Image, "sh", "-c",
                    "cat /p/secret 2>/dev/null; echo evil >/p/secret; true"));
            Assert.InRange(swapper.Swaps, Tries, long.MaxValue);
        }
        Assert.Contains(results, result => result.ExitCode == 0);
        _canary.AssertSafe(results);
        engine.Docker.Run("volume", "rm", "e2e-part-race").Succeeded();
    }

    [Fact]
    public void The_place_of_a_mount_of_a_bundle_is_swapped_for_a_link()
    {
        PutLink("canary");
        using var bundle = new Bundle("sh", "-c", LookAround);
        bundle.Change(spec =>
        {
            spec["root"]!["readonly"] = false;
            var mounts = spec["mounts"]!.AsArray();
            mounts.Add(new JsonObject { ["destination"] = "/v", ["type"] = "bind", ["source"] = Shared, ["options"] = new JsonArray("rbind") });
            mounts.Add(new JsonObject { ["destination"] = "/v/x/deep/place", ["type"] = "tmpfs", ["source"] = "tmpfs" });
            mounts.Add(new JsonObject { ["destination"] = "/v/x/file", ["type"] = "bind", ["source"] = TestEnvironment.ImageArchive,
                ["options"] = new JsonArray("bind") });
        });
        using var swapper = new Swapper(Shared + "/x", Shared + "/link");
        var results = Enumerable.Range(0, Tries).Select(_ => bundle.Runtime("run", "--bundle", bundle.Path, bundle.NewId())).ToList();
        Assert.InRange(swapper.Swaps, Tries, long.MaxValue);
        _canary.AssertSafe(results);
    }

    /// <summary>CVE-2015-3629 and its like: what the engine itself mounts goes where a link of the image points.</summary>
    [Fact]
    public void Files_of_the_engine_over_links_of_the_image()
    {
        TestImage.Load(engine, "e2e-etc-links:1",
        [
            TestImage.Link("etc/hosts", _canary.File), TestImage.Link("etc/resolv.conf", "../../../../../../../.." + _canary.File),
            TestImage.Link("etc/hostname", "/proc/self/fd/9" + _canary.File),
        ]).Succeeded();
        _canary.AssertSafe(engine.Docker.Run("run", "--rm", "e2e-etc-links:1", "sh", "-c",
            "cat /etc/hosts /etc/resolv.conf /etc/hostname; echo evil >/etc/hosts; echo evil >/etc/hostname"));
        _canary.AssertSafe(engine.Docker.Run("run", "--rm", "--network", "none", "e2e-etc-links:1", "cat", "/etc/hosts"));
    }

    /// <summary>CVE-2022-23648, CVE-2018-15664's kind: a volume is filled with what the image says is there, through links or by climbing.</summary>
    [Theory]
    [InlineData("/../../../../../../../..{0}")]
    [InlineData("/data/../../../../..{0}")]
    [InlineData("/link")]
    [InlineData("/link/sub")]
    [InlineData("/climb")]
    [InlineData("/magic")]
    public void A_volume_is_filled_from_inside_the_image_only(string place)
    {
        place = string.Format(System.Globalization.CultureInfo.InvariantCulture, place, _canary.Folder);
        TestImage.Load(engine, "e2e-volume-links:1",
            [TestImage.Folder("data"), TestImage.Link("link", _canary.Folder), TestImage.Link("climb", "../../../../../../../../../.." + _canary.Folder),
                TestImage.Link("magic", "/proc/self/fd/9" + _canary.Folder)],
            new JsonObject { ["Volumes"] = new JsonObject { [place] = new JsonObject() } }).Succeeded();
        var script = $"cat {place}/secret {place}/* /link/secret /climb/secret 2>/dev/null; true";
        _canary.AssertSafe(
            engine.Docker.Run("run", "--rm", "e2e-volume-links:1", "sh", "-c", script),
            engine.Docker.Run("run", "--rm", "-v", "e2e-fill:" + place, "e2e-volume-links:1", "sh", "-c", script + $"; echo evil >{place}/secret"));
        engine.Docker.Run("volume", "rm", "-f", "e2e-fill");
    }

    /// <summary>The engine looks up users in files of the image: links to the host's, and what would keep it waiting.</summary>
    [Fact]
    public void Users_are_looked_up_inside_the_image_only()
    {
        foreach (var target in new[] { _canary.Folder + "/passwd", "../../../../../../../.." + _canary.Folder + "/passwd",
            "/proc/self/fd/9" + _canary.Folder + "/passwd", "/proc/1/root" + _canary.Folder + "/passwd" })
        {
            TestImage.Load(engine, "e2e-passwd:1", [TestImage.Link("etc/passwd", target)]).Succeeded();
            Assert.Contains("unable to find user hostuser", engine.Docker.Run("run", "--rm", "-u", "hostuser", "e2e-passwd:1", "id").ExitsWith(125).Error,
                StringComparison.Ordinal);
        }

        TestImage.Load(engine, "e2e-passwd:1", [TestImage.Fifo("etc/passwd"), TestImage.Fifo("etc/group")]).Succeeded();
        Assert.Equal("77", engine.Docker.Text("run", "--rm", "-u", "77", "e2e-passwd:1", "awk", "/^Uid/ {print $2}", "/proc/self/status"));
        _canary.AssertSafe();
    }

    /// <summary>CVE-2021-41091, CVE-2021-41103: users of the host reach programs of images, such as those that are set-user-ID.</summary>
    [Fact]
    public void Other_users_of_the_host_do_not_get_at_files_of_containers()
    {
        var name = engine.RunShell("cp /bin/busybox /planted; chmod 4755 /planted; touch /done; exec sleep 600", "-v", "e2e-planted:/data");
        Eventually.Equal(0, () => engine.Docker.Run("exec", name, "test", "-e", "/done").ExitCode);
        Assert.NotEqual("", Command.Shell($"find {engine.Daemon.Root} -name planted"));
        Assert.Equal(
            "", Command.Run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "find", engine.Daemon.Root, "-mindepth", "2"]).Output);
        Assert.Equal(
            "", Command.Run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "sh", "-c",
                $"for f in $(find {engine.Daemon.Run} 2>/dev/null); do [ ! -r $f ] || [ -d $f ] || echo $f; done"]).Output);
        engine.Docker.Run("rm", "-f", name).Succeeded();
        engine.Docker.Run("volume", "rm", "e2e-planted").Succeeded();
    }

    private void PutLink(string target)
    {
        Command.Shell($"rm -rf {Shared}; mkdir -p {Shared}/x");
        PutLink(target, Shared);
    }

    private void PutLink(string target, string folder)
    {
        File.CreateSymbolicLink(folder + "/link",
            target switch { "canary" => _canary.Folder, "climbing" => "../../../../../../../../../.." + _canary.Folder, _ => target });
    }
}
