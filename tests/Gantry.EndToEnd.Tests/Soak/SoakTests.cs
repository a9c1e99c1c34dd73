using System.Globalization;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Soak;

/// <summary>
/// Container lives beside kills of the daemon, the keeper and the clients. <c>make soak</c> runs 500 of them: <c>GANTRY_SOAK_LIVES</c> is how many,
/// <c>GANTRY_SOAK_SEED</c> repeats what happened in a run that failed. <c>GANTRY_SOAK_CROWD</c> lives run with <c>GANTRY_SOAK_AT_ONCE</c> of them at once, by
/// <c>GANTRY_SOAK_CLIENTS</c> clients.
/// </summary>
[Trait("Only", "Gantry")]
public sealed class SoakTests
{
    private const int ShortRun = 24;

    [Fact]
    public void Nothing_is_lost_or_left_when_the_engine_s_processes_are_killed()
    {
        using var daemon = new Daemon(flags: ["--keep-removed-logs", "0"]);
        new Client(TestEnvironment.Gantry, daemon.Host).Run("load", "-i", TestEnvironment.ImageArchive).Succeeded();
        new SoakRun(daemon, Number("GANTRY_SOAK_SEED", 1)).Run(Number("GANTRY_SOAK_LIVES", ShortRun));
    }

    [Fact]
    public async Task A_crowd_loses_nothing_and_leaves_nothing()
    {
        using var daemon = new Daemon(flags: ["--keep-removed-logs", "0"]);
        new Client(TestEnvironment.Gantry, daemon.Host).Run("load", "-i", TestEnvironment.ImageArchive).Succeeded();
        await new CrowdRun(daemon, Number("GANTRY_SOAK_SEED", 1))
            .RunAsync(Number("GANTRY_SOAK_CROWD", 60), Number("GANTRY_SOAK_AT_ONCE", 20), Number("GANTRY_SOAK_CLIENTS", 8));
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
