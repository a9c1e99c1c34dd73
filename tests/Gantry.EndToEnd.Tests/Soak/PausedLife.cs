using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Soak;

/// <summary>Is paused while somebody is killed, stays so or does not, and goes on afterwards as if nothing had been.</summary>
internal sealed class PausedLife(Client client, string name, int delay, int lines, int code) : Life(client, name, delay)
{
    protected override string[] Arguments =>
        ["run", "-d", "--name", Name, Engine.Image, "sh", "-c", $"while [ ! -e /go ]; do sleep 0.05; done; {NumberedLife.Script(lines, code)}"];

    /// <summary>Both commands by one shell, so that a kill may fall into either.</summary>
    protected override Command Start() => Command.Start(
        ["sh", "-c", $"{string.Join(' ', Client.Prefix)} \"$@\" >/dev/null && {string.Join(' ', Client.Prefix)} pause {Name}", "sh", .. Arguments]);

    protected override void VerifyFound(Damage damage)
    {
        var status = Client.Inspect(Name, "{{.State.Status}}");
        Assert.True(status is "running" or "paused" || (damage == Damage.Both && status == "exited"), status);
        if (status == "paused") Client.Run("unpause", Name).Succeeded();
        if (status != "exited") Client.Run("exec", "-d", Name, "touch", "/go").Succeeded();
        VerifyEnd(damage, code);
        VerifyLog(damage, status == "exited" ? 0 : lines);
    }
}
