using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Soak;

/// <summary>Is removed at its end by <c>--rm</c>, whoever was killed before.</summary>
internal sealed class RemovedLife(Client client, string name, int delay, int lines, int code) : Life(client, name, delay)
{
    protected override string[] Arguments => ["run", "--rm", "--name", Name, Engine.Image, "sh", "-c", NumberedLife.Script(lines, code)];

    protected override int ToldCode => code;

    protected override void VerifyGone(Damage damage)
    {
        // What it wrote may have been inside the keeper; how it ended is known all the same.
        if (damage == Damage.None)
            Assert.Equal(string.Concat(Enumerable.Range(1, lines).Select(number => $"{number}\n")), Told.Output);
    }

    protected override void VerifyFound(Damage damage) =>
        Eventually.True(() => Client.Run("inspect", Name).ExitCode != 0, () => $"it was not removed: {Client.Run("inspect", Name)}");
}
