using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Networks;

/// <summary>An engine whose containers do not reach each other on the network <c>bridge</c>, and which says more of that network.</summary>
public sealed class QuietEngine : IDisposable
{
    internal Engine Engine { get; } = new(null, ["--icc=false", "--mtu", "1400", "--ip", "127.0.0.1", "--host-gateway-ip", "192.0.2.9"]);

    public void Dispose() => Engine.Dispose();
}

/// <summary>The daemon's settings of the network <c>bridge</c>, and what <c>--link</c> opens on it.</summary>
[Trait("Only", "Gantry")]
public sealed class DefaultBridgeTests(QuietEngine quiet) : IClassFixture<QuietEngine>
{
    private const string Server = "echo -n served >/tmp/index.html; httpd -h /tmp -p 8000; exec httpd -f -h /tmp -p 8001";

    private Engine Engine => quiet.Engine;

    private Client Docker => quiet.Engine.Docker;

    [Fact]
    public void A_link_opens_the_exposed_ports_of_the_linked_container_and_nothing_else()
    {
        var server = Engine.RunShell(Server, "--expose", "8000");
        var friend = Engine.RunShell("sleep 600", "--link", $"{server}:db");
        var stranger = Engine.RunShell("sleep 600");
        Eventually.Equal("served", () => Fetch(friend, "db:8000"));
        var address = AddressOf(server);
        Assert.Equal("", Fetch(friend, $"{address}:8001"));
        Assert.Equal("", Fetch(stranger, $"{address}:8000"));
        Assert.Equal("", Fetch(server, $"{AddressOf(friend)}:8000"));
        Assert.Contains($"{AddressOf(friend)} reaches 8000/tcp", Engine.Client("gantry").Text("network", "why", $"{server}:8000"), StringComparison.Ordinal);

        Engine.Daemon.Kill();
        Engine.Daemon.Restart();
        Assert.Equal("served", Fetch(friend, "db:8000"));
        Assert.Equal("", Fetch(stranger, $"{address}:8000"));
    }

    [Fact]
    public void A_linked_container_that_is_started_anew_is_found_at_its_new_address_and_the_old_one_is_closed()
    {
        var server = Engine.RunShell(Server, "--expose", "8000");
        var friend = Engine.RunShell("sleep 600", "--link", $"{server}:db");
        var before = AddressOf(server);
        Docker.Run("stop", "-t", "0", server).Succeeded();
        Docker.Run("start", server).Succeeded();
        Assert.NotEqual(before, AddressOf(server));
        Assert.Contains($"{AddressOf(server)}\tdb ", Docker.Text("exec", friend, "cat", "/etc/hosts"), StringComparison.Ordinal);
        Assert.DoesNotContain(before + "\t", Docker.Text("exec", friend, "cat", "/etc/hosts"), StringComparison.Ordinal);
        Eventually.Equal("served", () => Fetch(friend, "db:8000"));
        Docker.Run("rm", "-f", server).Succeeded();
        Assert.Equal("", Fetch(friend, "db:8000"));
    }

    [Fact]
    public void The_daemons_flags_say_how_the_network_is()
    {
        var options = Docker.Text("network", "inspect", "-f", "{{json .Options}}", "bridge");
        Assert.Contains("\"com.docker.network.bridge.enable_icc\":\"false\"", options, StringComparison.Ordinal);
        Assert.Contains("\"com.docker.network.bridge.host_binding_ipv4\":\"127.0.0.1\"", options, StringComparison.Ordinal);
        Assert.Contains("\"com.docker.network.driver.mtu\":\"1400\"", options, StringComparison.Ordinal);
        var name = Engine.RunShell("sleep 600", "-p", "80", "--add-host", "outside:host-gateway");
        Assert.StartsWith("127.0.0.1:", Docker.Text("port", name, "80"), StringComparison.Ordinal);
        Assert.Equal("1400", Docker.Text("exec", name, "cat", "/sys/class/net/eth0/mtu"));
        Assert.Contains("192.0.2.9\toutside", Docker.Text("exec", name, "cat", "/etc/hosts"), StringComparison.Ordinal);
    }

    private string AddressOf(string name) => Docker.Inspect(name, "{{.NetworkSettings.Networks.bridge.IPAddress}}");

    /// <summary>What a container is told by a web server; nothing where there is no way.</summary>
    private string Fetch(string name, string server) =>
        Docker.Text("exec", name, "sh", "-c", $"timeout 2 wget -qO- http://{server}/index.html 2>/dev/null; true");
}
