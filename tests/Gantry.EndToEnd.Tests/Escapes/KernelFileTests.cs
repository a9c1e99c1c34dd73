using System.Text.Json.Nodes;
using Gantry.EndToEnd.Tests.Harness;
using Gantry.EndToEnd.Tests.Runtime;

namespace Gantry.EndToEnd.Tests.Escapes;

/// <summary>Ways out through /proc, /sys and /dev: put elsewhere, covered, replaced, or swapped while the runtime furnishes them.</summary>
[Trait("Only", "Gantry")]
public sealed class KernelFileTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private const int Tries = 40;

    // Wherever a procfs may have got to, and whatever is still open to be written there.
    private const string WriteSettings = """
        for p in $(awk '$0 ~ / - proc / {print $5}' /proc/self/mountinfo 2>/dev/null) /proc /evil /tmp/proc; do
          for f in $p/sys/kernel/core_pattern $p/sys/kernel/modprobe $p/sysrq-trigger; do
            [ "$(stat -f -c %t $f)" = 9fa0 ] && echo h >$f && echo got out by $f
          done
        done 2>/dev/null
        true
        """;

    private readonly Canary _canary = new();

    public void Dispose() => _canary.Dispose();

    /// <summary>CVE-2019-16884: a volume over /proc or into it takes what the runtime writes there, and hides what it masks.</summary>
    [Theory]
    [InlineData("/proc")]
    [InlineData("/proc/self/attr")]
    [InlineData("/proc/sys")]
    [InlineData("/proc/sys/kernel")]
    [InlineData("/proc/1")]
    public void A_volume_over_proc(string place)
    {
        foreach (var options in new[] { new[] { "-v", place }, ["-v", "e2e-escape:" + place], ["--tmpfs", place], ["-v", engine.HostFolder + ":" + place] })
            Assert.Matches("cannot be mounted because it is not of type proc|a mount inside /proc is not allowed|ENOENT",
                engine.Docker.Run(["run", "--rm", .. options, Engine.Image, "sh", "-c", WriteSettings]).ExitsWith(125).Error);
        engine.Docker.Run("volume", "rm", "e2e-escape");
        _canary.AssertSafe();
    }

    [Fact]
    public void An_image_that_declares_proc_a_volume()
    {
        TestImage.Load(engine, "e2e-proc-volume:1", [TestImage.Folder("proc/self/attr")],
            new JsonObject { ["Volumes"] = new JsonObject { ["/proc"] = new JsonObject() } }).Succeeded();
        _canary.AssertSafe(engine.Docker.Run("run", "--rm", "e2e-proc-volume:1", "sh", "-c", WriteSettings).ExitsWith(125));
    }

    /// <summary>CVE-2019-19921, CVE-2023-27561, CVE-2023-28642: /proc or /sys of the image is a link, so that what is masked is elsewhere.</summary>
    [Theory]
    [InlineData("proc", "/evil")]
    [InlineData("proc", "evil")]
    [InlineData("proc", "/tmp/../evil")]
    [InlineData("sys", "/evil")]
    [InlineData("sys", "/proc/self")]
    [InlineData("dev", "/proc")]
    public void A_link_in_the_place_of_a_kernels_tree(string name, string target)
    {
        TestImage.Load(engine, "e2e-tree-link:1", [TestImage.Folder("evil"), TestImage.Link(name, target)]).Succeeded();
        var result = engine.Docker.Run("run", "--rm", "e2e-tree-link:1", "sh", "-c", WriteSettings);
        Assert.DoesNotContain("got out", result.Output, StringComparison.Ordinal);
        _canary.AssertSafe(result);

        using var bundle = new Bundle("sh", "-c", WriteSettings);
        Directory.CreateDirectory(bundle.SeenHere + "/rootfs/evil");
        Command.Shell($"rm -rf {bundle.SeenHere}/rootfs/{name}; ln -s {target} {bundle.SeenHere}/rootfs/{name}");
        bundle.Change(spec => spec["root"]!["readonly"] = false);
        result = bundle.Runtime("run", "--bundle", bundle.Path, bundle.NewId());
        Assert.DoesNotContain("got out", result.Output, StringComparison.Ordinal);
        _canary.AssertSafe(result);
    }

    /// <summary>CVE-2019-19921, the race: another container with the same root swaps /proc while this one is made.</summary>
    [Fact]
    public void A_directory_at_proc_that_is_swapped_for_a_link()
    {
        using var bundle = new Bundle("sh", "-c", WriteSettings);
        var root = bundle.SeenHere + "/rootfs";
        Directory.CreateDirectory(root + "/evil");
        Directory.CreateDirectory(root + "/proc");
        File.CreateSymbolicLink(root + "/other", "/evil");
        bundle.Change(spec => spec["root"]!["readonly"] = false);
        Race(root + "/proc", root + "/other", () => bundle.Runtime("run", "--bundle", bundle.Path, bundle.NewId()));
    }

    /// <summary>CVE-2025-31133: /dev/null is a link while paths are masked, so that the runtime binds what it points to, writable.</summary>
    [Fact]
    public void A_null_device_that_is_swapped_for_a_link()
    {
        using var bundle = new Bundle("sh", "-c",
            "for f in /proc/acpi /proc/kcore /proc/keys /proc/timer_list /proc/scsi /dev/null; do (echo h >$f) 2>/dev/null; done; cat /proc/keys; "
            + WriteSettings);
        foreach (var target in new[] { "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe" })
        {
            var devices = ShareDevices(bundle);
            File.CreateSymbolicLink(devices + "/link", target);
            Race(devices + "/null", devices + "/link", () => bundle.Runtime("run", "--bundle", bundle.Path, bundle.NewId()));
        }
    }

    [Fact]
    public void A_null_device_that_is_a_link_in_a_bound_dev()
    {
        var devices = Directory.CreateDirectory(engine.HostFolderAsSeenHere + "/dev").FullName;
        foreach (var target in new[] { "/proc/sys/kernel/core_pattern", "../../../../../.." + _canary.File, "/proc/self/fd/9" + _canary.File, "/missing" })
        {
            File.CreateSymbolicLink(devices + "/null", target);
            _canary.AssertSafe(engine.Docker.Run("run", "--rm", "-v", engine.HostFolder + "/dev:/dev", Engine.Image, "sh", "-c",
                "cat /proc/keys /proc/timer_list; echo h >/proc/keys; " + WriteSettings).ExitsWith(125));
            File.Delete(devices + "/null");
        }
    }

    /// <summary>CVE-2025-52565: /dev/console is a link while the terminal is mounted there.</summary>
    [Fact]
    public void A_console_that_is_swapped_for_a_link()
    {
        var devices = Directory.CreateDirectory(engine.HostFolderAsSeenHere + "/dev").FullName;
        MakeNodes(devices);
        File.WriteAllText(devices + "/console", "");
        File.CreateSymbolicLink(devices + "/link", "/proc/sys/kernel/core_pattern");
        Race(devices + "/console", devices + "/link", () =>
            engine.Docker.Run("run", "--rm", "-t", "-v", engine.HostFolder + "/dev:/dev", "--tmpfs", "/dev/pts", Engine.Image, "sh", "-c", WriteSettings));

        File.Delete(devices + "/console");
        File.Delete(devices + "/link");
        File.CreateSymbolicLink(devices + "/console", "/proc/sys/kernel/core_pattern");
        _canary.AssertSafe(engine.Docker.Run("run", "--rm", "-t", "-v", engine.HostFolder + "/dev:/dev", Engine.Image, "sh", "-c", WriteSettings)
            .ExitsWith(125));
    }

    /// <summary>CVE-2025-52881: what the runtime writes to /proc ends in a false one: in another file, or nowhere.</summary>
    [Fact]
    public void Settings_that_are_written_into_a_false_proc()
    {
        // 1. A root that has files under the names which the runtime writes to.
        using var bundle = new Bundle("sh", "-c", "cat /proc/self/oom_score_adj /proc/sys/net/ipv4/ip_default_ttl");
        var root = bundle.SeenHere + "/rootfs";
        Directory.CreateDirectory(root + "/proc/self/attr");
        Directory.CreateDirectory(root + "/proc/sys/net/ipv4");
        foreach (var name in new[] { "self/oom_score_adj", "sys/net/ipv4/ip_default_ttl", "self/attr/exec" }) File.CreateSymbolicLink(
            $"{root}/proc/{name}", "/proc/sys/kernel/core_pattern");
        bundle.Change(spec =>
        {
            spec["process"]!["oomScoreAdj"] = 123;
            spec["linux"]!["sysctl"] = new JsonObject { ["net.ipv4.ip_default_ttl"] = "77" };
        });
        Assert.Equal(["123", "77"], bundle.Runtime("run", "--bundle", bundle.Path, bundle.NewId()).Lines);
        _canary.AssertSafe();

        // 2. The same with a /proc that is swapped meanwhile, and with no procfs at all in the container.
        Directory.CreateDirectory(root + "/evil");
        File.CreateSymbolicLink(root + "/other", "/evil");
        bundle.Change(spec => spec["mounts"]!.AsArray().Remove(spec["mounts"]!.AsArray().First(mount => (string)mount!["destination"]! == "/proc")));
        Race(root + "/proc", root + "/other", () => bundle.Runtime("run", "--bundle", bundle.Path, bundle.NewId()));
    }

    /// <summary>CVE-2022-0811: a setting that is allowed carries another one with it.</summary>
    [Theory]
    [InlineData("net.ipv4.ip_forward", "1+kernel.core_pattern=|/evil")]
    [InlineData("net.ipv4.ip_forward", "1 kernel.core_pattern=|/evil")]
    [InlineData("net.ipv4.ip_forward", "1\nkernel.core_pattern=|/evil")]
    [InlineData("kernel.shm_rmid_forced", "1+kernel.core_pattern=|/evil")]
    [InlineData("kernel.core_pattern", "|/evil")]
    [InlineData("net/../kernel/core_pattern", "|/evil")]
    [InlineData("net..kernel.core_pattern", "|/evil")]
    [InlineData("net.//.kernel.core_pattern", "|/evil")]
    [InlineData("kernel/shm_rmid_forced/../core_pattern", "|/evil")]
    [InlineData("fs.mqueue./././kernel/core_pattern", "|/evil")]
    [InlineData("net.ipv4.ip_forward\0/../../../kernel/core_pattern", "|/evil")]
    public void A_setting_within_a_setting(string name, string value)
    {
        using var bundle = new Bundle("true");
        bundle.Change(spec => spec["linux"]!["sysctl"] = new JsonObject { [name] = value });
        // Of a value the kernel itself takes the number in front, or refuses all of it.
        var forbidden = value.StartsWith('|');
        var result = bundle.Runtime("run", "--bundle", bundle.Path, bundle.NewId());
        _canary.AssertSafe(forbidden ? result.ExitsWith(1) : result);

        // Not by the client, which refuses some of them by itself.
        var container = engine.NewName();
        var request = new JsonObject { ["Image"] = Engine.Image, ["Cmd"] = new JsonArray("true"),
            ["HostConfig"] = new JsonObject { ["Sysctls"] = new JsonObject { [name] = value } } };
        var created = Api.RawHttp.Post(engine, "/containers/create?name=" + container, request.ToJsonString());
        var started = created.Status == 201 ? Api.RawHttp.Post(engine, $"/containers/{container}/start") : created;
        if (forbidden) Assert.InRange(started.Status, 400, 500);
        _canary.AssertSafe();
    }

    private void Race(string path, string other, Func<CommandResult> run)
    {
        var results = new List<CommandResult>();
        using (var swapper = new Swapper(path, other))
        {
            for (var i = 0; i < Tries; i++) results.Add(run());
            Assert.InRange(swapper.Swaps, Tries, long.MaxValue);
        }

        Assert.All(results, result => Assert.DoesNotContain("got out", result.Output, StringComparison.Ordinal));
        _canary.AssertSafe(results);
    }

    /// <summary>Gives the bundle a /dev that others have, too.</summary>
    private static string ShareDevices(Bundle bundle)
    {
        var devices = Directory.CreateDirectory($"{bundle.SeenHere}/{Guid.NewGuid():N}").FullName;
        MakeNodes(devices);
        bundle.Change(spec =>
        {
            var mounts = spec["mounts"]!.AsArray();
            foreach (var mount in mounts.Where(mount => ((string)mount!["destination"]!).StartsWith("/dev", StringComparison.Ordinal))
                .ToList()) mounts.Remove(mount);
            mounts.Add(new JsonObject { ["destination"] = "/dev", ["type"] = "bind", ["source"] = devices, ["options"] = new JsonArray("bind") });
        });
        return devices;
    }

    private static void MakeNodes(string folder) =>
        Command.Shell(
            $"cd {folder}; mkdir -p pts shm mqueue; mknod -m 666 null c 1 3; mknod -m 666 zero c 1 5; mknod -m 666 tty c 5 0; mknod -m 666 full c 1 7; mknod -m 666 random c 1 8; mknod -m 666 urandom c 1 9");
}
