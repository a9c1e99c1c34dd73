using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Soak;

/// <summary>Runs on while others run in it: a kill ends neither it nor an exec, whose client learns its code or an error; and the next exec works.</summary>
internal sealed class ExecLife(Client client, string name, int delay, int lines, int code) : Life(client, name, delay)
{
    private const int ExecCode = 3, NotStartedCode = 126, BrokenPipeCode = 128 + 13;

    protected override string[] Arguments => ["run", "-d", "--name", Name, Engine.Image, "sh", "-c", $"while [ ! -e /stop ]; do sleep 0.05; done; exit {code}"];

    protected override int ToldCode => ExecCode;

    /// <summary>
    /// Docker's client ends with -1, without a word, when the daemon cannot be asked for the code of an exec. And what writes while nobody holds
    /// its pipe ends by SIGPIPE: that is its code. Why an exec was not started is told, as docker does it, where its output would be.
    /// </summary>
    protected override bool IsToldSilently(Damage damage) =>
        (Client.Prefix[0] == TestEnvironment.DockerClient && Told.ExitCode == 255) || (damage == Damage.Both && Told.ExitCode == BrokenPipeCode)
        || (Told.ExitCode == NotStartedCode && Told.Output.EndsWith("the keeper closed the connection\r\n", StringComparison.Ordinal));

    /// <summary>Both commands by one shell, so that a kill may fall into either.</summary>
    protected override Command Start() => Command.Start(
        ["sh", "-c", $"{string.Join(' ', Client.Prefix)} \"$@\" >/dev/null && {string.Join(' ', Client.Prefix)} exec {Name} sh -c '{NumberedLife.Script(lines, ExecCode)}'", "sh", .. Arguments]);

    protected override void VerifyFound(Damage damage)
    {
        if (damage == Damage.None)
            Assert.Equal(string.Concat(Enumerable.Range(1, lines).Select(number => $"{number}\n")), Told.Output);
        var status = Client.Inspect(Name, "{{.State.Status}}");
        if (damage == Damage.Both && status == "exited")
        {
            // Nobody was left who knew of a process that was being made: it was ended, and is said not to be known.
            VerifyEnd(damage, code);
            return;
        }

        Assert.Equal("running", status);
        Assert.Equal("in 3\n", Client.Run("exec", Name, "sh", "-c", "echo in 3; exit 3").ExitsWith(3).Output);
        Client.Run("exec", "-d", Name, "touch", "/stop").Succeeded();
        VerifyEnd(damage, code);
    }
}
