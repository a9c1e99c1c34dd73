using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Soak;

/// <summary>Is started again by its restart policy, until that says it is enough, or its user does.</summary>
/// <param name="always">The policy <c>always</c>; else <c>on-failure</c> with two more tries.</param>
internal sealed class PolicyLife(Client client, string name, int delay, bool always) : Life(client, name, delay)
{
    private const int Code = 6;

    protected override string[] Arguments =>
        ["run", "-d", "--name", Name, "--restart", always ? "always" : "on-failure:2", Engine.Image, "sh", "-c", $"echo run; sleep 0.1; echo end; exit {Code}"];

    protected override void VerifyFound(Damage damage)
    {
        if (always)
        {
            Eventually.True(() => Runs() >= 3, () => "it is not started again");
            Client.Run("stop", "-t", "0", Name).Succeeded();
            Assert.StartsWith("exited ", Client.Inspect(Name, "{{.State.Status}} {{.State.ExitCode}}"), StringComparison.Ordinal);
            return;
        }

        Eventually.True(() => Client.Inspect(Name, "{{.State.Status}}") == "exited", () => $"it does not end: {Client.Inspect(Name, "{{json .State}}")}");
        Assert.Equal($"{Code}", damage == Damage.Both ? $"{Code}" : Client.Inspect(Name, "{{.State.ExitCode}}"));
        // A daemon that is killed right after a start has not counted it.
        var runs = Runs();
        Assert.True(runs is 3 || damage != Damage.None && runs is 4 || damage == Damage.Both, $"{runs} runs:\n{Client.Text("logs", Name)}");
    }

    private int Runs() => Client.Run("logs", Name).Succeeded().Output.Split('\n').Count(line => line == "run");
}
