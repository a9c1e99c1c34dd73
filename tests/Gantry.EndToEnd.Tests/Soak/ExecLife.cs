using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Soak;

/// <summary>Runs on while others run in it: a kill ends no container, and the next exec works.</summary>
internal sealed class ExecLife(Client client, string name, int delay, int code) : Life(client, name, delay)
{
    // The exec is the second command of one shell, so that a kill may fall into either.
    protected override string[] Arguments =>
        ["run", "-d", "--name", Name, Engine.Image, "sh", "-c", $"(sleep 0.1; sleep 0.2; touch /grown) & while [ ! -e /stop ]; do sleep 0.05; done; exit {code}"];

    protected override void VerifyFound(Damage damage)
    {
        Assert.Equal("running", Client.Inspect(Name, "{{.State.Status}}"));
        Assert.Equal("in 3\n", Client.Run("exec", Name, "sh", "-c", "echo in 3; exit 3").ExitsWith(3).Output);
        Client.Run("exec", "-d", Name, "touch", "/stop").Succeeded();
        VerifyEnd(damage, code);
    }
}
