using Gantry.Api.Model;
using Gantry.Engine.Devices;
using Gantry.Oci;

namespace Gantry.Engine.Tests.Devices;

public sealed class CdiDevicesTests : IDisposable
{
    private readonly string _first = Directory.CreateTempSubdirectory("gantry-cdi-").FullName,
    _second = Directory.CreateTempSubdirectory("gantry-cdi-").FullName;

    public void Dispose()
    {
        Directory.Delete(_first, recursive: true);
        Directory.Delete(_second, recursive: true);
    }

    [Fact]
    public void A_device_brings_what_is_its_own_and_what_all_have()
    {
        File.WriteAllText(Path.Combine(_first, "a.json"), """
            {"cdiVersion":"0.6.0","kind":"vendor.com/thing","annotations":{"a":"b"},"devices":[
              {"name":"one","containerEdits":{"env":["ONE=1"],"deviceNodes":[{"path":"/dev/thing","hostPath":"/dev/null","permissions":"r"}]}},
              {"name":"two","containerEdits":{"env":["TWO=2"],"additionalGids":[0,7]}}],
             "containerEdits":{"env":["ALL=x"],"mounts":[{"hostPath":"/etc","containerPath":"/thing","options":["ro","nosuid","rbind"]}]}}
            """);
        var edits = Resolve("vendor.com/thing=one", "vendor.com/thing=two");
        Assert.Equal(["ALL=x", "ONE=1", "TWO=2"], edits.Env);
        var node = Assert.Single(edits.Nodes);
        Assert.Equal(("/dev/thing", "c", 1L, 3L), (node.Path, node.Type, node.Major, node.Minor));
        Assert.Equal("r", Assert.Single(edits.Rules).Access);
        Assert.Equal(("/thing", "bind", "/etc"), edits.Mounts.Select(mount => (mount.Destination, mount.Type, mount.Source)).Single());
        Assert.Equal([7u], edits.Groups);
    }

    [Fact]
    public void Yaml_is_read_and_later_folders_count_more()
    {
        File.WriteAllText(Path.Combine(_first, "a.yaml"),
            "cdiVersion: 0.5.0\nkind: vendor.com/thing\ndevices:\n- name: \"0\"\n  containerEdits:\n    env: [A=first]\n- name: 1\n  containerEdits: {env: [B=first]}\n");
        File.WriteAllText(Path.Combine(_second, "b.yml"), """
            kind: vendor.com/thing
            devices:
            - name: "0"
              containerEdits:
                deviceNodes:
                - {path: /dev/x, type: c, major: 10, minor: 0x5, fileMode: 0640}
                env:
                - A=second
            """.Replace("0x5", "5", StringComparison.Ordinal));
        var edits = Resolve("vendor.com/thing=0", "vendor.com/thing=1");
        Assert.Equal(["A=second", "B=first"], edits.Env);
        Assert.Equal((10L, 5L, 416u), edits.Nodes.Select(node => (node.Major, node.Minor, node.FileMode!.Value)).Single());
    }

    [Fact]
    public void Graphics_processors_are_chosen_by_number_name_or_all()
    {
        File.WriteAllText(Path.Combine(_first, "gpu.yaml"), "kind: nvidia.com/gpu\ndevices:\n"
            + string.Concat(new[] { "0", "1", "GPU-abc", "all" }.Select(name => $"- name: \"{name}\"\n  containerEdits: {{env: [\"GPU={name}\"]}}\n")));
        Assert.Equal(["GPU=all"], Gpus(new DeviceRequest { Count = -1 }));
        Assert.Equal(["GPU=0"], Gpus(new DeviceRequest { Count = 1 }));
        Assert.Equal(["GPU=1", "GPU=GPU-abc"], Gpus(new DeviceRequest { DeviceIDs = ["1", "GPU-abc"], Driver = "nvidia" }));
        Assert.Contains("3 GPUs were asked for", Assert.Throws<GantryException>(() => Gpus(new DeviceRequest { Count = 3 })).Message, StringComparison.Ordinal);
        Assert.Equal("could not select device driver \"amd\" with capabilities: [[gpu]]",
            Assert.Throws<GantryException>(() => Gpus(new DeviceRequest { Driver = "amd" })).Message);

        IReadOnlyList<string> Gpus(DeviceRequest request) =>
            Requests().Resolve(new HostConfig { DeviceRequests = [request with { Capabilities = [["gpu"]] }] }).Env;
    }

    [Fact]
    public void Hooks_are_kept_in_their_order_by_the_point_at_which_they_run()
    {
        File.WriteAllText(Path.Combine(_first, "a.yaml"), """
            kind: vendor.com/thing
            containerEdits:
              hooks: [{hookName: createContainer, path: /bin/all, args: [all, "1"], env: [A=b], timeout: 3}]
            devices:
            - name: one
              containerEdits:
                hooks:
                - {hookName: createContainer, path: /bin/own}
                - {hookName: poststop, path: /bin/after}
            - name: plain
              containerEdits: {env: [A=b]}
            """);
        var hooks = Resolve("vendor.com/thing=one").Hooks!;
        Assert.Equal(["/bin/all", "/bin/own"], hooks.CreateContainer!.Select(hook => hook.Path));
        Assert.Equal(["all", "1"], hooks.CreateContainer![0].Args!);
        Assert.Equal(["A=b"], hooks.CreateContainer[0].Env!);
        Assert.Equal(3, hooks.CreateContainer[0].Timeout);
        Assert.Equal("/bin/after", Assert.Single(hooks.Poststop!).Path);
        Assert.Null(hooks.Prestart ?? hooks.CreateRuntime ?? hooks.StartContainer ?? hooks.Poststart);
    }

    [Theory]
    [InlineData("""{"hookName":"frob","path":"/bin/x"}""", "invalid hook, invalid name \"frob\"")]
    [InlineData("""{"hookName":"poststop","path":"x"}""", "invalid hook poststop, its path \"x\" is not absolute")]
    [InlineData("""{"hookName":"poststop","path":"/x","timeout":0}""", "invalid hook poststop, its timeout of 0 seconds is not positive")]
    public void A_description_with_a_hook_that_is_wrong_is_none(string hook, string why)
    {
        File.WriteAllText(Path.Combine(_first, "a.json"), """{"kind":"vendor.com/thing","devices":[{"name":"x","containerEdits":{"hooks":[""" + hook + "]}}]}");
        Assert.Contains(why, Failure("vendor.com/thing=x").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_there_or_not_done_is_told()
    {
        File.WriteAllText(Path.Combine(_first, "a.json"),
            """{"kind":"vendor.com/thing","devices":[{"name":"class","containerEdits":{"intelRdt":{"closID":"c"}}},{"name":"net","containerEdits":{"netDevices":[{"hostInterfaceName":"eth7","name":"x"}]}},{"name":"gone","containerEdits":{"deviceNodes":[{"path":"/dev/no-such"}]}}]}""");
        File.WriteAllText(Path.Combine(_first, "broken.json"), "{");
        Assert.StartsWith("CDI device injection failed: unresolvable CDI devices vendor.com/thing=x, other (", Failure("vendor.com/thing=x", "other").Message,
            StringComparison.Ordinal);
        Assert.Contains("broken.json", Failure("other").Message, StringComparison.Ordinal);
        Assert.Equal(ErrorKind.NotImplemented, Failure("vendor.com/thing=class").Kind);
        Assert.Contains("intelRdt (class \"c\")", Failure("vendor.com/thing=class").Message, StringComparison.Ordinal);
        Assert.Contains("eth7", Failure("vendor.com/thing=net").Message, StringComparison.Ordinal);
        Assert.Contains("/dev/no-such is no device node of this host", Failure("vendor.com/thing=gone").Message, StringComparison.Ordinal);
    }

    private GantryException Failure(params string[] names) => Assert.Throws<GantryException>(() => Resolve(names));

    private DeviceEdits Resolve(params string[] names) =>
        Requests().Resolve(new HostConfig { DeviceRequests = [new DeviceRequest { Driver = "cdi", DeviceIDs = names }] });

    private DeviceRequests Requests() => new(new CdiDevices([_first, _second]));
}
