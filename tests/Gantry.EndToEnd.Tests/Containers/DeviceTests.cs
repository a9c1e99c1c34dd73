using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Containers;

/// <summary>Devices that vendors describe in files, asked for by name or as graphics processors.</summary>
[Trait("Only", "Gantry")]
public sealed class DeviceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-e2e-cdi-").FullName;
    private readonly Engine _engine;

    public DeviceTests()
    {
        File.WriteAllText(Path.Combine(_folder, "thing.yaml"), $$"""
            cdiVersion: 0.6.0
            kind: vendor.com/thing
            containerEdits:
              env: [COMMON=yes]
            devices:
            - name: one
              containerEdits:
                env: [THING=one]
                deviceNodes:
                - {path: /dev/thing, hostPath: /dev/zero, permissions: r, fileMode: 0640, gid: 9}
                - {path: /dev/other, type: c, major: 1, minor: 11, permissions: r}
                mounts:
                - {hostPath: {{_folder}}, containerPath: /opt/thing, options: [ro, nosuid, nodev, bind]}
                additionalGids: [9]
            """);
        File.WriteAllText(Path.Combine(_folder, "gpu.json"),
            """{"cdiVersion":"0.6.0","kind":"nvidia.com/gpu","devices":[{"name":"0","containerEdits":{"env":["GPU=0"]}},{"name":"all","containerEdits":{"env":["GPU=all"]}}]}""");
        _engine = new Engine(null, ["--cdi-spec-dir", _folder]);
    }

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_device_comes_with_all_that_its_description_says()
    {
        const string script =
            "echo $COMMON $THING; stat -c '%a %g %t' /dev/thing; head -c 3 /dev/thing | wc -c; ls /opt/thing; touch /opt/thing/x; (: >/dev/other); id -G";
        var result = _engine.Docker.Run("run", "--rm", "--device", "vendor.com/thing=one", Engine.Image, "sh", "-c", script).Succeeded();
        Assert.Equal(["yes one", "640 9 1", "3", "gpu.json", "thing.yaml"], result.Lines[..5]);
        Assert.Contains(" 9", result.Lines[^1], StringComparison.Ordinal);
        Assert.Contains("touch: /opt/thing/x: Read-only file system", result.Error, StringComparison.Ordinal);
        Assert.Contains("/dev/other: Operation not permitted", result.Error, StringComparison.Ordinal);
        Assert.Equal($"[\"{_folder}\"]", _engine.Docker.Text("info", "--format", "{{json .CDISpecDirs}}"));
    }

    [Theory]
    [InlineData("all", "GPU=all")]
    [InlineData("1", "GPU=0")]
    [InlineData("\"device=0\"", "GPU=0")]
    public void Graphics_processors_are_such_devices(string gpus, string variable)
    {
        foreach (var client in (string[])["docker", "gantry"])
            Assert.Contains(variable, _engine.Client(client).Run("run", "--rm", "--gpus", gpus, Engine.Image, "env").Succeeded().Lines);
    }

    [Fact]
    public void What_is_not_described_is_told_at_the_start()
    {
        var name = _engine.NewName();
        _engine.Docker.Run("create", "--name", name, "--device", "vendor.com/thing=two", Engine.Image, "true").Succeeded();
        Assert.Contains("CDI device injection failed: unresolvable CDI devices vendor.com/thing=two", _engine.Docker.Run("start", name).ExitsWith(1).Error,
            StringComparison.Ordinal);
        Assert.Contains("could not select device driver \"amd\" with capabilities: [[gpu]]",
            _engine.Docker.Run("run", "--rm", "--gpus", "driver=amd", Engine.Image, "true").ExitsWith(125).Error, StringComparison.Ordinal);
    }
}
