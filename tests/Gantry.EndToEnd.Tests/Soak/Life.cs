using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Soak;

/// <summary>The life of one container: what a user does with it, and what has to be true of it after somebody was killed meanwhile.</summary>
/// <param name="client">The command line that is used.</param>
/// <param name="name">The container's name.</param>
/// <param name="delay">How long after the beginning of the round it begins, in milliseconds.</param>
internal abstract class Life(Client client, string name, int delay)
{
    private Command? _command;

    /// <summary>How long after the beginning of the round it begins, in milliseconds.</summary>
    public int Delay => delay;

    /// <summary>What the command line said, once it has ended.</summary>
    protected CommandResult Told { get; private set; } = null!;

    protected Client Client => client;

    protected string Name => name;

    /// <summary>The command line of the life's beginning.</summary>
    protected abstract string[] Arguments { get; }

    /// <summary>What that command line ends with, if it is not disturbed.</summary>
    protected virtual int ToldCode => 0;

    /// <summary>Whether the client's code, with nothing said about it, is right after this damage.</summary>
    protected virtual bool IsToldSilently(Damage damage) => false;

    public override string ToString() => $"{GetType().Name} {name} after {delay} ms, {Path.GetFileName(client.Prefix[0])} {string.Join(' ', Arguments)}";

    /// <summary>Begins it.</summary>
    public void Begin() => _command = Start();

    /// <summary>Kills its command line, if that has not ended.</summary>
    public void KillClient()
    {
        if (_command is { HasExited: false } running) Command.Run(["sh", "-c", $"kill -KILL {running.Pid}"]);
    }

    /// <summary>Waits until its command line has ended, by itself or for want of a daemon.</summary>
    public void EndClient()
    {
        Told = _command!.Wait();
        _command.Dispose();
    }

    /// <summary>Goes on with it to its end, and fails if something was lost that must not be.</summary>
    public void Verify(Damage damage)
    {
        // A code that is not the process's is told as what it is: an error.
        var isTold = Told.ExitCode == ToldCode || damage is not Damage.None && Told.ExitCode != 0 && (Told.Error.Length > 0 || IsToldSilently(damage));
        Assert.True(isTold || damage == Damage.Clients, $"the client was told something else than {ToldCode}: {Told}");
        if (client.Run("inspect", "--format", "{{.State.Status}}", name) is not { ExitCode: 0 } found)
        {
            VerifyGone(damage);
            return;
        }

        var status = found.Text;
        if (status != "created")
            VerifyFound(damage);
        else
            Assert.True(damage != Damage.None && Told.ExitCode != 0, $"it was not started, and the client was not told: {Told}");
    }

    /// <summary>Starts the command line.</summary>
    protected virtual Command Start() => client.Start(Arguments);

    /// <summary>There is no such container.</summary>
    protected virtual void VerifyGone(Damage damage) =>
        Assert.True(damage != Damage.None && Told.ExitCode != 0, $"it is gone, and the client was not told: {Told}");

    /// <summary>The container is there, and was started.</summary>
    protected abstract void VerifyFound(Damage damage);

    /// <summary>Waits for its end; fails unless it is this one, or, after daemon and keeper were killed, is said not to be known.</summary>
    protected void VerifyEnd(Damage damage, int expected)
    {
        var told = client.Run("wait", name);
        var state = client.Text("inspect", "--format", "{{.State.Status}} {{.State.ExitCode}} {{.State.Pid}}|{{.State.Error}}", name);
        if (damage == Damage.Both && state.StartsWith("exited 255 0|", StringComparison.Ordinal))
            Assert.Contains("the exit code is not known", state, StringComparison.Ordinal);
        else
            Assert.True(state == $"exited {expected} 0|" && told.Text == $"{expected}", $"state \"{state}\", expected {expected}; {told}");
    }

    /// <summary>Fails unless the log is these lines; after daemon and keeper were killed some may be missing.</summary>
    protected void VerifyLog(Damage damage, int lines)
    {
        var expected = Enumerable.Range(1, lines).Select(number => $"{number}").ToArray();
        var log = client.Run("logs", name).Succeeded().Output.Replace("\r", "", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (damage == Damage.Both)
            Assert.True(IsAscending(log), $"the log has lines twice or torn:\n{string.Join(' ', log)}");
        else
            Assert.True(log.SequenceEqual(expected), $"the log has {log.Length} of {lines} lines:\n{string.Join(' ', log)}");
    }

    private static bool IsAscending(string[] log) =>
        log.All(line => int.TryParse(line, out _)) && log.Zip(log.Skip(1)).All(pair => int.Parse(pair.First) < int.Parse(pair.Second));
}
