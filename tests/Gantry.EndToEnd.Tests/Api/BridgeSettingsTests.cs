using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Api;

/// <summary>The settings of the network <c>bridge</c>, and what containers get by default, by docker's keys.</summary>
[Trait("Only", "Gantry")]
public sealed class BridgeSettingsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-e2e-bridge-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string File_ => Path.Combine(_folder, "daemon.json");

    [Fact]
    public void The_bridge_is_as_the_file_says_and_changes_with_a_start_without_containers()
    {
        File.WriteAllText(
            File_, """{"bip":"10.211.7.1/24","fixed-cidr":"10.211.7.128/25","mtu":1400,"icc":false,"ip":"127.0.0.1","default-network-opts":{"bridge":{"com.docker.network.driver.mtu":"1300"}},"host-gateway-ips":["192.0.2.9"]}""");
        using var engine = new Engine(null, ["--config-file", File_]);
        var id = engine.Docker.Inspect("bridge", "{{.Id}}");
        var first = engine.RunShell("exec sleep 600", "-p", "7711", "--add-host", "out:host-gateway");
        var second = engine.RunShell("exec sleep 600");
        Assert.Equal("10.211.7.1", engine.Docker.Inspect(first, "{{.NetworkSettings.Networks.bridge.Gateway}}"));
        var address = engine.Docker.Inspect(first, "{{.NetworkSettings.Networks.bridge.IPAddress}}");
        Assert.InRange(int.Parse(address.Split('.')[3]), 128, 254);
        Assert.Equal("1400", engine.Docker.Text("exec", first, "cat", "/sys/class/net/eth0/mtu"));
        Assert.Equal("127.0.0.1", engine.Docker.Text("port", first).Split(" -> ")[1].Split(':')[0]);
        Assert.Contains("192.0.2.9\tout", engine.Docker.Text("exec", first, "cat", "/etc/hosts"), StringComparison.Ordinal);
        engine.Docker.Run("exec", second, "ping", "-c", "1", "-W", "1", address).ExitsWith(1);
        engine.Docker.Run("exec", second, "ping", "-c", "1", "-W", "2", "10.211.7.1").Succeeded();
        var network = engine.NewName("n");
        engine.Docker.Run("network", "create", network).Succeeded();
        Assert.Equal("1300", engine.Docker.Text("run", "--rm", "--network", network, Engine.Image, "cat", "/sys/class/net/eth0/mtu"));
        engine.Docker.Run("network", "rm", network).Succeeded();

        // 1. While containers run it stays as it is, and the log says so.
        File.WriteAllText(File_, """{"bip":"10.211.8.1/24"}""");
        engine.Daemon.Stop();
        engine.Daemon.Restart();
        Assert.Equal("10.211.7.0/24", engine.Docker.Inspect("bridge", "{{(index .IPAM.Config 0).Subnet}}"));
        Assert.Contains("its settings have changed", engine.Daemon.ReadLog(), StringComparison.Ordinal);

        // 2. Then it is what was said, under its ID.
        engine.Docker.Run("rm", "-f", first, second).Succeeded();
        engine.Daemon.Stop();
        engine.Daemon.Restart();
        Assert.Equal(id + " 10.211.8.0/24", engine.Docker.Inspect("bridge", "{{.Id}} {{(index .IPAM.Config 0).Subnet}}"));
        Assert.Contains("inet 10.211.8.2/24", engine.Docker.Text("run", "--rm", Engine.Image, "ip", "-4", "address", "show", "eth0"), StringComparison.Ordinal);

        // 3. There may be none.
        File.WriteAllText(File_, """{"bridge":"none"}""");
        engine.Daemon.Stop();
        engine.Daemon.Restart();
        Assert.Equal("host\nnone", engine.Docker.Text("network", "ls", "--format", "{{.Name}}"));
        Assert.Equal("lo", engine.Docker.Text("run", "--rm", Engine.Image, "ls", "/sys/class/net"));
    }

    [Fact]
    public void Containers_get_what_the_file_says_of_namespaces_filter_and_cgroup()
    {
        var profile = Path.Combine(_folder, "profile.json");
        File.WriteAllText(profile, """{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO"}]}""");
        File.WriteAllText(File_,
            $$"""{"default-ipc-mode":"shareable","default-cgroupns-mode":"private","seccomp-profile":"{{profile}}","cgroup-parent":"gantry-e2e-parent"}""");
        using (var engine = new Engine(null, ["--config-file", File_]))
        {
            var name = engine.RunShell("exec sleep 600");
            Assert.Equal("shareable private", engine.Docker.Inspect(name, "{{.HostConfig.IpcMode}} {{.HostConfig.CgroupnsMode}}"));
            Assert.Contains("Operation not permitted", engine.Docker.Run("exec", name, "mkdir", "/x").ExitsWith(1).Error, StringComparison.Ordinal);
            engine.Docker.Run("run", "--rm", "--security-opt", "seccomp=builtin", Engine.Image, "mkdir", "/x").Succeeded();
            var pid = engine.Docker.Inspect(name, "{{.State.Pid}}");
            Assert.Contains("/gantry-e2e-parent/", File.ReadAllText($"/proc/{pid}/cgroup"), StringComparison.Ordinal);
        }
        Command.Run(["sh", "-c", "rmdir /sys/fs/cgroup/*/gantry-e2e-parent /sys/fs/cgroup/gantry-e2e-parent 2>/dev/null; true"]);
    }

    [Fact]
    public void Containers_leave_by_another_gateway_when_the_file_says_so()
    {
        File.WriteAllText(File_, """{"bip":"10.211.9.1/24","default-gateway":"10.211.9.254"}""");
        using var engine = new Engine(null, ["--config-file", File_]);
        var name = engine.RunShell("exec sleep 600");
        Assert.Equal("10.211.9.254", engine.Docker.Inspect(name, "{{.NetworkSettings.Networks.bridge.Gateway}}"));
        Assert.Contains("default via 10.211.9.254", engine.Docker.Text("exec", name, "ip", "route"), StringComparison.Ordinal);
        Assert.Equal("10.211.9.1 10.211.9.254", engine.Docker.Inspect(
            "bridge", "{{with index .IPAM.Config 0}}{{.Gateway}} {{.AuxiliaryAddresses.DefaultGatewayIPv4}}{{end}}"));
        engine.Docker.Run("exec", name, "ping", "-c", "1", "-W", "2", "10.211.9.1").Succeeded();
    }

    [Fact]
    public void Without_rules_there_is_no_table_and_ports_are_passed_on()
    {
        File.WriteAllText(File_, """{"iptables":false}""");
        using var engine = new Engine(null, ["--config-file", File_]);
        var server = engine.RunShell("while :; do echo served | nc -l -p 80; done", "-p", "80");
        var port = engine.Docker.Text("port", server, "80").Split('\n')[0].Split(':')[^1];
        Eventually.Equal("served", () => Command.Run(["bash", "-c", $"exec 3<>/dev/tcp/127.0.0.1/{port}; cat <&3"]).Output.Trim());
        Assert.Contains("this daemon makes no rules", engine.Client("gantry").Run("network", "why", server).ExitsWith(1).Error, StringComparison.Ordinal);
    }
}
