using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Networks;

/// <summary>Containers on bridge networks: addresses, published ports, connect and disconnect, with both clients.</summary>
public sealed class NetworkTests(Engine engine) : IClassFixture<Engine>
{
    private Client Docker => engine.Docker;

    [Fact]
    public void A_container_is_on_the_default_bridge_unless_told_otherwise()
    {
        var name = engine.RunShell("sleep 600");
        var address = Docker.Inspect(name, "{{.NetworkSettings.Networks.bridge.IPAddress}}");
        Assert.Equal("bridge", Docker.Inspect(name, "{{.HostConfig.NetworkMode}}"));
        Assert.Contains($"inet {address}/16", Docker.Text("exec", name, "ip", "addr", "show", "eth0"), StringComparison.Ordinal);
        Assert.Contains($"{address}\t{Docker.Inspect(name, "{{.Config.Hostname}}")}", Docker.Text("exec", name, "cat", "/etc/hosts"), StringComparison.Ordinal);
        var gateway = Docker.Inspect(name, "{{.NetworkSettings.Networks.bridge.Gateway}}");
        Docker.Run("exec", name, "ping", "-c1", "-W2", gateway).Succeeded();
        var other = engine.RunShell($"ping -c1 -W2 {address} && echo reached; sleep 600");
        Eventually.True(() => Docker.Text("logs", other).Contains("reached", StringComparison.Ordinal), () => Docker.Text("logs", other));
    }

    [Theory, BothClients]
    public void A_published_port_is_reached_from_the_host_and_told_by_port_and_ps(string client)
    {
        var name = Serve(client, "-p", "127.0.0.1::80");
        var published = engine.Client(client).Text("port", name, "80");
        Assert.StartsWith("127.0.0.1:", published, StringComparison.Ordinal);
        Assert.Equal($"80/tcp -> {published}", engine.Client(client).Text("port", name));
        Assert.Equal($"{published}->80/tcp", engine.Client(client).Text("ps", "--filter", $"name={name}", "--format", "{{.Ports}}"));
        Eventually.Equal("served", () => Fetch(published));
    }

    [Theory, BothClients]
    public void A_port_published_at_all_addresses_is_reached_by_both_versions_of_IP(string client)
    {
        var name = Serve(client, "-p", "80");
        var published = engine.Client(client).Run("port", name, "80").Lines;
        Assert.StartsWith("0.0.0.0:", published[0], StringComparison.Ordinal);
        var port = published[0]["0.0.0.0:".Length..];
        Assert.Equal($"[::]:{port}", published[1]);
        Assert.Equal($"0.0.0.0:{port}->80/tcp, [::]:{port}->80/tcp", engine.Client(client).Text("ps", "--filter", $"name={name}", "--format", "{{.Ports}}"));
        Eventually.Equal("served", () => Fetch($"127.0.0.1:{port}"));
        Eventually.Equal("served", () => Fetch($"[::1]:{port}"));
        engine.Client(client).Run("rm", "-f", name).Succeeded();
        Assert.Equal("", Fetch($"127.0.0.1:{port}"));
        Assert.Equal("", Fetch($"[::1]:{port}"));
    }

    [Fact]
    [Trait("Only", "Gantry")]
    public void Ports_move_with_the_way_out_and_keep_their_numbers()
    {
        var network = engine.NewName("net");
        Docker.Run("network", "create", network).Succeeded();
        var name = Serve("docker", "-p", "80");
        var port = Docker.Run("port", name, "80").Lines[0].Split(':')[^1];
        Docker.Run("network", "connect", network, name).Succeeded();
        foreach (var step in (string[][])[["network", "disconnect", "bridge", name], ["network", "connect", "bridge", name],
            ["network", "disconnect", network, name]])
        {
            Docker.Run(step).Succeeded();
            Assert.Equal(port, Docker.Run("port", name, "80").Lines[0].Split(':')[^1]);
            Eventually.Equal("served", () => Fetch($"127.0.0.1:{port}"));
            Eventually.Equal("served", () => Fetch($"[::1]:{port}"));
        }
        Docker.Run("network", "disconnect", "bridge", name).Succeeded();
        Assert.Equal("", Fetch($"127.0.0.1:{port}"));
        Docker.Run("network", "rm", network).Succeeded();
    }

    [Fact]
    [Trait("Only", "Gantry")]
    public void A_network_that_cannot_publish_the_ports_leaves_all_as_it_was()
    {
        var network = engine.NewName("net");
        // TEST-NET-1 (RFC 5737): no machine has such an address.
        Docker.Run("network", "create", "-o", "com.docker.network.bridge.host_binding_ipv4=192.0.2.77", network).Succeeded();
        var name = Serve("docker", "-p", "80");
        var published = Docker.Text("port", name, "80");
        var before = Inside(name);
        var port = published.Split('\n')[0].Split(':')[^1];
        Eventually.Equal("served", () => Fetch($"127.0.0.1:{port}"));

        var refused = Docker.Run("network", "connect", "--gw-priority", "1", network, name).ExitsWith(1);
        Assert.Contains($"failed to bind host port for 192.0.2.77:{port}:", refused.Error, StringComparison.Ordinal);
        Assert.Equal(published, Docker.Text("port", name, "80"));
        Assert.Equal("served", Fetch($"127.0.0.1:{port}"));
        Assert.Equal("served", Fetch($"[::1]:{port}"));
        Assert.Equal(before, Inside(name));
        Assert.DoesNotContain(network, Docker.Text("inspect", name), StringComparison.Ordinal);
        // The next daemon knows it so as well.
        engine.Daemon.Kill();
        engine.Daemon.Restart();
        Assert.Equal(published, Docker.Text("port", name, "80"));
        Docker.Run("network", "rm", network).Succeeded();
    }

    /// <summary>What a container has of networks.</summary>
    private string Inside(string name) =>
        Docker.Text("exec", name, "sh", "-c", "ip -o link | cut -d: -f2; ip -o addr | cut -c1-60; ip route; cat /etc/hosts /etc/resolv.conf");

    [Theory, BothClients]
    public void A_port_that_is_taken_is_refused_and_free_again_after_its_container(string client)
    {
        var first = Serve(client, "-p", "127.0.0.1::80");
        var port = engine.Client(client).Text("port", first, "80").Split(':')[1];
        var second = engine.NewName();
        var refused = engine.Client(client).Run("run", "--name", second, "-p", $"127.0.0.1:{port}:80", Engine.Image, "true").ExitsWith(125);
        Assert.Contains($"Bind for 127.0.0.1:{port} failed: port is already allocated", refused.Error, StringComparison.Ordinal);
        engine.Client(client).Run("rm", "-f", first).Succeeded();
        engine.Client(client).Run("start", "-a", second).Succeeded();
    }

    [Theory, BothClients]
    public void A_running_container_is_connected_to_another_network_and_taken_off_it(string client)
    {
        var network = engine.NewName("net");
        var cli = engine.Client(client);
        cli.Run("network", "create", network).Succeeded();
        var name = engine.RunShell("sleep 600");
        cli.Run("network", "connect", network, name).Succeeded();
        var address = Docker.Inspect(name, $"{{{{(index .NetworkSettings.Networks \"{network}\").IPAddress}}}}");
        Assert.Contains($"inet {address}/", Docker.Text("exec", name, "ip", "addr", "show", "eth1"), StringComparison.Ordinal);
        Assert.Contains(name, Docker.Text("network", "inspect", network), StringComparison.Ordinal);
        Assert.Contains("already exists in network", cli.Run("network", "connect", network, name).ExitsWith(1).Error, StringComparison.Ordinal);
        Assert.Contains("has active endpoints", cli.Run("network", "rm", network).ExitsWith(1).Error, StringComparison.Ordinal);
        cli.Run("network", "disconnect", network, name).Succeeded();
        Docker.Run("exec", name, "ip", "addr", "show", "eth1").ExitsWith(1);
        cli.Run("network", "rm", network).Succeeded();
    }

    [Theory, BothClients]
    public void A_network_is_made_from_a_configuration(string client)
    {
        var cli = engine.Client(client);
        var (configuration, network) = (engine.NewName("cfg"), engine.NewName("net"));
        cli.Run("network", "create", "--config-only", "--subnet", "10.213.7.0/24", "--label", "from=there", configuration).Succeeded();
        cli.Run("network", "create", "--config-from", configuration, network).Succeeded();
        Assert.Equal("false 10.213.7.0/24 there " + configuration,
            cli.Text("network", "inspect", "-f", "{{.ConfigOnly}} {{(index .IPAM.Config 0).Subnet}} {{.Labels.from}} {{.ConfigFrom.Network}}", network));
        Assert.Equal("true null", cli.Text("network", "inspect", "-f", "{{.ConfigOnly}} {{.Driver}}", configuration));
        Assert.Contains("inet 10.213.7.2/24", cli.Text("run", "--rm", "--network", network, Engine.Image, "ip", "addr"), StringComparison.Ordinal);
        Assert.Contains("is in use", cli.Run("network", "rm", configuration).ExitsWith(1).Error, StringComparison.Ordinal);
        Assert.Contains("cannot create endpoint on configuration-only network",
            cli.Run("run", "--rm", "--network", configuration, Engine.Image, "true").ExitsWith(125).Error, StringComparison.Ordinal);
        cli.Run("network", "rm", network).Succeeded();
        cli.Run("network", "rm", configuration).Succeeded();
    }

    [Theory, BothClients]
    public void All_options_of_an_endpoint_are_those_of_the_interface(string client)
    {
        var network = engine.NewName("net");
        var cli = engine.Client(client);
        cli.Run("network", "create", "--subnet", "10.213.8.0/24", "--ipv6", "--subnet", "fd13:8::/64", network).Succeeded();
        var inside = cli.Text("run", "--rm", "--network",
            $"name={network},alias=x,ip=10.213.8.77,ip6=fd13:8::77,mac-address=02:42:00:00:00:99,link-local-ip=169.254.7.9,driver-opt=com.docker.network.endpoint.ifname=front,driver-opt=com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.log_martians=1",
            Engine.Image, "sh", "-c", "ip -o addr show front; cat /sys/class/net/front/address /proc/sys/net/ipv4/conf/front/log_martians");
        foreach (var part in (string[])["10.213.8.77/24", "fd13:8::77/64", "169.254.7.9/16", "02:42:00:00:00:99\n1"])
            Assert.Contains(part, inside, StringComparison.Ordinal);
        cli.Run("network", "rm", network).Succeeded();
    }

    [Theory, BothClients]
    public void A_container_on_an_internal_network_does_not_get_out(string client)
    {
        var network = engine.NewName("net");
        engine.Client(client).Run("network", "create", "--internal", network).Succeeded();
        Assert.DoesNotContain("default", engine.Client(client).Text("run", "--rm", "--network", network, Engine.Image, "ip", "route"),
            StringComparison.Ordinal);
        engine.Client(client).Run("network", "rm", network).Succeeded();
    }

    [Fact]
    public void A_network_that_is_not_there_is_named()
    {
        var result = Docker.Run("run", "--rm", "--network", "no-such-network", Engine.Image, "true").ExitsWith(125);
        Assert.Contains("failed to set up container networking: network no-such-network not found", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_shares_the_network_of_another_and_its_names()
    {
        var first = engine.RunShell("sleep 600");
        var shared = Docker.Text("run", "--rm", "--network", $"container:{first}", Engine.Image, "sh", "-c", "ip -o addr show eth0; cat /etc/hosts");
        Assert.Equal(Docker.Text("exec", first, "hostname"), Docker.Text("run", "--rm", "--network", $"container:{first}", Engine.Image, "hostname"));
        Assert.Contains(Docker.Inspect(first, "{{.NetworkSettings.Networks.bridge.IPAddress}}"), shared, StringComparison.Ordinal);
        Assert.Contains(Docker.Inspect(first, "{{.Config.Hostname}}"), shared, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Only", "Gantry")]
    public void Ports_and_addresses_survive_the_death_of_the_daemon()
    {
        var name = Serve("docker", "-p", "127.0.0.1::80");
        var published = Docker.Text("port", name, "80");
        var address = Docker.Inspect(name, "{{.NetworkSettings.Networks.bridge.IPAddress}}");
        engine.Daemon.Kill();
        Eventually.Equal("served", () => Fetch(published));
        engine.Daemon.Restart();
        Assert.Equal(published, Docker.Text("port", name, "80"));
        Assert.Equal(address, Docker.Inspect(name, "{{.NetworkSettings.Networks.bridge.IPAddress}}"));
        Assert.Equal("served", Fetch(published));
        Docker.Run("run", "--rm", "-p", $"{published}:80", Engine.Image, "true").ExitsWith(125);
    }

    [Fact]
    [Trait("Only", "Gantry")]
    public async Task Whoever_connects_while_the_daemon_is_killed_and_started_anew_gets_through()
    {
        var name = Serve("docker", "-p", "80");
        var port = Docker.Run("port", name, "80").Lines[0].Split(':')[^1];
        Eventually.Equal("served", () => Fetch($"127.0.0.1:{port}"));
        using var end = new CancellationTokenSource();
        var (answers, failures) = (0, 0);
        var clients = ((string[])[$"127.0.0.1:{port}", $"[::1]:{port}"]).Select(address => Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
                Interlocked.Increment(ref Fetch(address) == "served" ? ref answers : ref failures);
        })).ToArray();
        Eventually.True(() => answers > 10, () => $"{answers} answers, {failures} failures");
        engine.Daemon.Kill();
        engine.Daemon.Restart();
        var before = answers;
        Eventually.True(() => answers > before + 10, () => $"{answers} answers, {failures} failures");
        await end.CancelAsync();
        await Task.WhenAll(clients);
        Assert.Equal(0, failures);
        Docker.Run("rm", "-f", name).Succeeded();
    }

    [Fact]
    public void Unused_networks_are_pruned_and_those_in_use_are_not()
    {
        var (used, unused) = (engine.NewName("net"), engine.NewName("net"));
        Docker.Run("network", "create", "--label", "e2e=prune", used).Succeeded();
        Docker.Run("network", "create", "--label", "e2e=prune", unused).Succeeded();
        var name = engine.RunShell("sleep 600", "--network", used);
        Assert.Contains(unused, Docker.Text("network", "prune", "-f", "--filter", "label=e2e=prune"), StringComparison.Ordinal);
        Assert.Equal(used, Docker.Text("network", "ls", "--filter", "label=e2e=prune", "--format", "{{.Name}}"));
        Docker.Run("rm", "-f", name).Succeeded();
        Docker.Run("network", "rm", used).Succeeded();
    }

    private string Serve(string client, params string[] options)
    {
        var name = engine.NewName();
        engine.Client(client).Run(["run", "-d", "--name", name, .. options, Engine.Image, "sh", "-c", "echo -n served >/tmp/index.html; exec httpd -f -h /tmp"])
            .Succeeded();
        return name;
    }

    /// <summary>What a web server says; nothing while it does not answer.</summary>
    private static string Fetch(string endpoint)
    {
        var address = IPEndPoint.Parse(endpoint);
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 5000 };
        try
        {
            socket.Connect(address);
            socket.Send(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"GET /index.html HTTP/1.0\r\nHost: {address}\r\n\r\n")));
            using var stream = new NetworkStream(socket);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            var answer = reader.ReadToEnd();
            return answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return "";
        }
    }
}
