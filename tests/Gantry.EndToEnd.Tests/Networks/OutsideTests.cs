using System.Text.Json;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Networks;

/// <summary>Debian's nginx, curl, ping, dig and iperf3: between containers, from this machine, and from another one.</summary>
[Trait("Only", "Gantry")]
public sealed class OutsideTests : IClassFixture<Engine>, IDisposable
{
    private const string Image = "gantry-network:latest";

    private readonly Engine _engine;
    private readonly OutsideHost _outside = new();

    public OutsideTests(Engine engine)
    {
        _engine = engine;
        Docker.Run("load", "-q", "-i", TestEnvironment.NetworkArchive).Succeeded();
    }

    private Client Docker => _engine.Docker;

    public void Dispose() => _outside.Dispose();

    [Fact]
    public void Another_machine_reaches_what_is_published_and_is_seen_by_its_own_address()
    {
        var (name, port) = Serve();
        Assert.Equal(OutsideHost.Address, _outside.Run("curl", "-s", "-m", "5", $"http://{OutsideHost.ThisMachine}:{port}/").Text);
        // By the container's own address there is no way in.
        _outside.Run("curl", "-s", "-m", "2", $"http://{AddressOf(name)}/").ExitsWithFailure();
        _outside.Run("ping", "-c", "1", "-W", "2", AddressOf(name)).ExitsWithFailure();
        // The other way there is.
        Docker.Run("exec", name, "ping", "-c", "1", "-W", "5", OutsideHost.Address).Succeeded();
    }

    [Fact]
    public void Containers_reach_what_is_published_by_the_machines_address()
    {
        var (name, port) = Serve();
        Docker.Run("run", "--rm", Image, "curl", "-s", "-m", "5", $"http://{OutsideHost.ThisMachine}:{port}/").Succeeded();
        Docker.Run("exec", name, "curl", "-s", "-m", "5", $"http://{OutsideHost.ThisMachine}:{port}/").Succeeded();
        Assert.Equal(Gateway(), OutsideHost.RunHere("curl", "-s", "-m", "5", $"http://127.0.0.1:{port}/").Text);
    }

    [Fact]
    public void What_is_published_at_the_loopback_address_is_not_reached_from_another_machine()
    {
        var (name, port) = Serve("-p", "127.0.0.1::80");
        _outside.Run("curl", "-s", "-m", "2", $"http://{OutsideHost.ThisMachine}:{port}/").ExitsWithFailure();
        Assert.Equal(Gateway(), OutsideHost.RunHere("curl", "-s", "-m", "5", $"http://127.0.0.1:{port}/").Text);
        var why = _engine.Client("gantry").Text("network", "why", $"{name}:80", OutsideHost.Address);
        Assert.Contains("it is published at 127.0.0.1, which is the host's own", why, StringComparison.Ordinal);
        Assert.DoesNotContain(" yes ", why, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_gets_into_an_internal_network_and_nobody_out()
    {
        var network = _engine.NewName("net");
        Docker.Run("network", "create", "--internal", network).Succeeded();
        var name = _engine.NewName();
        Docker.Run("run", "-d", "--name", name, "--network", network, "-p", "80", Image).Succeeded();
        _outside.Run("curl", "-s", "-m", "2", $"http://{AddressOf(name)}/").ExitsWithFailure();
        Docker.Run("exec", name, "ping", "-c", "1", "-W", "2", OutsideHost.Address).ExitsWithFailure();
        Docker.Run("run", "--rm", "--network", network, Image, "curl", "-s", "-m", "5", $"http://{name}/").Succeeded();
        Docker.Run("rm", "-f", name).Succeeded();
        Docker.Run("network", "rm", network).Succeeded();
    }

    [Fact]
    public void Names_are_answered_in_all_forms()
    {
        var network = _engine.NewName("net");
        Docker.Run("network", "create", "--ipv6", network).Succeeded();
        var name = _engine.NewName();
        Docker.Run("run", "-d", "--name", name, "--network", network, "--network-alias", "web", "--expose", "80", "--label", "gantry.port.http=80", Image)
            .Succeeded();
        var (four, six) = (AddressOf(name), Docker.Inspect(name, "{{range .NetworkSettings.Networks}}{{.GlobalIPv6Address}}{{end}}"));
        Assert.Equal(four, Dig(name));
        Assert.Equal(four, Dig("web"));
        Assert.Equal(four, Dig("+tcp", "web"));
        Assert.Equal(six, Dig("web", "AAAA"));
        Assert.Equal($"{name}.{network}.", Dig("-x", four));
        Assert.Equal("", Dig("web", "TXT"));
        foreach (var service in (string[])["_http._tcp.web", "_80._tcp.web"])
            Assert.Matches(@"^\d+ \d+ 80 ", Dig(service, "SRV"));
        Assert.Equal("", Dig("_https._tcp.web", "SRV"));
        Docker.Run("rm", "-f", name).Succeeded();
        Docker.Run("network", "rm", network).Succeeded();

        string Dig(params string[] question) => Docker.Text(["run", "--rm", "--network", network, Image, "dig", "+short", .. question]);
    }

    [Fact]
    public void Much_passes_between_containers_and_from_another_machine()
    {
        var name = _engine.NewName();
        Docker.Run("run", "-d", "--name", name, "-p", "5201", Image, "iperf3", "-s").Succeeded();
        var port = Docker.Run("port", name, "5201").Lines[0].Split(':')[^1];
        Eventually.True(() => _outside.Run("iperf3", "-c", OutsideHost.ThisMachine, "-p", port, "-n", "1M").ExitCode == 0, () => Docker.Text("logs", name));
        // A server that is still busy with the one before says so, in a report without an end.
        Eventually.True(() => Sent(_outside.Run("iperf3", "-J", "-n", "64M", "-c", OutsideHost.ThisMachine, "-p", port).Output) > 60_000_000, () =>
            Docker.Text("logs", name));
        Eventually.True(() => Sent(Docker.Run("run", "--rm", Image, "iperf3", "-J", "-n", "64M", "-c", AddressOf(name)).Output) > 60_000_000, () =>
            Docker.Text("logs", name));

        static long Sent(string report)
        {
            using var document = JsonDocument.Parse(report);
            return document.RootElement.GetProperty("end").TryGetProperty("sum_received", out var sum) ? sum.GetProperty("bytes").GetInt64() : 0;
        }
    }

    private (string Name, string Port) Serve(params string[] options)
    {
        var name = _engine.NewName();
        Docker.Run(["run", "-d", "--name", name, .. options.Length > 0 ? options : ["-p", "80"], Image]).Succeeded();
        var port = Docker.Run("port", name, "80").Lines[0].Split(':')[^1];
        Eventually.True(() => OutsideHost.RunHere("curl", "-s", "-m", "5", $"http://127.0.0.1:{port}/").ExitCode == 0, () =>
            Docker.Run("logs", name).ToString());
        return (name, port);
    }

    private string AddressOf(string name) => Docker.Inspect(name, "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}");

    private string Gateway() => Docker.Text("network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", "bridge");
}
