using System.Globalization;
using Gantry.EndToEnd.Tests.Api;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Survival;

/// <summary>
/// The published keeper creates containers in four threads while it collects its garbage all the time, having next to no young generation: a
/// child that ran anything of the runtime would hang, or end the keeper. <c>GANTRY_SOAK_CREATIONS</c> says how many; <c>make soak</c> asks for
/// 10,000.
/// </summary>
[Trait("Only", "Gantry")]
public sealed class CollectedCreationTests
{
    private const int Creators = 4;

    private static readonly int s_creations = int.Parse(Environment.GetEnvironmentVariable("GANTRY_SOAK_CREATIONS") ?? "300", CultureInfo.InvariantCulture);

    [Fact]
    public void None_hangs_or_harms_the_keeper()
    {
        // Hexadecimal: a young generation of 4 KiB is full with each request; and each collection moves everything.
        using var engine = new Engine(new Dictionary<string, string> { ["DOTNET_GCgen0size"] = "1000", ["DOTNET_GCGen0MaxBudget"] = "1000",
            ["DOTNET_GCgen1size"] = "1000", ["DOTNET_gcConcurrent"] = "0" });
        engine.Docker.Run("run", "--rm", "--network", "none", Engine.Image, "true").Succeeded();
        var keeper = engine.Daemon.KeeperPid;
        var left = s_creations;
        Parallel.For(0, Creators, new ParallelOptions { MaxDegreeOfParallelism = Creators }, _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0) CreateOne(engine);
        });
        Assert.Equal(keeper, engine.Daemon.KeeperPid);
    }

    private static void CreateOne(Engine engine)
    {
        var name = $"e2e-collected-{Guid.NewGuid():N}"; // Removed below, ten thousand of them.
        var created = RawHttp.Post(engine, "/containers/create?name=" + name,
            $$$"""{"Image":"{{{Engine.Image}}}","Cmd":["sh","-c","exit 7"],"HostConfig":{"NetworkMode":"none"}}""");
        Assert.True(created.Status == 201, created.Body);
        var started = RawHttp.Post(engine, $"/containers/{name}/start");
        Assert.True(started.Status == 204, started.Body);
        Assert.Contains("\"StatusCode\":7", RawHttp.Post(engine, $"/containers/{name}/wait").Body, StringComparison.Ordinal);
        Assert.Equal(204, RawHttp.Send(engine, "DELETE", $"/containers/{name}?force=1").Status);
    }
}
