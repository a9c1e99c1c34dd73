using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Soak;

/// <summary>Is ended by its user: by <c>stop</c>, <c>kill</c> or <c>rm -f</c>.</summary>
/// <param name="how">The command that ends it.</param>
internal sealed class StoppedLife(Client client, string name, int delay, string[] how) : Life(client, name, delay)
{
    private const int OwnCode = 9;

    protected override string[] Arguments =>
        ["run", "-d", "--name", Name, Engine.Image, "sh", "-c", $"trap 'exit {OwnCode}' TERM; echo 1; while :; do sleep 0.05; done"];

    protected override void VerifyFound(Damage damage)
    {
        // A trap is set after the start: a signal before it would end nothing in a process namespace of its own.
        Eventually.True(() => Client.Run("logs", Name).Output == "1\n" || damage == Damage.Both, () => "it does not begin");
        var asked = Client.Run([.. how, Name]);
        // What wrote while nobody held its pipe has ended by that before.
        if (damage == Damage.Both && how[0] == "kill" && asked.ExitCode != 0)
            Assert.Contains("is not running", asked.Error, StringComparison.Ordinal);
        else
            asked.Succeeded();
        if (how[0] == "rm")
            Assert.NotEqual(0, Client.Run("inspect", Name).ExitCode);
        else
            VerifyEnd(damage, how[0] == "stop" ? OwnCode : 137);
    }
}
