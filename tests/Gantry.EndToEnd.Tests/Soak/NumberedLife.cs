using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Soak;

/// <summary>Writes numbered lines and ends with a code of its own: no line and no code may be lost.</summary>
/// <param name="options">Of <c>run</c>: in the background, with a terminal, with a log that is rotated ...</param>
/// <param name="lines">How many lines it writes.</param>
/// <param name="code">What it ends with.</param>
internal sealed class NumberedLife(Client client, string name, int delay, string[] options, int lines, int code) : Life(client, name, delay)
{
    protected override string[] Arguments => ["run", "--name", Name, .. options, Engine.Image, "sh", "-c", Script(lines, code)];

    protected override int ToldCode => options.Contains("-d") ? 0 : code;

    /// <summary>Writes lines in bursts, so that a kill meets the pipe in all states.</summary>
    public static string Script(int lines, int code) =>
        $"i=0; while [ $i -lt {lines} ]; do i=$((i+1)); echo $i; [ $((i % 40)) -ne 0 ] || sleep 0.0$((i % 7)); done; exit {code}";

    protected override void VerifyFound(Damage damage)
    {
        VerifyEnd(damage, code);
        VerifyLog(damage, lines);
    }
}
