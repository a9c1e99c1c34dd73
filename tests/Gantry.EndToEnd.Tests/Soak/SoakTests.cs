using System.Globalization;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Soak;

/// <summary>
/// Container lives beside kills of the daemon, the keeper and the clients. <c>make soak</c> runs 500 of them: <c>GANTRY_SOAK_LIVES</c> is how many,
/// <c>GANTRY_SOAK_SEED</c> repeats what happened in a run that failed.
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

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
