using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Soak;

/// <summary>Is removed at its end by <c>--rm</c>, whoever was killed before.</summary>
internal sealed class RemovedLife(Client client, string name, int delay, int lines, int code) : Life(client, name, delay)
{
    protected override string[] Arguments => ["run", "--rm", "--name", Name, Engine.Image, "sh", "-c", NumberedLife.Script(lines, code)];

    protected override void VerifyGone(Damage damage)
    {
        if (damage is Damage.Keeper or Damage.KeeperTwice)
            // What it wrote may have been inside the keeper, but how it ended is known; or it did not start, and its client says why.
            Assert.True(Told.ExitCode == code || Told.ExitCode == 125 && Told.Error.Length > 0, $"{Told}");
        else if (damage == Damage.None)
            Assert.Equal(string.Concat(Enumerable.Range(1, lines).Select(number => $"{number}\n")), Told.ExitsWith(code).Output);
    }

    protected override void VerifyFound(Damage damage) =>
        Eventually.True(() => Client.Run("inspect", Name).ExitCode != 0, () => $"it was not removed: {Client.Run("inspect", Name)}");
}
