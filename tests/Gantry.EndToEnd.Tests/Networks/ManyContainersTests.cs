using Gantry.EndToEnd.Tests.Api;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Networks;

/// <summary>Many containers on one network, and many changes of a container's networks.</summary>
public sealed class ManyContainersTests(Engine engine) : IClassFixture<Engine>
{
    private Client Docker => engine.Docker;

    [Fact]
    public void Two_hundred_containers_on_one_network_resolve_each_other()
    {
        const int count = 200;
        var network = engine.NewName("net");
        Docker.Run("network", "create", network).Succeeded();
        var names = Enumerable.Range(0, count).Select(_ => engine.NewName()).ToArray();
        Parallel.ForEach(names, new ParallelOptions { MaxDegreeOfParallelism = 4 },
            name => Docker.Run("run", "-d", "--name", name, "--network", network, Engine.Image, "sleep", "600").Succeeded());
        // Each asks for all: every name has one address, and each of them another.
        var script = $"for n in {string.Join(' ', names)}; do nslookup -type=a $n. 127.0.0.11 | awk '/^Address/ {{ last = $2 }} END {{ print last }}'; done";
        foreach (var name in new[] { names[0], names[count / 2], names[^1] })
            Assert.Equal(count, Docker.Run("exec", name, "sh", "-c", script).Lines.Where(line =>
                line.StartsWith("172.", StringComparison.Ordinal) || line.StartsWith("192.168.", StringComparison.Ordinal)).Distinct().Count());
        Parallel.ForEach(names, new ParallelOptions { MaxDegreeOfParallelism = 4 },
            name => Docker.Run("exec", name, "ping", "-c1", "-W5", names[0]).Succeeded());
        Docker.Run(["rm", "-f", .. names]).Succeeded();
        Docker.Run("network", "rm", network).Succeeded();
    }

    [Fact]
    [Trait("Only", "Gantry")]
    public void A_thousand_connects_and_disconnects_leak_nothing()
    {
        const int rounds = 250, networks = 4;
        var name = engine.RunShell("sleep 600");
        var made = Enumerable.Range(0, networks).Select(_ => engine.NewName("net")).ToArray();
        foreach (var network in made)
            Docker.Run("network", "create", network).Succeeded();
        Round(2);
        var (links, descriptors) = (Links(), Descriptors());
        Round(rounds);
        Eventually.Equal(links, Links);
        // Connections of clients come and go meanwhile.
        Eventually.True(() => Descriptors() <= descriptors, () => $"{Descriptors()} descriptors, before {descriptors}");
        foreach (var network in made)
            Docker.Run("network", "rm", network).Succeeded();

        void Round(int times)
        {
            for (var i = 0; i < times; i++)
            {
                foreach (var action in (string[])["connect", "disconnect"])
                {
                    foreach (var network in made)
                        Assert.Equal(200, RawHttp.Post(engine, $"/networks/{network}/{action}", $$"""{"Container":"{{name}}"}""").Status);
                }
            }
        }

        string Links() => made.Sum(network => Directory.GetFileSystemEntries($"/sys/class/net/br-{Docker.Inspect(network, "{{.Id}}")[..12]}/brif").Length)
            + Docker.Text("exec", name, "ip", "-o", "link");

        int Descriptors() => Directory.GetFileSystemEntries($"/proc/{engine.Daemon.Pid}/fd").Length
            + Directory.GetFileSystemEntries($"/proc/{engine.Daemon.KeeperPid}/fd").Length;
    }
}
