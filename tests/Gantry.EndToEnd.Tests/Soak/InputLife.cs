using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Soak;

/// <summary>Reads lines from its client until that has no more, or is gone: then its input ends, whoever was killed, and so does it.</summary>
internal sealed class InputLife(Client client, string name, int delay, int lines, int code) : Life(client, name, delay)
{
    protected override string[] Arguments => ["run", "-i", "--name", Name, Engine.Image, "sh", "-c", $"cat; exit {code}"];

    protected override int ToldCode => code;

    protected override Command Start() => Command.Start(
        ["sh", "-c", $"seq 1 {lines} | {string.Join(' ', Client.Prefix)} \"$@\"", "sh", .. Arguments]);

    protected override void VerifyFound(Damage damage)
    {
        VerifyEnd(damage, code);
        // What the client had not sent when it or the daemon ended is not there; but nothing else is missing, and nothing is there twice.
        var log = Client.Run("logs", Name).Succeeded().Output;
        var sent = string.Concat(Enumerable.Range(1, lines).Select(number => $"{number}\n"));
        Assert.True(damage == Damage.None ? log == sent : sent.StartsWith(log, StringComparison.Ordinal), $"the log is not what was sent:\n{log}");
    }
}
